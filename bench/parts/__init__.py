"""One module a part: `measure` records its raw figures, `PAGE` says how they are shown.

A part runs as a process of its own, in the environment that it names, and may leave out what is not
installed there.
"""
