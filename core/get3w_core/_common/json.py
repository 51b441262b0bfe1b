"""The type of JSON data; parse it, and read a value only if it has the expected type."""

from __future__ import annotations

import json
import math
from typing import TypeAlias, cast

JsonValue: TypeAlias = "bool | int | float | str | list[JsonValue] | dict[str, JsonValue] | None"
"""Anything that JSON can say."""


def parse_json(text: str | bytes) -> JsonValue:
    """Parse *text*.

    Raises:
        ValueError: It is not JSON, or nested too deeply to be an honest answer.
    """
    try:
        return cast("JsonValue", json.loads(text))
    except RecursionError:
        raise ValueError("nested too deeply") from None


def as_object(value: JsonValue) -> dict[str, JsonValue]:
    """Return *value* if it is an object, else an empty one."""
    return value if isinstance(value, dict) else {}


def as_text(value: JsonValue) -> str | None:
    """Return *value* if it is a string with something in it."""
    return value if isinstance(value, str) and value else None


def as_integer(value: JsonValue) -> int | None:
    """Return *value* if it is a whole number (true is none)."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return int(value) if float.is_integer(value) else None
    return value if isinstance(value, int) else None


def as_number(value: JsonValue) -> float | None:
    """Return *value* if it is a finite number (true is none)."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return None if isinstance(value, float) and not math.isfinite(value) else value
