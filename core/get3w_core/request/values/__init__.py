"""The value types that request classes are written in.

Imports `errors` and `_common`. Knows nothing of request classes.
"""
