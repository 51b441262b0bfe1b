"""Small things that every room uses: JSON as a type, secrets, logging, checks of arguments.

Imports `errors` only. Knows nothing of requests, clients or HTTP.
"""
