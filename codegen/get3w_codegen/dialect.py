"""Older spellings of JSON Schema, rewritten as 2020-12 before anything else looks at them."""

from typing import Any, cast

from get3w_codegen.model import JsonObject

# Where keys are names, not keywords.
_MAPS = ("properties", "patternProperties", "dependentSchemas", "$defs", "definitions")
# Where values are values, not schemas.
_LITERAL = ("const", "enum", "default", "examples")
_APPLIED = ("$ref", "allOf", "anyOf", "oneOf")


def modern(schema: Any) -> Any:
    """Return *schema* without OpenAPI's `nullable` and draft 4's boolean exclusive bounds."""
    if isinstance(schema, list):
        return [modern(item) for item in cast("list[object]", schema)]
    if not isinstance(schema, dict):
        return schema
    node: JsonObject = {}
    for key, value in cast("JsonObject", schema).items():
        if key in _MAPS and isinstance(value, dict):
            node[key] = {name: modern(part) for name, part in cast("JsonObject", value).items()}
        else:
            node[key] = value if key in _LITERAL or key.startswith("x-") else modern(value)
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(node.get(exclusive), bool) and node.pop(exclusive) and bound in node:
            node[exclusive] = node.pop(bound)
    nullable = node.pop("nullable", False)
    return _with_null(node) if nullable is True else node


def _with_null(node: JsonObject) -> JsonObject:
    """Return *node* with null among its values, in whatever way it lists them."""
    result: JsonObject = {}
    applied = {key: value for key, value in node.items() if key in _APPLIED}
    for key, value in node.items():
        if key == "type":
            stated = cast("list[object]", value if isinstance(value, list) else [value])
            result[key] = stated if "null" in stated else [*stated, "null"]
        elif key == "const":
            result["enum"] = [value, None]
        elif key == "enum" and isinstance(value, list) and None not in value:
            result[key] = [*cast("list[object]", value), None]
        elif key == "anyOf" and len(applied) == 1 and isinstance(value, list):
            result[key] = [*cast("list[object]", value), {"type": "null"}]
        elif key not in applied:
            result[key] = value
    if applied and "anyOf" not in result:
        result["anyOf"] = [applied, {"type": "null"}]
    return result
