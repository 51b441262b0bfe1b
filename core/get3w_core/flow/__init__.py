"""The sans-IO idea: a flow is a generator that yields effects (send, sleep, work), not I/O.

Each method of the API is written once as a flow. The drivers carry the effects out, with threads
or with asyncio, so the sync and the async client cannot differ. Imports `request` and below.
Never does I/O but in the drivers.
"""
