"""The endpoints: build a request, read its answer, decide whether it may be sent again.

One module for each kind of call. Imports `files`, `http`, `flow` and below; knows no client.
"""
