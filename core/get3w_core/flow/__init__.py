"""Flows: each call of the API written once, as a generator that does no I/O itself (sans-IO).

A flow yields effects (`Send`, `Sleep`, `Work`) and gets their results. `driver` carries the effects
out, in the calling thread or in an event loop, so the sync and the async client cannot differ, and
tests step flows with a clock of their own. Imports `request` and below.
"""
