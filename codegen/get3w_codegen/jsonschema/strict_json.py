"""JSON as the standard has it, where Python's reader would take more."""

import json
import math
from collections import Counter
from functools import partial
from typing import Any, NoReturn

# The quotes of word processors.
CURLY = tuple("\u201c\u201d\u201e\u201f\u2018\u2019\u201a\u00ab\u00bb")
STRAIGHT = 'Write straight quotes (") for the typographic ones'

Twice = list[tuple[dict[str, Any], str]]


def loads(text: str, twice: Twice | None = None) -> object:
    """Return the value that *text* says.

    Args:
        text: What is to be read.
        twice: Where to note objects that have a name twice, each with the name; of such a name the
            last value counts.

    Raises:
        ValueError: It is not JSON; NaN, Infinity and numbers beyond a float's range are none.
        RecursionError: It is nested too deeply.
    """
    hook = None if twice is None else partial(_object, twice)
    return json.loads(text, parse_constant=_refuse, parse_float=_finite, object_pairs_hook=hook)


def _object(twice: Twice, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        names = Counter(name for name, _ in pairs)
        twice += [(made, name) for name, number in names.items() if number > 1]
    return made


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text} is too large")
    return number
