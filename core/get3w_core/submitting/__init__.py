"""The submit: the one call that costs money, sent again only if it was surely not accepted.

Imports `reconciling`, `api` and below; knows no client.
"""
