"""What is printed: results on stdout, everything else on stderr, for people or as JSON.

rich is loaded for a terminal alone. May import `_common`; never decides what happens.
"""
