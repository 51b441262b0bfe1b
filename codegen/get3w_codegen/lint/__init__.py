"""Find mistakes in a schema, each with its place and what to do about it.

Imports `analysis` and below. Never refuses a schema itself; it returns findings.
"""
