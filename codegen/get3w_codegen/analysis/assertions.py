"""Reduce a schema to the assertions a validator checks, without titles, defaults and the like."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

from get3w_codegen.analysis.referring import only_reference
from get3w_codegen.analysis.simplifying import simplified
from get3w_codegen.analysis.unlisted_names import adds_names, adds_names_inside
from get3w_codegen.budget import step
from get3w_codegen.jsonschema.keywords import JsonObject, is_object, places
from get3w_codegen.jsonschema.merge import ASSERTIONS, is_silent, named_in_place, says_more
from get3w_codegen.jsonschema.patterns import portable
from get3w_codegen.jsonschema.references import META_SCHEMA, look_up

# A longer part is written once and then referred to: repeated at each level, it would double.
_LONGEST_REPEATED = 120

_IN_PLACE = frozenset({"$ref", "allOf", "anyOf", "oneOf", "if", "dependentSchemas"})
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


# A reference, whether it is read as closed, whether it is all that is said, and beside what.
_Key = tuple[str, bool, bool, frozenset[int]]


@dataclass(frozen=True, slots=True)
class _Listed:
    """A part that lists properties or describes items, and the alternatives it is one of."""

    schema: JsonObject
    choices: dict[int, int]


class Assertions:
    """Computes the assertions of any part of one document.

    Args:
        root: The document.
        closed: Whether an object inside that lists its properties takes no others where it says
            nothing of them.

    Attributes:
        definitions: What the parts refer to.
    """

    def __init__(self, root: JsonObject, *, closed: bool = False) -> None:
        self._root = root
        self._closed = closed
        self._names: dict[_Key, str] = {}
        self._short: dict[_Key, Any] = {}
        # Kept, so that no other part gets the identity of one of these.
        self._places: list[Sequence[_Listed]] = []
        self._rules: dict[str, str] = {}
        self._recursive: set[str] = set()
        self.definitions: dict[str, Any] = {}

    def of(self, schema: object, beside: JsonObject | None = None) -> Any:
        """Return the assertions of *schema*, one of several schemas that apply to a value.

        Args:
            schema: The part.
            beside: Another part that describes the same value.

        Raises:
            DanglingReferenceError: A reference names nothing.
        """
        place = self._place(schema)
        return self._of(schema, self._closed, [*place, _Listed(beside, {})] if beside else place)

    def of_value(self, schema: object) -> Any:
        """Return the assertions of *schema*, the only schema that applies to a value.

        Raises:
            DanglingReferenceError: A reference names nothing.
        """
        return self._of_value(schema, self._closed)

    def _of_value(self, schema: object, closed: bool, others: Sequence[object] = ()) -> Any:
        """Return the assertions of a value of which *others* say something as well."""
        if not is_object(schema):
            return schema
        reference = only_reference(schema)
        # What another part lists for the same object is known as well, where that part holds.
        beside = [each for each in others if closed and is_object(each)]
        own = set(named_in_place(self._root, schema))
        more = [each for each in beside if set(named_in_place(self._root, each)) - own]
        if reference is not None and not any(
            adds_names(self._root, schema, each) for each in beside
        ):
            return self._target(reference, closed, whole=True)
        place = self._place(schema)
        if beside:
            place = [each for part in (schema, *beside) for each in self._listed(part, {}, ())]
        kept = self._of(schema, closed, place)
        if any(says_more(self._root, part) for part in beside):
            return kept
        if more and not says_more(self._root, schema):
            # What only makes names known is read as it stands.
            seen = [{"anyOf": [self._of(part, False, ()), True]} for part in more]
            return {
                **kept,
                "allOf": [*kept.get("allOf", []), *seen],
                "unevaluatedProperties": False,
            }
        # Where all further names are refused anyway, this would say it twice.
        said = kept.get("additionalProperties") is False and not _IN_PLACE & kept.keys()
        if closed and not said and is_silent(self._root, schema):
            kept["unevaluatedProperties"] = False
        return kept

    def _place(self, schema: object) -> list["_Listed"]:
        """Return what *schema* and its branches list for one object, where they are several."""
        if not self._closed or not is_object(schema):
            return []
        return list(self._listed(schema, {}, ())) if _IN_PLACE & schema.keys() else []

    def _listed(
        self, schema: object, choices: dict[int, int], path: tuple[int, ...]
    ) -> Iterator["_Listed"]:
        if not is_object(schema) or id(schema) in path:
            return
        step()
        path = (*path, id(schema))
        if "properties" in schema or "items" in schema:
            yield _Listed(schema, choices)
        if schema.get("$ref", META_SCHEMA) != META_SCHEMA:
            yield from self._listed(look_up(self._root, str(schema["$ref"])), choices, path)
        for key in ("allOf", "anyOf", "oneOf"):
            for number, part in enumerate(cast("list[object]", schema.get(key, []))):
                taken = {} if key == "allOf" else {id(schema[key]): number}
                yield from self._listed(part, {**choices, **taken}, path)
        for key in ("if", "then", "else"):
            # What `else` says never holds beside `if` and `then`.
            holds = {**choices, id(schema): int(key == "else")}
            yield from self._listed(schema.get(key), holds, path)
        for part in cast("JsonObject", schema.get("dependentSchemas", {})).values():
            yield from self._listed(part, choices, path)

    def _of(self, schema: object, closed: bool, place: Sequence["_Listed"]) -> Any:
        if not is_object(schema):
            return schema
        step()
        if "$ref" in schema:
            target = self._target(str(schema["$ref"]), closed, whole=False, place=place)
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            others = self._of(rest, closed, place)
            if others:
                return {"allOf": [target, others]}
            return target
        kept: JsonObject = {}
        for key, value in schema.items():
            if key == "properties":
                kept[key] = {
                    name: self._of_value(part, closed, _others(place, key, value, name))
                    for name, part in value.items()
                }
            elif key == "pattern":
                kept[key] = portable(value) or value
            elif key == "patternProperties":
                kept[key] = {
                    portable(name) or name: self._of_value(part, closed)
                    for name, part in value.items()
                }
            elif key == "prefixItems":
                kept[key] = [self._of_value(part, closed) for part in value]
            elif key == "items":
                kept[key] = self._of_value(value, closed, _others(place, key, value, None))
            elif key in ("additionalProperties", "unevaluatedItems", "unevaluatedProperties"):
                kept[key] = self._of_value(value, closed)
            elif key == "dependentSchemas":
                kept[key] = {name: self._of(part, closed, place) for name, part in value.items()}
            elif key in ("allOf", "anyOf", "oneOf"):
                kept[key] = [self._of(part, closed, place) for part in value]
            elif key in ("const", "dependentRequired", "enum", "required", "type"):
                kept[key] = value
            elif key in ASSERTIONS:
                # What only tests a value is read as it stands.
                kept[key] = self._of(value, closed and key in ("then", "else"), place)
        return kept

    def complete(self, said: Any) -> Any:
        """Return the result of `of` or `of_value` as a self-contained schema for a validator."""
        needed: dict[str, Any] = {}
        todo = list(_names_in(cast("object", said)))
        while todo:
            name = todo.pop()
            if name not in needed:
                needed[name] = simplified(self.definitions[name], watched=True)
                todo += _names_in(needed[name])
        if not needed:
            return cast("object", said)
        return {"$defs": dict(sorted(needed.items())), **cast("JsonObject", said)}

    def shared(self, reference: str, rule: JsonObject | None) -> JsonObject | None:
        """Return *rule*, which is that of a definition used before, so that it is written once."""
        if rule is None or len(repr(rule)) <= _LONGEST_REPEATED:
            return rule
        if reference not in self._rules:
            self._rules[reference] = self._name(
                f"{reference}_rule" if reference[:1] == "#" else "rule"
            )
            self.definitions[self._rules[reference]] = rule
        return {"$ref": f"#/$defs/{self._rules[reference]}"}

    def _target(
        self, reference: str, closed: bool, *, whole: bool, place: Sequence["_Listed"] = ()
    ) -> Any:
        if reference == META_SCHEMA:
            return {"$ref": reference}
        target = look_up(self._root, reference)
        place = self._beside(target, place) if closed else ()
        key = reference, closed, whole, frozenset(id(part.schema) for part in place)
        if key in self._short:
            return _copy(self._short[key])
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = self._name(reference)
            self._places.append(place)
            said = self._of_value(target, closed) if whole else self._of(target, closed, place)
            if name not in self._recursive and len(repr(said)) <= _LONGEST_REPEATED:
                del self._names[key]
                self._short[key] = said
                return _copy(said)
            self.definitions[name] = said
        elif name not in self.definitions:
            self._recursive.add(name)
        return {"$ref": f"#/$defs/{name}"}

    def _beside(self, target: object, place: Sequence["_Listed"]) -> list["_Listed"]:
        """Return the parts of *place* with those of *target*, if they list more inside it."""
        own = list(self._listed(target, {}, ()))
        known = {id(part.schema) for part in own}
        others = [part for part in place if id(part.schema) not in known]
        if not any(adds_names_inside(self._root, target, part.schema) for part in others):
            return []
        return [*own, *others]

    def _name(self, reference: str) -> str:
        """Return a name that is free for what *reference* names."""
        stem = name = _UNSAFE.sub("_", reference.rpartition("/")[2]).strip("_") or "root"
        number = 2
        taken = {*self._names.values(), *self.definitions}
        while name in taken:
            name = f"{stem}_{number}"
            number += 1
        return name


def _others(place: Sequence[_Listed], key: str, value: object, name: str | None) -> list[object]:
    """Return what other parts say of a property, or of items, where they may hold beside this."""
    none: dict[int, int] = {}
    choices = next((part.choices for part in place if part.schema.get(key) is value), none)
    found = [
        part.schema[key]
        for part in place
        if key in part.schema
        and part.schema[key] is not value
        and not any(part.choices.get(owner, taken) != taken for owner, taken in choices.items())
    ]
    return found if name is None else [each[name] for each in found if name in each]


def _copy(said: Any) -> Any:
    # Whoever gets a part may add to it.
    return dict(cast("JsonObject", said)) if isinstance(said, dict) else said


def _names_in(said: object) -> Iterator[str]:
    """Yield the definitions that *said* refers to."""
    for _, node in places(said):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/$defs/"):
            yield reference.removeprefix("#/$defs/")
