"""What goes wrong on request: faults of calls, and outcomes of tasks.

Imports `schemas` and below. Only decides; the middleware in `api` carries faults out.
"""
