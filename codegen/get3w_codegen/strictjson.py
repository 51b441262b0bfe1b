"""JSON as the standard has it, where Python's reader would take more."""

import json
import math
from typing import NoReturn


def loads(text: str) -> object:
    """Return the value that *text* says.

    Raises:
        ValueError: It is not JSON; NaN, Infinity and numbers beyond a float's range are none.
        RecursionError: It is nested too deeply.
    """
    return json.loads(text, parse_constant=_refuse, parse_float=_finite)


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text} is too large")
    return number
