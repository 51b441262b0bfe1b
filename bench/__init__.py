"""Benchmarks beside other packages; `python -m bench` measures and writes docs/benchmarks/."""
