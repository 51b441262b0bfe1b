"""The HTTP API as ASGI: routing, both surfaces, the admin calls, and middleware.

Imports `state` and below.
"""
