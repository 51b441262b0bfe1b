"""What a schema accepts, reasoned about without a value at hand.

Imports `jsonschema` and below. Never changes a document that others hold.
"""
