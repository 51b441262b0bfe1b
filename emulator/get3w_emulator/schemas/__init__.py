"""The models: their schema files, and judging a body by them.

Imports `_common`. Independent of the generator on purpose: it reads schemas a second time.
"""
