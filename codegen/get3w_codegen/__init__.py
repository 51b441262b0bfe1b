"""Generate a typed Python package on top of `get3w_core` from one JSON Schema per model."""
