"""Find a condition that tells two branches of a union apart.

With such a condition no value fits both branches, so a `oneOf` is the same as an `anyOf` and needs
no rule that counts the matching branches.
"""

from collections.abc import Iterable, Iterator
from typing import cast

from get3w_codegen.analysis.assertions import Assertions
from get3w_codegen.budget import step
from get3w_codegen.jsonschema.keywords import JsonObject, kinds, listed_values, same
from get3w_codegen.jsonschema.merge import named_in_place, possible_names, resolved
from get3w_codegen.jsonschema.validation import Judge

_DEEPEST = 4


class Separator:
    """Compares the alternatives of one document.

    Args:
        root: The document.
    """

    def __init__(self, root: JsonObject) -> None:
        self._root = root
        self._assertions = Assertions(root)

    def guard(self, one: object, other: object, depth: int = _DEEPEST) -> JsonObject | None:
        """Return a condition that holds for every value of *one* and none of *other*, or None."""
        if not isinstance(one, dict) or not isinstance(other, dict) or depth < 0:
            return None
        step()
        first = resolved(self._root, cast("JsonObject", one))
        second = resolved(self._root, cast("JsonObject", other))
        named, others = _kinds(first), _kinds(second)
        if named and others and not named & others:
            listed = sorted(named)
            return {"type": listed[0] if len(listed) == 1 else listed}
        found = self._by_values(first, second) or self._by_branches(first, second, depth)
        if found is None and named == others:
            if named == {"object"}:
                return self._by_object(first, second, depth)
            if named == {"array"}:
                return self._by_items(first, second, depth)
        return found

    def _by_values(self, one: JsonObject, other: JsonObject) -> JsonObject | None:
        values, others = listed_values(one), listed_values(other)
        if values is not None:
            if others is not None:
                values = [value for value in values if any(same(value, each) for each in others)]
            return None if self._fits_any(values, other) else {"enum": listed_values(one)}
        if others is not None and not self._fits_any(others, one):
            return {"not": {"enum": others}}
        return None

    def _fits_any(self, values: Iterable[object], schema: JsonObject) -> bool:
        judge = Judge(self._assertions.complete(self._assertions.of(schema)))
        return any(map(judge.accepts, values))

    def _by_branches(self, one: JsonObject, other: JsonObject, depth: int) -> JsonObject | None:
        branches = _branches(one)
        if branches:
            found = [self.guard(branch, other, depth - 1) for branch in branches]
            return None if None in found else {"anyOf": found}
        branches = _branches(other)
        if branches:
            found = [self.guard(one, branch, depth - 1) for branch in branches]
            return None if None in found else all_of(cast("list[JsonObject]", found))
        return None

    def _by_properties(self, one: JsonObject, other: JsonObject, depth: int) -> JsonObject | None:
        listed, others = one.get("properties", {}), other.get("properties", {})
        needed = set(one.get("required", []))
        # What only one of the two asks for is enough: the other, given it, refuses its value.
        shared = [w for w in listed if w in others and w in {*needed, *other.get("required", [])}]
        for wire in sorted(shared, key=lambda wire: not self._is_tag(listed[wire])):
            found = self.guard(listed[wire], others[wire], depth - 1)
            if found is not None:
                given = {"required": [wire]} if wire in needed else {}
                return {"properties": {wire: found}, **given}
        return None

    def _by_object(self, one: JsonObject, other: JsonObject, depth: int) -> JsonObject | None:
        found = self._by_properties(one, other, depth)
        if found is not None:
            return found
        for closed, open_, holds in ((other, one, True), (one, other, False)):
            if closed.get("additionalProperties") is False and "patternProperties" not in closed:
                known = closed.get("properties", {})
                unknown = [wire for wire in open_.get("required", []) if wire not in known]
                if unknown:
                    condition: JsonObject = {"required": unknown[:1]}
                    return condition if holds else {"not": condition}
        return None

    def _by_items(self, one: JsonObject, other: JsonObject, depth: int) -> JsonObject | None:
        first, second = one.get("minItems", 0) > 0, other.get("minItems", 0) > 0
        if not (first or second) or {"prefixItems"} & (one.keys() | other.keys()):
            return None
        found = self.guard(one.get("items"), other.get("items"), depth - 1)
        if found is None:
            return None
        return {"items": found, **({"minItems": 1} if first else {})}

    def _is_tag(self, schema: object) -> bool:
        return isinstance(schema, dict) and (
            listed_values(resolved(self._root, cast("JsonObject", schema))) is not None
        )

    def exclusive(self, branches: list[JsonObject], *, opened: bool) -> bool:
        """Return whether no value fits two of *branches*, read as closed."""
        names = [self._names(branch, opened=opened) for branch in branches]
        needed = [set(resolved(self._root, branch).get("required", [])) for branch in branches]
        return all(
            (known is not None and not must <= known) or self.guard(one, other) is not None
            for number, (one, known) in enumerate(zip(branches, names, strict=True))
            for place, (other, must) in enumerate(zip(branches, needed, strict=True))
            if number != place
        )

    def overlapping(self, branches: list[JsonObject]) -> Iterator[int]:
        """Yield which of *branches* may hold for one object and each know names of their own."""
        names = [set(named_in_place(self._root, branch)) for branch in branches]
        for number, one in enumerate(branches):
            if not self._says_false(one) and any(
                not (names[number] <= names[place] or names[place] <= names[number])
                and not self._says_false(other)
                and self.guard(one, other) is None
                for place, other in enumerate(branches)
            ):
                yield number

    def _says_false(self, schema: JsonObject) -> bool:
        """Return whether *schema* itself refuses all names but those that it lists."""
        return resolved(self._root, schema).get("additionalProperties") is False

    def _names(self, schema: JsonObject, *, opened: bool) -> frozenset[str] | None:
        """Return the names that an object may have, or None where it may have any, or is none."""
        found = possible_names(self._root, schema, opened=opened)
        return found if _kinds(resolved(self._root, schema)) == {"object"} else None


def all_of(conditions: Iterable[JsonObject]) -> JsonObject:
    """Return *conditions* as one, each once."""
    distinct: list[JsonObject] = []
    for condition in conditions:
        if not any(same(condition, each) for each in distinct):
            distinct.append(condition)
    return distinct[0] if len(distinct) == 1 else {"allOf": distinct}


def _kinds(schema: JsonObject) -> set[str]:
    found, nullable = kinds(schema)
    named = {"number" if kind == "integer" else kind for kind in found}
    return named | {"null"} if nullable else named


def _branches(schema: JsonObject) -> list[object]:
    return cast("list[object]", schema.get("anyOf") or schema.get("oneOf") or [])
