"""Detect regular expressions that may take exponential time."""

import re
from functools import cache

from get3w_codegen.jsonschema.patterns import is_linear, portable

_PIECE = re.compile(
    r"\\.|\[\^?(?:\\.|[^\]\\])*\]|\((?:\?(?:P?<\w+>|<?[=!]|:))?|(?P<many>[*+]|\{\d+,\})|(?P<one>.)",
    re.DOTALL,
)


@cache
def may_take_long(pattern: str) -> bool:
    """Return whether *pattern* nests quantifiers and needs a backtracking engine.

    Most patterns are run by an engine whose time grows with the text alone, whatever they repeat.
    Look-around and references to groups are left to one that counts its steps, and refuses the
    text where they are used up.
    """
    text = portable(pattern)
    return text is not None and not is_linear(text) and _repeats_repeated(pattern)


def _repeats_repeated(pattern: str) -> bool:
    """Return whether an unbounded quantifier follows a group that holds one, or a choice."""
    open_groups = [False]
    closed = False
    for piece in _PIECE.finditer(pattern):
        text = piece[0]
        if piece["many"]:
            if closed:
                return True
            open_groups[-1] = True
        elif text == "|":
            open_groups[-1] = True
        elif text[0] == "(":
            open_groups.append(False)
        closed = False
        if text == ")" and len(open_groups) > 1:
            closed = open_groups.pop()
            open_groups[-1] |= closed
    return False
