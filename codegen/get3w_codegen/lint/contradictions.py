"""Find parts of a schema that no value can satisfy.

Only certain cases are reported: crossing bounds, an enum whose values are all refused by what
stands beside it, a required name that a closed object does not allow, and the objects and lists
that need such a value. Trying to build an example instead would be shorter; but no example found
does not prove that there is none, and an error here keeps a model from being generated.
"""

import contextlib
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from get3w_codegen.analysis.assertions import Assertions
from get3w_codegen.budget import step
from get3w_codegen.jsonschema.keywords import (
    DEFINITIONS,
    IN_PLACE,
    SIZES,
    TYPES,
    JsonObject,
    Path,
    is_object,
    parts,
    pointer,
    steps,
)
from get3w_codegen.jsonschema.merge import ASSERTIONS, possible_names, resolved
from get3w_codegen.jsonschema.references import DanglingReferenceError, look_up
from get3w_codegen.jsonschema.validation import Judge
from get3w_codegen.problems import no_such_property, shown

# What only tests a value may well be impossible.
_TESTS = frozenset({"contains", "if", "not"})

Finding = tuple[Path, str]
Names = frozenset[str] | None


def contradictions(root: JsonObject, *, opened: bool = False) -> Iterator[tuple[Path, str, bool]]:
    """Yield place and message of each contradiction, and whether nothing can be sent for it."""
    search = _Search(root, opened=opened)
    fatal = search.impossible({**root, "type": "object"}, ())
    if not set(fatal) & set(search.found):
        fatal = []  # a plain `false` is meant as it stands, and a class can say it
    for path, message in dict.fromkeys([*search.found, *fatal]):
        yield path, message, (path, message) in fatal


