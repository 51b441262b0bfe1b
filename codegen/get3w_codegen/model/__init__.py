"""The intermediate representation between schemas and code, and the names in it.

Imports `jsonschema` and below. Holds plain data, with nothing left of JSON Schema's spelling.
"""
