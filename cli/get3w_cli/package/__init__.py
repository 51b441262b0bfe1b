"""A generated package as data: which models it has, and what each model takes.

Models are read from the package's files, not imported: this costs neither pydantic nor httpx, which
a completion and a help page have no time for. What an input has to fulfil is never judged here;
that is the request class's business.
"""
