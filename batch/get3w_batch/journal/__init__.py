"""The journal: what became of each row, on disk before anything else happens.

It may import the errors, results and rows; it sends nothing. All of it runs in one thread
(`Journal`), which writes what many rows wait for in one transaction.
"""
