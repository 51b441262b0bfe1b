"""Compare two schemas, and find where the new one refuses what the old one accepted.

Each keyword of the new schema has to follow from the old one. If it provably does, the change is
compatible; if it provably does not, breaking; otherwise undecided, which counts as breaking.
"""

from collections.abc import Iterator
from typing import cast

from get3w_codegen.diff.bounds import ranges, said, sizes
from get3w_codegen.diff.changes import Change, Pairs, Weight, few, types, undecided
from get3w_codegen.diff.conditions import Conditions
from get3w_codegen.diff.notes import notes
from get3w_codegen.diff.renames import renamed
from get3w_codegen.diff.sides import Side, kind_of, required
from get3w_codegen.jsonschema.documents import canonical
from get3w_codegen.jsonschema.keywords import JsonObject, listed_values
from get3w_codegen.jsonschema.references import DanglingReferenceError

_ALONE = {"string": ("pattern",), "object": ("patternProperties", "propertyNames")}
_PLACED = ("prefixItems", "contains", "minContains", "maxContains", "unevaluatedItems")


class Comparison:
    """Compares the parts of two documents.

    Args:
        old: The old one.
        new: The new one.
        formula: How the price is reckoned, where that is known.
    """

    def __init__(self, old: Side, new: Side, formula: str = "") -> None:
        self._old = old
        self._new = new
        self._formula = formula
        self._conditions = Conditions(old, new, self.holds, self._refuses)

    def value(
        self, old: object, new: object, where: str, seen: Pairs = frozenset()
    ) -> Iterator[Change]:
        """Yield what changed between two parts.

        Args:
            old: A part of the old document.
            new: A part of the new one.
            where: The parameter.
            seen: The pairs that are being compared already, further out.
        """
        pair = (canonical(old), canonical(new))
        if pair in seen:  # Around a circle: what holds further out holds here.
            return
        try:
            before, after = self._old.resolved(old), self._new.resolved(new)
            if before is None:
                return
            if after is None:
                yield Change("type", where, Weight.BREAKING, "no longer accepts anything")
                return
            yield from notes(before, after, where, self._formula)
            yield from self._asserted(before, after, where, seen | {pair})
        except (DanglingReferenceError, RecursionError, ValueError) as error:
            yield undecided("reference", where, str(error) or "nested too deeply")

    def holds(self, old: object, new: object, seen: Pairs) -> bool:
        """Return whether *new* provably accepts all that *old* does."""
        return all(
            change.weight is not Weight.BREAKING for change in self.value(old, new, "", seen)
        )

    def _refuses(self, old: object, new: object, seen: Pairs) -> bool:
        back = Comparison(_opened(self._new), _opened(self._old))
        return back.holds(old, new, seen)

    def _asserted(
        self, old: JsonObject, new: JsonObject, where: str, seen: Pairs
    ) -> Iterator[Change]:
        values = listed_values(old)
        if values is not None and all(
            kind_of(value) not in ("array", "object") for value in values
        ):
            yield from self._listed(old, new, values, where)
            return
        kinds, allowed = self._old.kinds(old), self._new.kinds(new)
        if kinds - allowed or allowed - kinds:
            yield types(kinds, allowed, where)
        if (values := listed_values(new)) is not None and not self._all_listed(kinds, old, values):
            yield Change(
                "enum", where, Weight.BREAKING, f"takes only {few(values)}, where it took more"
            )
            return
        same = self._old.text(old) == self._new.text(new)
        if not same and (self._old.listed_apart(old) or self._new.listed_apart(new)):
            yield undecided("condition", where, "conditions list parameters of their own")
        for key in ("anyOf", "oneOf"):
            if key in old and "properties" not in old:
                yield from self._each_branch(key, old, new, where, seen)
                return
        if kinds & {"integer", "number"}:
            yield from ranges(old, new, kinds, where)
        yield from sizes(old, new, kinds, where)
        for kind in sorted(kinds & set(_ALONE)):
            yield from self._alone(kind, old, new, where)
        if "array" in kinds:
            yield from self._items(old, new, where, seen)
        if "object" in kinds:
            yield from self._object(old, new, where, seen)
        yield from self._conditions.changes(old, new, where, seen)

    # Values

    def _listed(
        self, old: JsonObject, new: JsonObject, values: list[object], where: str
    ) -> Iterator[Change]:
        """Compare by trying each value, if the old part accepts only a few."""
        accepted = [value for value in values if self._old.accepts(old, value)]
        lost = [value for value in accepted if not self._new.accepts(new, value)]
        others = listed_values(new)
        if lost:
            yield Change("enum", where, Weight.BREAKING, f"no longer takes {few(lost)}")
        if others is None:
            yield Change("enum", where, Weight.COMPATIBLE, "takes more than the listed values")
            return
        gained = [
            value
            for value in others
            if not self._old.accepts(old, value) and self._new.accepts(new, value)
        ]
        if gained:
            yield Change("enum", where, Weight.COMPATIBLE, f"also takes {few(gained)}")

    def _all_listed(self, kinds: frozenset[str], old: JsonObject, values: list[object]) -> bool:
        """Return whether *values* are all that the old part can accept, enum or not."""
        texts = {canonical(value) for value in values}
        if listed_values(old) is not None:
            return {canonical(value) for value in listed_values(old) or []} <= texts
        possible = {"boolean": {"true", "false"}, "null": {"null"}}
        return all(kind in possible and possible[kind] <= texts for kind in kinds)

    def _alone(self, kind: str, old: JsonObject, new: JsonObject, where: str) -> Iterator[Change]:
        """Compare keywords that are only equivalent if they are equal."""
        for key in _ALONE[kind]:
            before, after = (
                side.text({key: node[key]}) if key in node else None
                for side, node in ((self._old, old), (self._new, new))
            )
            if before == after:
                continue
            if after is None and key != "patternProperties":
                yield Change("pattern", where, Weight.COMPATIBLE, f"{key} lifted")
            elif before is None and key != "patternProperties":
                yield Change("pattern", where, Weight.BREAKING, f"{key} {said(new[key])} added")
            else:
                yield undecided(
                    "pattern", where, f"{key} {said(old.get(key))} → {said(new.get(key))}"
                )

    def _items(self, old: JsonObject, new: JsonObject, where: str, seen: Pairs) -> Iterator[Change]:
        if new.get("uniqueItems") and not old.get("uniqueItems"):
            yield Change("length", where, Weight.BREAKING, "no longer takes an item twice")
        placed = [
            side.text({key: node[key] for key in _PLACED if key in node})
            for side, node in ((self._old, old), (self._new, new))
        ]
        if placed[0] != placed[1]:
            if placed[1] == "{}" and "items" not in new:
                yield Change("pattern", where, Weight.COMPATIBLE, "takes any items")
            else:
                yield undecided("pattern", where, "what items it takes, one by one")
        before, after = old.get("items", True), new.get("items", True)
        yield from self.value(before, after, f"{where}[]", seen)

    # Objects

    def _object(
        self, old: JsonObject, new: JsonObject, where: str, seen: Pairs
    ) -> Iterator[Change]:
        before = cast("JsonObject", old.get("properties", {}))
        after = cast("JsonObject", new.get("properties", {}))
        gone = [name for name in before if name not in after]
        come = [name for name in after if name not in before]
        names = renamed(
            gone,
            come,
            lambda one, other: float(self._old.text(before[one]) == self._new.text(after[other])),
        )
        must, need = required(old), required(new)
        for name in after:
            path = f"{where}.{name}" if where else name
            source = names.get(name, name)
            if name in names:
                text = f"renamed from {source}"
                yield Change("renamed", path, Weight.BREAKING, text, renamed_from=source)
            if source in before:
                yield from self.value(before[source], after[name], path, seen)
                yield from _requirement(path, source in must, name in need)
            else:
                yield self._added(old, after[name], path, name in need, seen)
        for name in gone:
            if name not in names.values():
                path = f"{where}.{name}" if where else name
                yield Change("removed", path, Weight.BREAKING, "removed")
        for name in sorted(need - set(after)):
            if name not in must:
                yield Change("required", where, Weight.BREAKING, f"now needs {name}")
        if come and ("patternProperties" in old or "patternProperties" in new):
            yield undecided("pattern", where, "a new parameter may fit an old pattern of names")
        yield from self._rest(old, new, where, seen)
        yield from self._dependencies(old, new, where)

    def _added(self, old: JsonObject, part: object, path: str, needed: bool, seen: Pairs) -> Change:
        if needed:
            return Change("added", path, Weight.BREAKING, "added, and required")
        rest = self._old.rest(old)
        if rest is not False and not self.holds(rest, part, seen):
            text = "added, where any value could be sent under that name"
            return Change("added", path, Weight.BREAKING, text)
        return Change("added", path, Weight.COMPATIBLE, "added, optional")

    def _rest(self, old: JsonObject, new: JsonObject, where: str, seen: Pairs) -> Iterator[Change]:
        before, after = self._old.rest(old), self._new.rest(new)
        if before is False:
            if after is not False:
                yield Change("extra", where, Weight.COMPATIBLE, "takes further names")
        elif after is False:
            yield Change("extra", where, Weight.BREAKING, "no longer takes further names")
        elif not self.holds(before, after, seen):
            yield Change("extra", where, Weight.BREAKING, "takes less under further names")

    def _dependencies(self, old: JsonObject, new: JsonObject, where: str) -> Iterator[Change]:
        before = cast("dict[str, list[str]]", old.get("dependentRequired", {}))
        after = cast("dict[str, list[str]]", new.get("dependentRequired", {}))
        must = required(old)
        for name in sorted(set(before) | set(after)):
            lost, gained = set(before.get(name, [])), set(after.get(name, []))
            if gained - lost - must:
                text = f"{name} now needs {', '.join(sorted(gained - lost))}"
                yield Change("condition", where, Weight.BREAKING, text)
            elif gained != lost:
                text = f"{name} needs fewer others"
                yield Change("condition", where, Weight.COMPATIBLE, text)

    def _each_branch(
        self, key: str, old: JsonObject, new: JsonObject, where: str, seen: Pairs
    ) -> Iterator[Change]:
        """Compare where the old part is one of several: each has to fit the new one."""
        base = {name: value for name, value in old.items() if name != key}
        lost = [
            branch
            for branch in old[key]
            if not self.holds({**base, "allOf": [*base.get("allOf", []), branch]}, new, seen)
        ]
        if not lost:
            if self._old.text(old) != self._new.text(new):
                yield Change("condition", where, Weight.COMPATIBLE, "accepts all that it did")
            return
        if self._old.kinds(old) <= self._new.kinds(new):
            text = f"{len(lost)} of {len(old[key])} forms may no longer fit"
            yield undecided("condition", where, text)


def _opened(side: Side) -> Side:
    return Side(side.root, opened=True)


def _requirement(path: str, before: bool, after: bool) -> Iterator[Change]:
    if after and not before:
        yield Change("required", path, Weight.BREAKING, "now required")
    elif before and not after:
        yield Change("required", path, Weight.COMPATIBLE, "no longer required")
