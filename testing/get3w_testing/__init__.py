"""Test helpers for programs that use Get3W: see `get3w_testing.plugin`."""
