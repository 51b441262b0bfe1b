"""From the words of a command line to a checked request.

May import `package`, `arguments` and `_common`, and the request classes of the package by name.
"""
