"""Validate values against a schema with jsonschema-rs, without ever fetching anything."""

import copy
import re
from collections.abc import Callable, Iterator
from typing import Any, NoReturn, cast

import jsonschema_rs

from get3w_codegen.jsonschema.keywords import JsonObject, is_object, places
from get3w_codegen.jsonschema.references import META_SCHEMA, localised
from get3w_codegen.text.visible import SURROGATE

# The library leaves an empty name out of a place, and takes one of digits for a number.
_MISREAD = re.compile(r"<|\+?[0-9]*\Z")
# Half a surrogate pair is text in JSON and in Python, but nothing that can be encoded.
_ESCAPED = re.compile("[\\\\\ud800-\udfff]")


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
        for error in self._validator.iter_errors(_encodable(value, escape=_escaped)):
            yield [_unescaped(step) for step in error.instance_path], error.message


def _escaped(name: str) -> str:
    """Return a name that the library reports as it is, and no other name becomes."""
    if not _MISREAD.match(name) and not SURROGATE.search(name):
        return name
    return "<" + _ESCAPED.sub(lambda found: f"\\{ord(found[0]):04x}", name) + ">"


def _unescaped(step: str | int) -> str | int:
    if isinstance(step, int) or not step.startswith("<"):
        return step
    return re.sub(r"\\([0-9a-f]{4})", lambda found: chr(int(found[1], 16)), step[1:-1])


def _encodable(value: Any, *, escape: Callable[[str], str] | None = None) -> Any:
    """Return *value* as it can be encoded, its names as *escape* writes them."""
    if isinstance(value, str):
        return SURROGATE.sub(lambda half: f"<{ord(half[0]):x}>", value)
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [_encodable(item, escape=escape) for item in items]
    if is_object(value):
        name = escape or _encodable
        return {name(key): _encodable(item, escape=escape) for key, item in value.items()}
    return value


def self_contained(rule: JsonObject) -> JsonObject:
    """Return *rule* without references to other documents.

    One that is in use is an error of the schema and was reported; what is left stands in unused
    definitions, and would keep a validator from being made.
    """
    outside = {
        path
        for path, node in places(localised(rule, static=False))
        if isinstance(reference := node.get("$ref"), str)
        and not (reference.startswith("#") or reference == META_SCHEMA)
    }
    if not outside:
        return rule
    usable = copy.deepcopy(rule)
    for path, node in places(usable):
        if path in outside:
            for key in ("$ref", "$dynamicRef"):
                node.pop(key, None)
    return usable


SCHEMA_OF_SCHEMAS = Judge({"$ref": META_SCHEMA})
