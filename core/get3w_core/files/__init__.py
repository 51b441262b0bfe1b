"""Local files for uploads, and which uploads can be reused.

Imports `flow` and below. Never sends anything.
"""
