"""Count how often each part of a schema is applied to one value, following references.

A reference that is used twice on each of 24 levels makes a kilobyte of text stand for millions of
schemas. This count finds that out in one pass, before anything is expanded.
"""

from collections.abc import Iterator
from typing import Any

from get3w_codegen.budget import step
from get3w_codegen.jsonschema.keywords import IN_PLACE, JsonObject, Path, is_object, parts, steps
from get3w_codegen.jsonschema.keywords import pointer as written
from get3w_codegen.jsonschema.references import (
    META_SCHEMA,
    DanglingReferenceError,
    leads,
    look_up,
    reached,
)
from get3w_codegen.problems import Problem

# The largest of 2,974 real schemas comes to 747. The emulator has the same number, on purpose.
MOST_APPLIED = 5_000

_APPLIED = IN_PLACE | {"if", "not"}
_APART = frozenset({"$defs", "contentSchema", "definitions", "propertyNames"})
# Of these at most one applies to one value, by its name or number.
_ONE_OF = frozenset({"prefixItems", "properties"})


def repeated(root: JsonObject, file: str) -> Iterator[Problem]:
    """Yield a finding if validation would never end, or applies too many parts."""
    loop = _loop(root)
    if loop is not None:
        message = f"$ref {loop[1]!r} refers back to itself, for the same value"
        remedy = "Refer to the whole from a property or an item only."
        yield Problem(file, written((*loop[0], "$ref")), message, remedy)
        return
    search = _Unfolding(root)
    search.applied(root, ())
    if search.excess is not None:
        place, number = search.excess
        message = f"References make {number:,} schemas of this part; {MOST_APPLIED:,} is the limit"
        remedy = "Refer to each part once where its value is described; the model is left out."
        yield Problem(file, written(place), message, remedy)


def _loop(root: JsonObject) -> tuple[Path, str] | None:
    """Return where a reference leads back to a schema that is applied to the same value."""
    finished: set[int] = set()
    for path, node in reached(root):
        found = _loop_from(root, node, path, frozenset(), finished)
        if found is not None:
            return found
    return None


def _loop_from(
    root: JsonObject, schema: object, path: Path, around: frozenset[int], finished: set[int]
) -> tuple[Path, str] | None:
    """Follow what is applied to the value of *schema*, to which those *around* are applied too."""
    if not is_object(schema) or id(schema) in finished:
        return None
    step(path)
    within = around | {id(schema)}
    inner = [((*path, *way), part) for way, part in parts(schema) if way[0] in _APPLIED]
    reference = schema.get("$ref")
    if isinstance(reference, str) and leads(root, reference) and reference != META_SCHEMA:
        target = look_up(root, reference)
        if id(target) in within and is_object(target):
            return path, reference
        inner.append((steps(reference), target))
    for way, part in inner:
        found = _loop_from(root, part, way, within, finished)
        if found is not None:
            return found
    finished.add(id(schema))
    return None


class _Unfolding:
    def __init__(self, root: JsonObject) -> None:
        self._root = root
        self._known: dict[int, int] = {}
        self.excess: tuple[Path, int] | None = None

    def applied(self, schema: Any, path: Path) -> int:
        """Return how many schemas may be applied to a value, or to one inside it."""
        if not is_object(schema):
            return 1
        if id(schema) in self._known:
            return self._known[id(schema)]
        self._known[id(schema)] = 0  # while it is looked at: recursion ends with the value
        alone, total = 0, 1
        for way, part in parts(schema):
            if way[0] in _APART:
                continue
            number = self.applied(part, (*path, *way))
            if way[0] in _ONE_OF:
                alone = max(alone, number)
            else:
                total += number
        reference = schema.get("$ref")
        if isinstance(reference, str):
            try:
                total += self.applied(look_up(self._root, reference), path)
            except DanglingReferenceError:
                total += 1
        total += alone
        if total > MOST_APPLIED and self.excess is None:
            self.excess = path, total
        self._known[id(schema)] = total
        return total
