"""The errors of the package, and text of a server made safe to print in them.

Imports nothing else of the package. Never decides what happens; it only says what did.
"""
