"""The commands and their options: a table, the parser made of it, and the names of parameters.

The table is data, so that completions need no parser. May import `package` and `_common`.
"""
