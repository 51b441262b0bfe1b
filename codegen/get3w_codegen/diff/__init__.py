"""What changed between two catalogues, and what it means for a caller.

Imports `catalogue` and below. Changes nothing but the changelog it is told to extend.
"""
