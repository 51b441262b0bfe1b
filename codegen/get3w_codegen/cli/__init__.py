"""The subcommands of `get3w-codegen`, one module each.

Imports every other room, inside of functions, so that each command loads what it needs.
"""
