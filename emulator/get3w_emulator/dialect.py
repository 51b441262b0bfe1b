"""Spellings of OpenAPI 3.0 and older drafts, read as JSON Schema 2020-12 reads its own."""

from get3w_emulator.jsontypes import JSON, JSONObject

# Values there are values of the instance, or schemas by name.
_PLAIN = ("const", "default", "enum", "examples")
_DEFINITIONS = ("$defs", "definitions")
_NAMED = ("$defs", "definitions", "dependentSchemas", "patternProperties", "properties")


def modern(schema: JSON) -> JSON:
    """Return *schema* without `nullable`, boolean exclusive bounds and lists of `items`."""
    if isinstance(schema, list):
        return [modern(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    node: JSONObject = {}
    for key, value in schema.items():
        if key in _NAMED and isinstance(value, dict):
            node[key] = {name: modern(part) for name, part in value.items()}
        else:
            node[key] = value if key in _PLAIN or key.startswith("x-") else modern(value)
    for exclusive, bound in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
        if isinstance(node.get(exclusive), bool) and node.pop(exclusive) and bound in node:
            node[exclusive] = node.pop(bound)
    if isinstance(node.get("$recursiveRef"), str):
        node.setdefault("$ref", node.pop("$recursiveRef"))
    if isinstance(node.get("items"), list):
        node["prefixItems"] = node.pop("items")
        if "additionalItems" in node:
            node["items"] = node.pop("additionalItems")
    if node.pop("nullable", False) is not True:
        return node
    definitions: JSONObject = {key: node.pop(key) for key in _DEFINITIONS if key in node}
    if not node.keys() & {"type", "enum", "const", "anyOf", "oneOf", "allOf", "$ref"}:
        return {**node, **definitions}
    return {"anyOf": [{"type": "null"}, node], **definitions}
