"""The page for people: its data, its programs, and its static files.

Imports `api` and below.
"""
