"""JSON Schema documents: reading, references, dialects, merging, validation.

Imports `text`, `budget` and `problems`. Knows nothing of Python code or of Get3W.
"""
