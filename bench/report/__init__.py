"""Writes the pages: raw figures become ratios, exponents, tables and plots.

Reads figures and the description of a page, never what was measured or how.
"""
