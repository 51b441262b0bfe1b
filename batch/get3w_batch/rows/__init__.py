"""Rows: read them from files, turn their cells into a model's input, check all before any is sent.

It may import the errors and the public names of get3w_core and get3w_models; it sends nothing and
knows nothing of journals.
"""
