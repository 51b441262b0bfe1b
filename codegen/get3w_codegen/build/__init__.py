"""The pipeline: load, parse, render and write a package, using all cores.

Imports `render`, `parse` and below.
"""
