"""One module for each group of commands; each command is loaded when it is used.

May import every other room. The core is imported inside the commands that need it.
"""
