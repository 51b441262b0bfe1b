"""Reason about what a schema accepts, without any value to validate.

Imports `jsonschema` and below. Never changes a document that others hold.
"""
