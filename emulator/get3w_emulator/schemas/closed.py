"""Read a schema as closed: an object that lists its properties takes no others.

A misspelt parameter would be billed as if it were not there, so an object, at any depth, that
lists `properties` and says nothing of further ones is closed. What it lists is known only after
its in-place parts (`allOf`, `anyOf`, `oneOf`, `$ref`, `if`/`then`/`else`) are merged, which is
what `unevaluatedProperties` does. So that keyword is added where an instance is described (the
root, the value of a property, an item), and never to a part that is merged into another.

Two difficulties remain, and both are about parts:

- A `$ref` may point at a place that is an instance location elsewhere. Every target is copied,
  unclosed, into the `$defs` of the result, and whoever refers to it closes it or not.
- Two parts may describe the same property (`then` narrows what `properties` says), and neither
  sees what the other lists. Each is shown the other's, as a part that may hold or not.

What only tests (`if`, `not`, `contains`) stays as it is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator.schemas.references import METASCHEMA, resolve

_REFERENCES = ("$ref", "$dynamicRef")
_SAYS_MORE = ("additionalProperties", "unevaluatedProperties")
# Copied targets are addressed from the root, so nothing may change the base address or keep an
# old name.
_DROPPED = ("$id", "$anchor", "$dynamicAnchor", "$defs", "definitions")


@dataclass(frozen=True)
class _Part:
    """A schema object that applies in place, and the alternatives one took to reach it."""

    schema: JSONObject
    choices: frozenset[tuple[int, str, int]] = frozenset()

    def excludes(self, other: "_Part") -> bool:
        """Tell whether the two are branches of one `anyOf` or `oneOf`, or `then` and `else`."""
        taken = {(owner, key): index for owner, key, index in self.choices}
        return any(taken.get((owner, key), index) != index for owner, key, index in other.choices)


_Place: TypeAlias = dict[int, _Part]
"""Every part that applies to one instance, by identity."""


def closed(schema: JSONObject) -> JSONObject:
    """Return a schema that means the same, read as closed.

    Args:
        schema: A JSON Schema (2020-12) whose references stay inside it.

    Returns:
        A new schema; the one given is not changed.

    Raises:
        DeadReferenceError: If a reference leads nowhere.
    """
    return _Closing(schema).result()


class _Closing:
    def __init__(self, root: JSONObject) -> None:
        self._root = root
        self._names: dict[tuple[int, frozenset[int] | None], str] = {}
        self._targets: JSONObject = {}

    def result(self) -> JSONObject:
        result = self._instance(self._root)
        assert isinstance(result, dict)
        if self._targets:
            result["$defs"] = self._targets
        return result

    def _instance(self, schema: JSON, cousins: Iterable[JSON] = ()) -> JSON:
        """Rewrite a schema that describes an instance: closed if it is to be.

        Args:
            schema: The schema.
            cousins: What other parts say of the same instance.
        """
        if not isinstance(schema, dict):
            return schema
        place: _Place = {}
        for each in (schema, *cousins):
            self._gather(each, _Part({}), place)
        result = self._part(schema, place)
        assert isinstance(result, dict)
        lists_properties = any("properties" in part.schema for part in place.values())
        if lists_properties and not _allows_more(schema, place):
            seen: list[JSON] = [{"anyOf": [self._part(each, None), True]} for each in cousins]
            if seen:
                own = result.get("allOf", [])
                result["allOf"] = [*own, *seen] if isinstance(own, list) else seen
            result["unevaluatedProperties"] = False
        return result

    def _gather(self, schema: JSON, via: _Part, place: _Place) -> None:
        """Add every part of a schema to the place it applies to."""
        if not isinstance(schema, dict) or id(schema) in place:
            return
        place[id(schema)] = _Part(schema, via.choices)
        for key, value in schema.items():
            if key in _REFERENCES and isinstance(value, str) and value != METASCHEMA:
                self._gather(resolve(self._root, value), via, place)
            elif key in ("if", "then", "else"):
                # What `else` says never holds beside `if` and `then`.
                choice = (id(schema), "if", int(key == "else"))
                self._gather(value, _Part({}, via.choices | {choice}), place)
            elif key == "allOf" and isinstance(value, list):
                for each in value:
                    self._gather(each, via, place)
            elif key in ("anyOf", "oneOf") and isinstance(value, list):
                for index, each in enumerate(value):
                    choice = (id(schema), key, index)
                    self._gather(each, _Part({}, via.choices | {choice}), place)
            elif key == "dependentSchemas" and isinstance(value, dict):
                for each in value.values():
                    self._gather(each, via, place)

    def _part(self, schema: JSON, place: _Place | None) -> JSON:
        """Rewrite a schema without closing it.

        Args:
            schema: The schema.
            place: The parts it stands among; None for what only tests, inside which nothing
                is closed.
        """
        if not isinstance(schema, dict):
            return schema
        return {
            key: self._keyword(schema, key, value, place)
            for key, value in schema.items()
            if key not in _DROPPED
        }

    def _keyword(self, schema: JSONObject, key: str, value: JSON, place: _Place | None) -> JSON:
        match key, value:
            case ("$ref" | "$dynamicRef", str()):
                return self._reference(value, place)
            case ("if" | "not" | "contains" | "propertyNames", _):
                return self._part(value, None)
            case ("then" | "else", _):
                return self._part(value, place)
            case ("allOf" | "anyOf" | "oneOf", list()):
                return [self._part(each, place) for each in value]
            case ("dependentSchemas", dict()):
                return {name: self._part(each, place) for name, each in value.items()}
            case ("prefixItems", list()):
                return [self._child(each, (), place) for each in value]
            case ("patternProperties", dict()):
                return {name: self._child(each, (), place) for name, each in value.items()}
            case ("properties", dict()):
                return {
                    name: self._child(each, _cousins(schema, name, place), place)
                    for name, each in value.items()
                }
            case ("items", _):
                return self._child(value, _cousins(schema, None, place), place)
            case ("additionalProperties" | "unevaluatedProperties" | "unevaluatedItems", _):
                return self._child(value, (), place)
            case _:
                return value

    def _child(self, schema: JSON, cousins: Iterable[JSON], place: _Place | None) -> JSON:
        return self._part(schema, None) if place is None else self._instance(schema, cousins)

    def _reference(self, reference: str, place: _Place | None) -> str:
        if reference == METASCHEMA:
            return reference
        target = resolve(self._root, reference)
        known = (id(target), None if place is None else frozenset(place))
        name = self._names.get(known)
        if name is None:
            name = self._names[known] = f"target-{len(self._names)}"
            self._targets[name] = self._part(target, place)
        return f"#/$defs/{name}"


def _allows_more(schema: JSONObject, place: _Place) -> bool:
    """Tell whether nothing is left to close: further names are allowed, or plainly refused.

    A `false` of one part closes that part alone; its silent siblings are closed like any other.
    """
    said = [part.schema[key] for part in place.values() for key in _SAYS_MORE if key in part.schema]
    return any(value is not False for value in said) or any(
        schema.get(key) is False for key in _SAYS_MORE
    )


def _cousins(schema: JSONObject, name: str | None, place: _Place | None) -> list[JSON]:
    """Return what the other parts say of a property, or of the items if no name is given."""
    if place is None:
        return []
    this = place[id(schema)]
    others = (
        part.schema for part in place.values() if part is not this and not this.excludes(part)
    )
    return list(_described(others, name))


def _described(schemas: Iterable[JSONObject], name: str | None) -> Iterator[JSON]:
    for schema in schemas:
        if name is None:
            found = schema.get("items")
        else:
            properties = schema.get("properties")
            found = properties.get(name) if isinstance(properties, dict) else None
        if isinstance(found, dict):
            yield found
