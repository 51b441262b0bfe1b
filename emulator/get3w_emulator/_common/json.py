"""JSON values as types for the type checker, JSON pointers, and numbers as they were written."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeAlias

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
"""Any JSON value."""

JSONObject: TypeAlias = dict[str, JSON]
"""A JSON object."""


def pointer(path: Iterable[str | int]) -> str:
    """Write the way to a value as a JSON pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def steps(pointer: str) -> list[str]:
    """Return the steps of a JSON pointer."""
    return [step.replace("~1", "/").replace("~0", "~") for step in pointer.split("/")[1:]]


def as_written(value: JSON) -> JSON:
    """Return a value with each large integer that was read as a float as the integer it names.

    Beyond 2**53 a float is only the nearest to what was written: 1e23 is read as
    99999999999999991611392.
    """
    if isinstance(value, dict):
        return {name: as_written(part) for name, part in value.items()}
    if isinstance(value, list):
        return [as_written(part) for part in value]
    if isinstance(value, float) and abs(value) > 2**53 and value.is_integer():
        return int(Decimal(repr(value)))
    return value
