"""The pipeline: load, parse, render and write, over all cores, whole or not at all.

Imports `render`, `parse` and below.
"""
