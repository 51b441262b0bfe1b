"""What is wrong with a request, in words for people; loaded when something is wrong.

Imports `request.values` and below. Never decides whether a request is valid.
"""
