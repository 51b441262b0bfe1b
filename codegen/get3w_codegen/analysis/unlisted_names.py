"""Find property names that one part of a schema lists for an object and another part does not."""

from collections.abc import Sequence
from typing import cast

from get3w_codegen.budget import step
from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.jsonschema.merge import parts_in_place

# Deeper, a value is read by what its own part says. Recursion is noticed long before.
_DEEPEST = 12


def adds_names(root: JsonObject, own: object, other: object) -> bool:
    """Return whether *other* lists a name that *own* does not, at any depth."""
    return _adds(root, [own], [other], set(), 0)


def adds_names_inside(root: JsonObject, own: object, other: object) -> bool:
    """Return whether *other* lists a name that *own* does not, for what both describe inside."""
    return _adds_inside(root, _flat(root, [own]), _flat(root, [other]), set(), 0)


def _adds(
    root: JsonObject,
    own: Sequence[object],
    other: Sequence[object],
    seen: set[tuple[int, ...]],
    depth: int,
) -> bool:
    key = (*map(id, own), 0, *map(id, other))
    if key in seen or depth > _DEEPEST:
        return False
    seen.add(key)
    step()
    mine, others = _flat(root, own), _flat(root, other)
    return bool(_names(others) - _names(mine)) or _adds_inside(root, mine, others, seen, depth)


def _adds_inside(
    root: JsonObject,
    mine: list[JsonObject],
    others: list[JsonObject],
    seen: set[tuple[int, ...]],
    depth: int,
) -> bool:
    for name in sorted(_names(others)):
        found = _properties(mine, name)
        if found and _adds(root, found, _properties(others, name), seen, depth + 1):
            return True
    items = [part["items"] for part in mine if "items" in part]
    theirs = [part["items"] for part in others if "items" in part]
    return bool(items and theirs) and _adds(root, items, theirs, seen, depth + 1)


def _flat(root: JsonObject, schemas: Sequence[object]) -> list[JsonObject]:
    nodes = [cast("JsonObject", each) for each in schemas if isinstance(each, dict)]
    return [part for node in nodes for part in parts_in_place(root, node)]


def _names(parts: list[JsonObject]) -> set[str]:
    return {name for part in parts for name in part.get("properties", {})}


def _properties(parts: list[JsonObject], name: str) -> list[object]:
    return [part["properties"][name] for part in parts if name in part.get("properties", {})]
