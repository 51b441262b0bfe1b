"""Keep a folder of schemas up to date: pull, add and remove models.

Imports `build` and below. The one room that reads from a network, and only when asked.
"""
