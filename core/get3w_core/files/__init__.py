"""Local files for uploads, what outputs are, and which uploads can be reused.

Imports `flow` and below. Never sends anything.
"""
