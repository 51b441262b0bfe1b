"""Conditions that no value can meet, told where they stand.

Only what is certain counts: bounds that cross, an enum whose every value is refused beside it, and
what follows from those for the objects and lists that need such a value.
"""

import contextlib
import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, cast

from get3w_codegen.judging import Judge
from get3w_codegen.keywords import DEFINITIONS, JsonObject, Path, parts, steps
from get3w_codegen.merge import ASSERTIONS, Assertions, resolved
from get3w_codegen.problems import shown
from get3w_codegen.references import DanglingReferenceError, look_up

_KINDS = ("array", "boolean", "integer", "null", "number", "object", "string")
_SIZES = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}
# What only tests a value may well be impossible.
_TESTS = frozenset({"contains", "if", "not"})

Finding = tuple[Path, str]


def contradictions(root: JsonObject) -> Iterator[tuple[Path, str, bool]]:
    """Yield place and message of each contradiction, and whether nothing can be sent for it."""
    search = _Search(root)
    fatal = search.impossible(root, ())
    if not set(fatal) & set(search.found):
        fatal = []  # a plain `false` is meant as it stands, and a class can say it
    for path, message in dict.fromkeys([*search.found, *fatal]):
        yield path, message, (path, message) in fatal


class _Search:
    def __init__(self, root: JsonObject) -> None:
        self._root = root
        self._assertions = Assertions(root)
        self._of_reference: dict[str, list[Finding]] = {}
        self.found: list[Finding] = []

    def impossible(self, schema: Any, path: Path) -> list[Finding]:
        """Return why no value can fit, or nothing if one may."""
        if schema is False:
            return [(path, "A value is required here, and false allows none")]
        if not isinstance(schema, dict):
            return []
        node = cast("JsonObject", schema)
        inner = {
            way: self.impossible(part, (*path, *way))
            for way, part in parts(node)
            if way[0] not in DEFINITIONS | _TESTS
        }
        flat = self._flat(node)
        crossed = dict(_crossed(flat, path))
        unlisted = list(self._unlisted(flat, path))
        self.found += [*crossed.values(), *unlisted]
        if node.get("nullable") is True:
            return []
        return unlisted or _no_kind(flat, crossed, inner) or self._no_branch(node, inner)

    def _flat(self, node: JsonObject) -> JsonObject:
        if not {"$ref", "allOf"} & node.keys():
            return node
        try:
            return resolved(self._root, node)
        except (DanglingReferenceError, RecursionError):
            return node

    def _unlisted(self, node: JsonObject, path: Path) -> Iterator[Finding]:
        """Yield that none of the listed values is allowed."""
        if "enum" not in node and "const" not in node:
            return
        values = cast("list[object]", node["enum"] if "enum" in node else [node["const"]])
        if not values:
            yield (*path, "enum"), "The enum lists no value"
        elif len(ASSERTIONS & node.keys()) > 1:
            judge = Judge(self._assertions.of(node))
            if not any(judge.accepts(value) for value in values):
                key = "enum" if "enum" in node else "const"
                yield (*path, key), f"What is said beside it allows none of {shown(values)}"

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
        """Look at what a reference names; once, since many may name the same."""
        if reference not in self._of_reference:
            self._of_reference[reference] = []  # while it is looked at, in case it is circular
            with contextlib.suppress(DanglingReferenceError):
                target = look_up(self._root, reference)
                self._of_reference[reference] = self.impossible(target, steps(reference))
        return self._of_reference[reference]


def _crossed(node: JsonObject, path: Path) -> Iterator[tuple[str, Finding]]:
    """Yield, for each kind of value, the bounds that exclude all of it."""
    for kind, (low, high) in _SIZES.items():
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
    stated = node.get("type", _KINDS)
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
