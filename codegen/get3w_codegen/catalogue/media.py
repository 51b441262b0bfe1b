"""Find the parameters that take a file, from the several hints that a list entry gives."""

import re
from typing import cast

from get3w_codegen.jsonschema.keywords import JsonObject, is_object

_NAME = re.compile(r"(?:^|_)(image|video|audio)s?$")
_ACCEPT = re.compile(r"(image|video|audio)/")


def with_media(schema: JsonObject, known: JsonObject | None = None) -> JsonObject:
    """Return *schema* with `x-get3w-media` at the parameters that take a file.

    Args:
        schema: An object's schema.
        known: The schema as it was before, whose parameters were judged already.
    """
    properties = _object(schema.get("properties"))
    before = _object((known or {}).get("properties"))
    if not properties:
        return schema
    marked: JsonObject = {}
    for name, value in properties.items():
        part = value
        if is_object(part):
            old = before.get(name)
            items = _object(part.get("items"))
            if items.get("properties"):
                inner = _object(_object(old).get("items")) if old else None
                part = {**part, "items": with_media(items, inner)}
            elif not isinstance(old, dict) and (kind := _medium(name, part)):
                part = {**part, "x-get3w-media": kind}
        marked[name] = part
    return {**schema, "properties": marked}


def _medium(name: str, part: JsonObject) -> str | None:
    """Return what kind of file a parameter takes, or None."""
    text = part
    if part.get("type") == "array":
        text = _object(part.get("items"))
    if text.get("type") != "string" or "enum" in text or "x-get3w-media" in part:
        return None
    accept = part.get("x-accept") or _object(part.get("x-ui-component-props")).get("accept")
    kinds = set(_ACCEPT.findall(str(accept or "")))
    if kinds:
        return kinds.pop() if len(kinds) == 1 else None
    found = _NAME.search(name) if not accept else None
    return found[1] if found else None


def _object(value: object) -> JsonObject:
    return cast("JsonObject", value) if isinstance(value, dict) else {}
