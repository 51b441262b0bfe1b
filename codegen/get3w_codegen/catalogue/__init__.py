"""Keeping a folder of schemas in step with the models there are: pull, add, remove.

Imports `build` and below. The one room that reads from a network, and only when asked.
"""
