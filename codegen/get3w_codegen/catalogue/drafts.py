"""Draft a schema from one example of a request body."""

from typing import cast

from get3w_codegen.catalogue.media import with_media
from get3w_codegen.jsonschema.keywords import JsonObject, is_object

_NOTE = (
    "A draft from one example: types are inferred; required parameters, ranges, allowed values and"
    " further parameters are not confirmed."
)
# Arguments of every call, not inputs of a model.
_OF_THE_CALL = ("webhook_url",)


def draft(model_id: str, body: JsonObject) -> JsonObject:
    """Return a schema that accepts the example."""
    inputs = {name: value for name, value in body.items() if name not in _OF_THE_CALL}
    schema: JsonObject = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": model_id,
        "x-model-id": model_id,
        "x-provenance": "example",
        "x-api-path": f"/api/v3/{model_id}",
        "x-note": _NOTE,
        **_inferred(inputs),
        "x-order-properties": list(inputs),
    }
    return with_media(schema)


def _inferred(value: object) -> JsonObject:
    if is_object(value):
        return {
            "type": "object",
            "properties": {name: _inferred(part) for name, part in value.items()},
        }
    if isinstance(value, list):
        items = [_inferred(item) for item in cast("list[object]", value)]
        # Examples in items would be one caller's data; what counts is what they are.
        if not items or any(item.get("type") != items[0].get("type") for item in items):
            return {"type": "array"}
        first = {key: said for key, said in items[0].items() if key != "examples"}
        return {"type": "array", "items": first}
    kinds: dict[type[object], str] = {
        bool: "boolean",
        int: "integer",
        float: "number",
        str: "string",
    }
    kind = kinds.get(type(value))
    return {"type": kind, "examples": [value]} if kind else {}
