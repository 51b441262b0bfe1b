"""The submit: the one call that costs money, sent again only if it was surely not accepted.

Imports `reconcile`, `api` and below; knows no client.
"""
