"""The base of the generated request classes: validation, and the JSON body they become.

Imports `errors` and `_common`. Never sends anything and never opens a file.
"""
