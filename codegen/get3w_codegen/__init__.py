"""Turns per-model JSON Schemas into a typed Python package on top of `get3w_core`."""
