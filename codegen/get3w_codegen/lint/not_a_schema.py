"""Recognise documents that are not the schema of a request body, and say what they are."""

import json
import shlex
from collections.abc import Iterator
from typing import cast

from get3w_codegen.jsonschema.keywords import JsonObject, is_object
from get3w_codegen.jsonschema.merge import ASSERTIONS
from get3w_codegen.jsonschema.wrapped import Wrapped, is_openapi, wrapped
from get3w_codegen.lint.misspelt import KEYWORDS, is_like_schema

_OBJECT = 'Write an object: {"type": "object", "properties": {...}}.'
_ADD = "Move it out of this folder and take it in with: get3w-codegen add FILE"
_PULL = "Move it out of this folder and take it in with: get3w-codegen pull --from FILE"
_NAMED = "/components/schemas/NAME"
_MOST_SHOWN = 5
_LISTS = ("data", "items", "models", "records", "results")
_WRAPPERS = frozenset({"input", "input_schema", "parameters", "request_schema", "schema"})

Stranger = tuple[str, str]


def stranger(document: object) -> Stranger | None:
    """Return what *document* is and what to do with it, or None where it may be a schema."""
    inputs = wrapped(document)
    if is_openapi(document) and not inputs:
        remedy = "Move it out of this folder, and name the schema in it: " + _command(_NAMED)
        return "An OpenAPI document without a request body in JSON", remedy
    if inputs:
        return _several(inputs)
    if isinstance(document, list):
        if any(isinstance(item, dict) for item in cast("list[object]", document)):
            return "A list of models, not the schema of one", _PULL
        return "A schema is a JSON object, this is a list", _OBJECT
    if not isinstance(document, dict):
        return f"A schema is a JSON object, this is {_kind(document)}", _OBJECT
    return _object(cast("JsonObject", document))


def _object(document: JsonObject) -> Stranger | None:
    others = [key for key in document if key not in KEYWORDS and not key.startswith(("x-", "_"))]
    if ASSERTIONS & document.keys() or not others:
        return None
    if any(isinstance(document.get(key), list) for key in _LISTS):
        return "An answer with a list of models, not the schema of one", _PULL
    if all(is_like_schema(document[key]) for key in others) and not _WRAPPERS & set(others):
        return "Parameters without a schema around them", (
            'Put them into an object: {"type": "object", "properties": {...}}.'
        )
    inside = next(_schemas(document), None)
    if inside is not None:
        return f"The schema is not the file but a part of it, {inside}", (
            f"{_ADD}; or have the file hold that part alone."
        )
    names = ", ".join(map(repr, others[:3]))
    return f"No word of JSON Schema is in it, only {names}", (
        f"{_OBJECT} If it is an example of a request, make a draft of it: get3w-codegen add FILE"
        " --model-id ID"
    )


def _several(inputs: list[Wrapped]) -> Stranger:
    """Return what a document with several schemas is, and the command that takes one of them."""
    first, *others = inputs
    places = ", ".join(each.place for each in others[:_MOST_SHOWN])
    more = f" and {len(others) - _MOST_SHOWN} more" if len(others) > _MOST_SHOWN else ""
    return f"{len(inputs)} schemas are in it, and a file is one model", (
        f"Move it out of this folder, and take in each model of it: {_command(first.place)}"
        f" (the others: {places}{more})."
    )


def _command(place: str) -> str:
    return f"get3w-codegen add FILE --model-id ID --pointer {shlex.quote(place)}"


def _schemas(document: JsonObject, place: str = "") -> Iterator[str]:
    """Yield the places below the top where the schema of an object stands."""
    for key, value in document.items():
        below = f"{place}/{key}"
        if is_object(value):
            if isinstance(value.get("properties"), dict):
                yield below
            else:
                yield from _schemas(value, below)
        elif isinstance(value, list):
            items = {str(n): item for n, item in enumerate(cast("list[object]", value))}
            yield from _schemas(items, below)


def _kind(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "a number"
    return "a text" if isinstance(value, str) else str(json.dumps(value))
