"""Convert text by the types in a schema; text that does not fit is returned unchanged."""

from __future__ import annotations

import json
from typing import Any, cast

_OF_TYPES: dict[type, str] = {
    bool: "boolean",
    int: "integer",
    float: "number",
    str: "string",
    list: "array",
    dict: "object",
}


def value_of_text(text: str, schema: object) -> object:
    """Return what *text* stands for in a parameter of *schema*: `"5"` is 5 for an integer.

    A text that stands for nothing of the wanted kind is returned as it is, for the check to refuse.
    """
    types, choices = _types(schema)
    if text in choices or not types or types == {"string"}:
        return text
    written = text.strip().lower() if text.strip().lower() in {"true", "false"} else text
    try:
        value: object = json.loads(written)
    except ValueError:
        return text
    kind = _OF_TYPES.get(type(value))
    fits = kind in types or (kind == "integer" and "number" in types)
    fits = fits or (isinstance(value, float) and value.is_integer() and "integer" in types)
    return value if fits else text


def _types(schema: object) -> tuple[set[str], list[object]]:
    """Return the JSON types that *schema* takes, and the values that it lists."""
    if not isinstance(schema, dict):
        return set(), []
    fields = cast("dict[str, Any]", schema)
    types, choices = set[str](), list[object]()
    named = fields.get("type")
    types |= {named} if isinstance(named, str) else set(cast("list[str]", named or []))
    listed = [*fields.get("enum", []), *([fields["const"]] if "const" in fields else [])]
    choices += listed
    types |= {_OF_TYPES[type(each)] for each in listed if type(each) in _OF_TYPES}
    for branch in (*fields.get("anyOf", []), *fields.get("oneOf", []), *fields.get("allOf", [])):
        more, listed = _types(branch)
        types |= more
        choices += listed
    if "$ref" in fields:
        types.add("object")
    return types, choices
