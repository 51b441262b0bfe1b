"""A schema as a person reads it: what each place may hold, found without the generator's code."""


def read(root, node):
    """Return *node* with what it refers to, and what all of `allOf` say, in one object."""
    return _read(root, node, frozenset())


def _read(root, node, seen):
    if not isinstance(node, dict):
        return {}
    result = {key: value for key, value in node.items() if key not in ("$ref", "allOf")}
    parts = list(node.get("allOf", []))
    if isinstance(node.get("$ref"), str) and node["$ref"] not in seen:
        seen = seen | {node["$ref"]}
        parts.insert(0, _target(root, node["$ref"]))
    for part in parts:
        for key, value in _read(root, part, seen).items():
            if key == "properties":
                result[key] = {**value, **result.get(key, {})}
            elif key == "required":
                result[key] = list(dict.fromkeys([*result.get(key, []), *value]))
            else:
                result.setdefault(key, value)
    return result


def _target(root, reference):
    found = root
    for step in reference.split("/")[1:]:
        found = found[step.replace("~1", "/").replace("~0", "~")]
    return found


def alternatives(root, node):
    """Return an object for each kind of value that may stand here, null apart.

    Returns:
        The kinds, and whether null is one of the values.
    """
    found = list(_kinds(root, read(root, node)))
    plain = [each for each in found if each.get("type") != "null"]
    anything = any("type" not in each and "enum" not in each for each in plain)
    return plain, anything or len(plain) < len(found)


def _kinds(root, schema):
    branches = schema.get("anyOf") or schema.get("oneOf")
    if branches and "enum" not in schema:
        rest = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf")}
        for branch in branches:
            part = branch if isinstance(branch, dict) else {}
            yield from _kinds(root, read(root, {**rest, **part}))
        return
    values = (
        schema["enum"] if "enum" in schema else [schema["const"]] if "const" in schema else None
    )
    stated = schema.get("type")
    if values is not None:
        kept = [value for value in values if value is not None and _is(value, stated)]
        if kept:
            yield {**schema, "enum": kept}
        if None in values and _is(None, stated):
            yield {"type": "null"}
    elif isinstance(stated, list):
        for kind in stated:
            if not (kind == "integer" and "number" in stated):
                yield {**schema, "type": kind}
    else:
        yield schema


_CLASSES = {
    "array": list,
    "boolean": bool,
    "integer": (int, float),
    "null": type(None),
    "number": (int, float),
    "object": dict,
    "string": str,
}


def _is(value, stated):
    kinds = stated if isinstance(stated, list) else [stated]
    return stated is None or any(
        isinstance(value, _CLASSES[kind]) and (kind == "boolean" or not isinstance(value, bool))
        for kind in kinds
    )
