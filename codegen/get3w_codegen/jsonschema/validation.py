"""Validate values against a schema with jsonschema-rs, without ever fetching anything."""

import copy
from collections.abc import Iterator
from typing import Any, NoReturn, cast

import jsonschema_rs

from get3w_codegen.jsonschema.keywords import JsonObject, places
from get3w_codegen.jsonschema.references import META_SCHEMA, localised
from get3w_codegen.text.visible import SURROGATE

# Half a surrogate pair is text in JSON and in Python, but nothing that can be encoded for the
# library. Each is told by its number instead, in the schema and in the value alike.

# The library leaves an empty name out of a place.
_EMPTY = "<empty>"


class NoFetchError(ValueError):
    """A schema asked for something that is not in it."""


def never_fetched(address: str) -> NoReturn:
    """Refuse to fetch an address that a schema names.

    Raises:
        NoFetchError: Always.
    """
    raise NoFetchError(f"{address} is outside of the schema, and nothing is fetched")


class Judge:
    """A compiled schema."""

    def __init__(self, schema: dict[str, Any]) -> None:
        self._validator = jsonschema_rs.Draft202012Validator(
            _encodable(schema), retriever=never_fetched
        )

    def accepts(self, value: object) -> bool:
        """Return whether *value* fits the schema."""
        return self._validator.is_valid(_encodable(value))

    def problems(self, value: object) -> Iterator[tuple[list[str | int], str]]:
        """Yield place and message of each validation error."""
        for error in self._validator.iter_errors(_encodable(value, empty=_EMPTY)):
            yield list(_as_named(error.instance_path, value)), error.message


def _as_named(path: list[str | int], value: Any) -> Iterator[str | int]:
    """Yield the steps of *path* by the names that *value* has, not by those told to the library."""
    place: Any = value
    for step in path:
        holder, key = place, step
        if isinstance(place, dict) and step not in place:
            names = (
                name
                for name in cast("dict[str, Any]", place)
                if (_encodable(name) or _EMPTY) == step
            )
            found = next(names, None)
            if found is None:
                return  # what is known of the place so far is near enough
            key = found
        place = holder[key]
        yield key


def _encodable(value: Any, *, empty: str = "") -> Any:
    """Return *value* as it can be encoded, with *empty* for a name without letters."""
    if isinstance(value, str):
        return SURROGATE.sub(lambda half: f"<{ord(half[0]):x}>", value)
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [_encodable(item, empty=empty) for item in items]
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value).items()
        return {_encodable(key) or empty: _encodable(item, empty=empty) for key, item in entries}
    return value


def self_contained(rule: JsonObject) -> JsonObject:
    """Return *rule* without references to other documents.

    One that is in use is an error of the schema and was reported; what is left stands in unused
    definitions, and would keep a validator from being made.
    """
    outside = {
        path
        for path, node in places(localised(rule, static=False))
        if isinstance(node.get("$ref"), str) and not _is_inside(node["$ref"])
    }
    if not outside:
        return rule
    usable = copy.deepcopy(rule)
    for path, node in places(usable):
        if path in outside:
            for key in ("$ref", "$dynamicRef"):
                node.pop(key, None)
    return usable


def _is_inside(reference: str) -> bool:
    return reference.startswith("#") or reference == META_SCHEMA


SCHEMA_OF_SCHEMAS = Judge({"$ref": "https://json-schema.org/draft/2020-12/schema"})
