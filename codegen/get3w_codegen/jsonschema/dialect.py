"""Rewrite older drafts of JSON Schema, and OpenAPI 3.0 keywords, as draft 2020-12."""

import re
from collections.abc import Callable
from typing import Any, cast

from get3w_codegen.jsonschema.keywords import MAPS, VALUES, JsonObject, is_object
from get3w_codegen.jsonschema.merge import ASSERTIONS

# Before 2019-09 an anchor was an `$id` that is a fragment alone.
_ANCHOR = re.compile(r"#[A-Za-z_][-A-Za-z0-9._]*")
_APPLIED = ("$ref", "allOf", "anyOf", "oneOf")


def modern(schema: Any) -> Any:
    """Return *schema* with the keywords of older drafts and OpenAPI rewritten as 2020-12."""
    return _rewritten(schema, _modern)


def with_nulls(schema: Any) -> Any:
    """Return *schema* with OpenAPI's `nullable` rewritten as a null type."""
    return _rewritten(schema, _with_null)


def _rewritten(schema: Any, rewrite: Callable[[JsonObject], JsonObject]) -> Any:
    if isinstance(schema, list):
        return [_rewritten(item, rewrite) for item in cast("list[object]", schema)]
    if not is_object(schema):
        return schema
    node: JsonObject = {}
    for key, value in schema.items():
        if (key in MAPS or key == "dependencies") and is_object(value):
            node[key] = {name: _rewritten(part, rewrite) for name, part in value.items()}
        elif key in VALUES or key.startswith("x-"):
            node[key] = value
        else:
            node[key] = _rewritten(value, rewrite)
    return rewrite(node)


def _modern(node: JsonObject) -> JsonObject:
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(node.get(exclusive), bool) and node.pop(exclusive) and bound in node:
            node[exclusive] = node.pop(bound)
    if isinstance(node.get("$recursiveRef"), str):
        # 2019-09 knows but one way to refer on: to the whole schema.
        node.setdefault("$ref", node.pop("$recursiveRef"))
    if isinstance(node.get("items"), list):
        node["prefixItems"] = node.pop("items")
        if "additionalItems" in node:
            node["items"] = node.pop("additionalItems")
        if not node["prefixItems"]:
            del node["prefixItems"]
    stated = node.get("dependencies")
    # A definition may be called so too, in a map of definitions that is none of JSON Schema's.
    if isinstance(stated, dict) and all(
        isinstance(needed, list | dict | bool) for needed in cast("JsonObject", stated).values()
    ):
        for name, needed in cast("JsonObject", node.pop("dependencies")).items():
            key = "dependentRequired" if isinstance(needed, list) else "dependentSchemas"
            if isinstance(node.setdefault(key, {}), dict):
                node[key] = {**node[key], name: needed}
    # OpenAPI 3.0 has one example, where null says that null can be given.
    if "example" in node and "examples" not in node and ASSERTIONS & node.keys():
        example = node.pop("example")
        if example is not None:
            node["examples"] = [example]
    for key in ("$id", "id"):
        if _ANCHOR.fullmatch(str(node.get(key))):
            node.setdefault("$anchor", node.pop(key)[1:])
    return node


def _with_null(node: JsonObject) -> JsonObject:
    """Return *node* with null among its values, in whatever way it lists them."""
    if not isinstance(node.get("nullable"), bool) or not node.pop("nullable"):
        return node
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
