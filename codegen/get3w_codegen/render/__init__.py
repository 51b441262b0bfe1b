"""Render the intermediate representation as source text.

Imports `model` and below. The one room that knows datamodel-code-generator, Jinja and ruff.
"""
