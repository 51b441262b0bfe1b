"""Rewrite OpenAPI 3.0 and older drafts of JSON Schema as 2020-12."""

import re
from collections.abc import Callable

from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator.schemas.keywords import BY_NAME, DEFINITIONS, VALUES

# Before 2019-09 an anchor was an address of nothing but a fragment.
_ANCHOR = re.compile(r"#[A-Za-z_][-A-Za-z0-9._]*")
_KINDS = frozenset({"type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"})


def modern(schema: JSON) -> JSON:
    """Return *schema* without what only older drafts know.

    Boolean exclusive bounds, lists of `items`, `dependencies` and anchors in `$id` are rewritten.
    `$schema` is left out: all is read as 2020-12.
    """
    return _rewritten(schema, _modern)


def with_nulls(schema: JSON) -> JSON:
    """Return *schema* without `nullable`."""
    return _rewritten(schema, _with_null)


def _rewritten(schema: JSON, rewrite: Callable[[JSONObject], JSONObject]) -> JSON:
    if isinstance(schema, list):
        return [_rewritten(each, rewrite) for each in schema]
    if not isinstance(schema, dict):
        return schema
    node: JSONObject = {}
    for key, value in schema.items():
        if key in (*BY_NAME, "dependencies") and isinstance(value, dict):
            node[key] = {name: _rewritten(part, rewrite) for name, part in value.items()}
        elif key in VALUES or key.startswith("x-"):
            node[key] = value
        else:
            node[key] = _rewritten(value, rewrite)
    return rewrite(node)


def _modern(node: JSONObject) -> JSONObject:
    if isinstance(node.get("$schema"), str):
        del node["$schema"]
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(node.get(exclusive), bool) and node.pop(exclusive) and bound in node:
            node[exclusive] = node.pop(bound)
    if isinstance(node.get("$recursiveRef"), str):
        node.setdefault("$ref", node.pop("$recursiveRef"))
    items = node.get("items")
    if isinstance(items, list):
        del node["items"]
        if items:
            node["prefixItems"] = items
        if "additionalItems" in node:
            node["items"] = node.pop("additionalItems")
    _split_dependencies(node)
    for key in ("$id", "id"):
        name = node.get(key)
        if isinstance(name, str) and _ANCHOR.fullmatch(name):
            node.setdefault("$anchor", name[1:])
            del node[key]
    return node


def _split_dependencies(node: JSONObject) -> None:
    stated = node.get("dependencies")
    # A definition may be called so too, in a map of definitions that is none of JSON Schema's.
    if not isinstance(stated, dict) or not all(
        isinstance(needed, list | dict | bool) for needed in stated.values()
    ):
        return
    del node["dependencies"]
    for name, needed in stated.items():
        key = "dependentRequired" if isinstance(needed, list) else "dependentSchemas"
        known = node.setdefault(key, {})
        if isinstance(known, dict):
            node[key] = {**known, name: needed}


def _with_null(node: JSONObject) -> JSONObject:
    if not isinstance(node.get("nullable"), bool) or not node.pop("nullable"):
        return node
    definitions: JSONObject = {key: node.pop(key) for key in DEFINITIONS if key in node}
    if not node.keys() & _KINDS:
        return {**node, **definitions}
    return {"anyOf": [{"type": "null"}, node], **definitions}
