"""Keeping a folder of schemas in step with the models there are: pull, diff, add, remove.

Nothing here decides what is generated, so a change here leaves the generator's digest as it is.
"""
