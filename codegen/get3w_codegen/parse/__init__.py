"""Parse schema files into the intermediate representation.

Imports `lint`, `model`, `analysis` and below. Writes no source text.
"""
