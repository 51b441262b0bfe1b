"""Recognise documents that are not the schema of a request body, and say what they are."""

import json
import shlex
from collections.abc import Iterator
from typing import cast

from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.jsonschema.merge import ASSERTIONS
from get3w_codegen.jsonschema.wrapped import Wrapped, wrapped
from get3w_codegen.lint.misspelt import KEYWORDS, is_like_schema

_OBJECT = 'Write an object: {"type": "object", "properties": {...}}.'
_ADD = "Move it out of this folder and take it in with: get3w-codegen add FILE"
_PULL = "Move it out of this folder and take it in with: get3w-codegen pull --from FILE"
_LISTS = ("data", "items", "models", "records", "results")
_WRAPPERS = frozenset({"input", "input_schema", "parameters", "request_schema", "schema"})

Stranger = tuple[str, str]


def stranger(document: object) -> Stranger | None:
    """Return what *document* is and what to do with it, or None where it may be a schema."""
    if isinstance(document, list):
        if any(isinstance(item, dict) for item in cast("list[object]", document)):
            return "A list of models, not the schema of one", _PULL
        return "A schema is a JSON object, this is a list", _OBJECT
    if not isinstance(document, dict):
        return f"A schema is a JSON object, this is {_kind(document)}", _OBJECT
    return _object(cast("JsonObject", document))


def is_openapi(document: object) -> bool:
    """Return whether *document* describes a whole API."""
    return isinstance(document, dict) and any(
        isinstance(cast("JsonObject", document).get(key), str) for key in ("openapi", "swagger")
    )


def _object(document: JsonObject) -> Stranger | None:
    inputs = wrapped(document)
    if is_openapi(document):
        return "An OpenAPI document, not the schema of one request body", _taking(inputs)
    others = [key for key in document if key not in KEYWORDS and not key.startswith(("x-", "_"))]
    # The type of a tool is none of JSON Schema's.
    is_tool = bool(inputs) and document.get("type") == "function"
    if not is_tool and (ASSERTIONS & document.keys() or not others):
        return None
    if any(isinstance(document.get(key), list) for key in _LISTS):
        return "An answer with a list of models, not the schema of one", _PULL
    if inputs:
        what = f"The schema is not the file but a part of it, {inputs[0].place}"
        if len(inputs) > 1:
            what = f"{len(inputs)} schemas are in it, the first at {inputs[0].place}"
        return what, f"{_taking(inputs)} Or have the file hold that part alone."
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


def _taking(inputs: list[Wrapped]) -> str:
    """Return the command that takes a schema out of the document that is around it."""
    moved = "Move it out of this folder and take it in with:"
    if not inputs:
        return f"{moved} get3w-codegen add FILE --model-id ID --pointer /components/schemas/NAME."
    where = f" --pointer {shlex.quote(inputs[0].place)}" if len(inputs) > 1 else ""
    return f"{moved} get3w-codegen add FILE --model-id ID{where}."


def _schemas(document: JsonObject, place: str = "") -> Iterator[str]:
    """Yield the places below the top where the schema of an object stands."""
    for key, value in document.items():
        below = f"{place}/{key}"
        if isinstance(value, dict):
            inner = cast("JsonObject", value)
            if isinstance(inner.get("properties"), dict):
                yield below
            else:
                yield from _schemas(inner, below)
        elif isinstance(value, list):
            items = {str(n): item for n, item in enumerate(cast("list[object]", value))}
            yield from _schemas(items, below)


def _kind(value: object) -> str:
    if isinstance(value, int | float) and not isinstance(value, bool):
        return "a number"
    return "a text" if isinstance(value, str) else str(json.dumps(value))
