"""Conditions that never apply: a rule that is compiled for nothing makes every request slower."""

from collections.abc import Container
from typing import cast

from get3w_codegen.jsonschema.keywords import JsonObject


def surely_unfit(schema: object, names: Container[str]) -> bool:
    """Tell whether an object that has no name beside *names* surely does not fit *schema*."""
    if not isinstance(schema, dict):
        return False
    node = cast("JsonObject", schema)
    if any(wire not in names for wire in node.get("required", [])):
        return True
    branches = [
        [surely_unfit(part, names) for part in node.get(key, [])] for key in ("anyOf", "oneOf")
    ]
    return any(part and all(part) for part in branches) or any(
        surely_unfit(part, names) for part in node.get("allOf", [])
    )
