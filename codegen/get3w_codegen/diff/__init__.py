"""Compare two catalogues of schemas, and judge what each change means for callers.

Imports `catalogue` and below. Changes nothing but the changelog it is told to extend.
"""
