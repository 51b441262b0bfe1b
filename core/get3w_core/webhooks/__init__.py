"""Deliveries from Get3W to an address of yours: reading and verifying them.

Imports `api` and below; knows no client.
"""
