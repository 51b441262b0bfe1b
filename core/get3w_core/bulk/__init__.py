"""Submitting many requests: bounded, in order, and without losing the handle of a paid task.

Imports the clients and below; nothing imports it but the package root.
"""
