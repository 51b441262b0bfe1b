"""Small things that every room uses: JSON types, the clock, the words of API answers.

Imports nothing else of the package.
"""
