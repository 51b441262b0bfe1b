"""The command line of Get3W: the command `get3w`, and `python -m get3w_cli`.

Nothing is imported here: a completion at each press of Tab has no time for pydantic or httpx.
"""
