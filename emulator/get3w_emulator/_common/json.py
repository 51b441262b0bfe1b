"""JSON values as types for the type checker, and JSON pointers to parts of them."""

from collections.abc import Iterable
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
