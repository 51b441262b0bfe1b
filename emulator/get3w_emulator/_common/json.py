"""JSON values as types for the type checker."""

from typing import TypeAlias

JSON: TypeAlias = "dict[str, JSON] | list[JSON] | str | int | float | bool | None"
"""Any JSON value."""

JSONObject: TypeAlias = dict[str, JSON]
"""A JSON object."""