class _Search:
    def __init__(self, root: JsonObject, *, opened: bool) -> None:
        self._root = root
        self._opened = opened
        self._assertions = Assertions(root)
        self._of_reference: dict[str, list[Finding]] = {}
        self.found: list[Finding] = []

    def impossible(
        self, schema: Any, path: Path, *, whole: bool = True, around: Names = None
    ) -> list[Finding]:
        """Return the reasons why no value can fit; empty if one may.

        Args:
            schema: What is said of the value.
            path: Where that stands.
            whole: Whether that is all that is said of it.
            around: Else the names that an object may have, where those are known.
        """
        if schema is False:
            return [(path, "A value is required here, and false allows none")]
        if not is_object(schema):
            return []
        step(path)
        flat = self._flat(schema)
        names = self._names(flat) if whole else around
        inner = {
            way: self.impossible(part, (*path, *way), whole=way[0] not in IN_PLACE, around=names)
            for way, part in parts(schema)
            if way[0] not in DEFINITIONS | _TESTS
        }
        crossed = dict(_crossed(flat, path))
        unmet = list(self._unmet(schema, flat, path, names))
        unlisted = [*self._unlisted(flat, path), *self._one_of_equals(schema, path)]
        self.found += [*crossed.values(), *unmet, *unlisted]
        if unmet:
            crossed["object"] = unmet[0]
        if schema.get("nullable") is True:
            return []
        return unlisted or _no_kind(flat, crossed, inner) or self._no_branch(schema, inner)

    def _flat(self, node: JsonObject) -> JsonObject:
        if not {"$ref", "allOf"} & node.keys():
            return node
        try:
            return resolved(self._root, node)
        except (DanglingReferenceError, RecursionError):
            return node

    def _names(self, flat: JsonObject) -> Names:
        """Return the names that an object may have, or None where that is not certain."""
        try:
            return possible_names(self._root, flat, opened=self._opened)
        except (DanglingReferenceError, RecursionError):
            return None

    def _unmet(
        self, node: JsonObject, flat: JsonObject, path: Path, names: Names
    ) -> Iterator[Finding]:
        """Yield the required names that the object cannot have."""
        for wire in cast("list[str]", flat.get("required", [])):
            if names is not None and wire not in names:
                message = f"{shown(wire)} is required, and {no_such_property(wire, names)}"
                yield self._stating(node, path, wire), message
        least = flat.get("minProperties", 0)
        if names is not None and least > len(names):
            message = f"{least} names are required at least, and only {len(names)} can be given"
            place = (*path, "minProperties") if "minProperties" in node else path
            yield place, message
        yield from self._apart(node, path)

    def _apart(self, node: JsonObject, path: Path) -> Iterator[Finding]:
        """Yield the names that one branch requires and another, which is closed, refuses."""
        branches = cast("list[object]", node.get("allOf", []))
        flats = [(path, {key: value for key, value in node.items() if key != "allOf"})]
        flats += [
            ((*path, "allOf", number), self._flat(branch))
            for number, branch in enumerate(branches)
            if is_object(branch)
        ]
        for where, flat in flats:
            for other, closed in flats:
                if closed.get("additionalProperties") is False and where != other:
                    known = closed.get("properties", {})
                    for wire in cast("list[str]", flat.get("required", [])):
                        if wire not in known and "patternProperties" not in closed:
                            place = pointer(other) or "the schema around it"
                            message = f"{shown(wire)} is required, and {place} allows no such name"
                            yield (*where, "required"), message

    def _one_of_equals(self, node: JsonObject, path: Path) -> Iterator[Finding]:
        """Yield a finding if the branches of a `oneOf` are equal: never exactly one matches."""
        branches = cast("list[object]", node.get("oneOf", []))
        said = [
            repr(self._assertions.of(branch))
            for branch in branches
            if is_object(branch) and not {"$ref", "allOf"} & branch.keys()
        ]
        if len(said) == len(branches) > 1 and len(set(said)) == 1:
            yield (*path, "oneOf"), "The branches are alike, so no value fits exactly one of them"

    def _stating(self, node: JsonObject, path: Path, wire: str) -> Path:
        """Return the place of the `required` that names *wire*, for what *node* comes to."""
        for number, branch in enumerate(cast("list[object]", node.get("allOf", []))):
            if is_object(branch):
                flat = self._flat(branch)
                if wire in flat.get("required", []):
                    return self._stating(branch, (*path, "allOf", number), wire)
        if "$ref" in node and wire not in node.get("required", []):
            target = look_up(self._root, node["$ref"])
            return self._stating(cast("JsonObject", target), steps(node["$ref"]), wire)
        return (*path, "required")

    def _unlisted(self, node: JsonObject, path: Path) -> Iterator[Finding]:
        """Yield a finding if none of the listed values is allowed."""
        if "enum" not in node and "const" not in node:
            return
        values = cast("list[object]", node["enum"] if "enum" in node else [node["const"]])
        if not values:
            yield (*path, "enum"), "The enum lists no value"
        elif len(ASSERTIONS & node.keys()) > 1:
            judge = Judge(self._assertions.complete(self._assertions.of(node)))
            if not any(judge.accepts(value) for value in values):
                key = "enum" if "enum" in node else "const"
                yield (*path, key), f"The keywords beside it allow none of {shown(values)}"

    def _no_branch(self, node: JsonObject, inner: Mapping[Path, list[Finding]]) -> list[Finding]:
        for key in ("anyOf", "oneOf"):
            branches = [why for way, why in inner.items() if way[0] == key]
            if branches and all(branches):
                return [each for why in branches for each in why]
        for way, why in inner.items():
            if way[0] == "allOf" and why:
                return why
        return self._of_target(node["$ref"]) if isinstance(node.get("$ref"), str) else []

    def _of_target(self, reference: str) -> list[Finding]:
        """Check the target of a reference, once per target."""
        if reference not in self._of_reference:
            self._of_reference[reference] = []  # while it is looked at, in case it is circular
            with contextlib.suppress(DanglingReferenceError):
                target = look_up(self._root, reference)
                self._of_reference[reference] = self.impossible(
                    target, steps(reference), whole=False
                )
        return self._of_reference[reference]


def _crossed(node: JsonObject, path: Path) -> Iterator[tuple[str, Finding]]:
    """Yield, for each kind of value, the bounds that exclude all of it."""
    for kind, (low, high) in SIZES.items():
        if node.get(low, 0) > node.get(high, math.inf):
            yield kind, ((*path, low), f"{low} {node[low]} is more than {high} {node[high]}")
    for low in ("minimum", "exclusiveMinimum"):
        for high in ("maximum", "exclusiveMaximum"):
            if low not in node or high not in node:
                continue
            strict = low.startswith("ex") or high.startswith("ex")
            if node[low] > node[high] or (strict and node[low] == node[high]):
                finding = (
                    (*path, low),
                    f"{low} {node[low]} leaves nothing up to {high} {node[high]}",
                )
                yield "number", finding
                yield "integer", finding


def _no_kind(
    node: JsonObject, crossed: Mapping[str, Finding], inner: Mapping[Path, list[Finding]]
) -> list[Finding]:
    """Return why no type that may be given has a value."""
    stated = node.get("type", TYPES)
    reasons: list[Finding] = []
    for kind in [stated] if isinstance(stated, str) else cast("Iterable[str]", stated):
        why = [crossed[kind]] if kind in crossed else []
        if kind == "object":
            for wire in cast("list[str]", node.get("required", [])):
                why += inner.get(("properties", wire), [])
        elif kind == "array" and node.get("minItems", 0) > len(node.get("prefixItems", [])):
            why += inner.get(("items",), [])
        if not why:
            return []
        reasons += why
    return reasons
