"""What every room of the command line uses: exit statuses, faults of use, suggestions.

Imports nothing else of the package, and nothing that is slow to load.
"""
