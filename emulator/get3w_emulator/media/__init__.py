"""The files that predictions end in, made by well-kept libraries when first asked for.

Imports `schemas` and below.
"""
