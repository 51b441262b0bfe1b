"""From a schema file to the intermediate representation.

Imports `lint`, `model`, `analysis` and below. Writes no source text.
"""
