"""Outputs, and values of other libraries (numpy, enum, yarl, ...), as plain values of JSON."""

from __future__ import annotations

import math
from decimal import Decimal
from enum import Enum
from numbers import Integral, Rational, Real
from operator import is_not
from typing import Final, cast

from get3w_core.outputs.kinds import FileOutput, TextOutput
from get3w_core.request.values.local_files import is_local_file

# What goes on the wire as it is. Asking pydantic's classes whether a value is theirs is slow.
PLAIN: Final = frozenset({str, int, float, bool, type(None)})


def plain_value(value: object) -> object:
    """Return *value* as JSON has it, the same object where that is all there is to it.

    A number is changed only if a JSON number is exactly as large; no library is imported.
    """
    if type(value) in PLAIN or is_local_file(value):
        return value
    if isinstance(value, FileOutput | TextOutput):
        return str(value)
    if isinstance(value, Enum):
        return plain_value(value.value)
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, list):
        items = cast("list[object]", value)
        plain = [plain_value(item) for item in items]
        return plain if any(map(is_not, items, plain)) else items
    if isinstance(value, dict):
        entries = cast("dict[object, object]", value)
        changed = {key: plain_value(item) for key, item in entries.items()}
        return changed if any(map(is_not, entries.values(), changed.values())) else entries
    if isinstance(value, Integral):
        return int(value)
    if isinstance(value, Real | Decimal):
        return _exact_number(value)
    if type(value).__module__ == "numpy" and type(value).__name__ in {"bool", "bool_"}:
        return bool(value)
    if _is_url(value):
        return str(value)
    return value


def _exact_number(value: Real | Decimal) -> object:
    try:
        near = float(value)
        if math.isinf(near):
            return value
        # Whole numbers stay whole; a float of any make stays a float.
        if isinstance(value, Rational | Decimal) and value == (whole := round(value)):
            return whole
        # Decimals are compared as they are written, since so are numbers in JSON.
        same = Decimal(repr(near)) if isinstance(value, Decimal) else near
        return near if same == value or math.isnan(near) else value
    except (ArithmeticError, ValueError):
        return value


def _is_url(value: object) -> bool:
    return hasattr(value, "scheme") and hasattr(value, "host") and "://" in str(value)
