"""Find `if` conditions that never apply, and dependencies that can never be met."""

import contextlib
from collections.abc import Container, Iterator
from typing import Any, cast

from get3w_codegen.analysis.assertions import Assertions
from get3w_codegen.jsonschema.keywords import (
    DEFINITIONS,
    IN_PLACE,
    JsonObject,
    Path,
    is_object,
    listed_values,
    parts,
)
from get3w_codegen.jsonschema.merge import parts_in_place, resolved, says_more
from get3w_codegen.jsonschema.references import DanglingReferenceError
from get3w_codegen.jsonschema.validation import Judge
from get3w_codegen.problems import no_such_property, shown

Mistake = tuple[Path, str, str]


def never_met(root: JsonObject, *, opened: bool = False) -> Iterator[Mistake]:
    """Yield place, message and remedy of each `if` or dependency that can never apply.

    Args:
        root: The schema.
        opened: Whether objects that say nothing of further names will be read as open.
    """
    yield from _looked_through(root, root, (), None, opened=opened)


def _looked_through(
    root: JsonObject, schema: Any, path: Path, around: JsonObject | None, *, opened: bool
) -> Iterator[Mistake]:
    """Check a part; *around* is the outer schema of the same value, if there is one."""
    if not is_object(schema):
        return
    whole = around or schema
    if isinstance(schema.get("if"), dict):
        # A reference that leads nowhere is told elsewhere; nothing is certain here.
        with contextlib.suppress(DanglingReferenceError, RecursionError):
            yield from _of_condition(root, schema["if"], (*path, "if"), whole, opened=opened)
    with contextlib.suppress(DanglingReferenceError, RecursionError):
        yield from _needed(root, schema, path, whole, opened=opened)
    for way, part in parts(schema):
        # A definition may be used in places that say more of the value.
        if way[0] not in DEFINITIONS | {"if", "not"}:
            inner = whole if way[0] in IN_PLACE else None
            yield from _looked_through(root, part, (*path, *way), inner, opened=opened)


def _needed(
    root: JsonObject, node: JsonObject, path: Path, whole: JsonObject, *, opened: bool
) -> Iterator[Mistake]:
    """Yield the names in `dependentRequired` that are not properties."""
    stated = cast("JsonObject", node.get("dependentRequired", {}))
    flat = resolved(root, whole)
    if not stated or opened or not flat.get("properties") or says_more(root, flat):
        return
    names = {name for part in parts_in_place(root, flat) for name in part.get("properties", {})}
    for name, needed in stated.items():
        for wire in cast("list[str]", needed):
            if wire not in names:
                message = f"{shown(wire)} is needed here, and {no_such_property(wire, names)}"
                place = (*path, "dependentRequired", name)
                yield place, message, f"Correct it; until then {shown(name)} cannot be given."


def _of_condition(
    root: JsonObject, condition: JsonObject, path: Path, whole: JsonObject, *, opened: bool
) -> Iterator[Mistake]:
    flat = resolved(root, whole)
    known: JsonObject = flat.get("properties", {})
    names = _names(root, flat)
    closed = bool(known) and not opened and not says_more(root, flat)
    for name, test in cast("JsonObject", condition.get("properties", {})).items():
        place = (*path, "properties", name)
        if closed and name not in names:
            message = f"{shown(name)} is tested here, and {no_such_property(name, names)}"
            yield place, message, "Correct the name, or list the property."
        elif is_object(test) and name in known:
            values = listed_values(test)
            assertions = Assertions(root)
            judge = Judge(assertions.complete(assertions.of(known[name])))
            if values and None not in values and not any(map(judge.accepts, values)):
                said = " or ".join(map(shown, values[:3]))
                message = f"{shown(name)} can never be {said}, so the condition never applies"
                yield place, message, "Correct the condition, or what the property may be."


def surely_unfit(schema: object, names: Container[str]) -> bool:
    """Return whether an object with no other names than *names* certainly does not fit *schema*."""
    if not is_object(schema):
        return False
    if any(wire not in names for wire in schema.get("required", [])):
        return True
    branches = [
        [surely_unfit(part, names) for part in schema.get(key, [])] for key in ("anyOf", "oneOf")
    ]
    return any(part and all(part) for part in branches) or any(
        surely_unfit(part, names) for part in schema.get("allOf", [])
    )


def _names(root: JsonObject, flat: JsonObject) -> set[str]:
    """Return the names listed for an object otherwise than by its conditions."""
    tests = [part["if"] for part in parts_in_place(root, flat) if isinstance(part.get("if"), dict)]
    return {
        name
        for part in parts_in_place(root, flat)
        if not any(part is test for test in tests)
        for name in part.get("properties", {})
    }
