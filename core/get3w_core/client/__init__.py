"""The clients, the handles on predictions, and waiting for many of them.

Imports every other room; nothing imports it but the package root.
"""
