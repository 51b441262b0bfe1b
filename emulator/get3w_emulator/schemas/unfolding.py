"""Count how often the parts of a schema are applied to one value, references followed."""

import contextlib

from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator.schemas.keywords import DEFINITIONS, children
from get3w_emulator.schemas.references import DeadReferenceError, reached, resolve

# The generator has the same number, so that both leave out the same models.
MOST_APPLIED = 5_000

_IN_PLACE = frozenset({"allOf", "anyOf", "dependentSchemas", "else", "if", "not", "oneOf", "then"})
_APART = DEFINITIONS | {"contentSchema", "propertyNames"}


def applied(root: JSONObject) -> int:
    """Return how many schemas a value, or one inside it, may be judged by; recursion counts once.

    Judging takes as many steps, and a kilobyte of references that double on each level stands for
    millions.
    """
    return _applied(root, root, {})


def _applied(root: JSONObject, schema: JSON, known: dict[int, int]) -> int:
    if not isinstance(schema, dict):
        return 1
    if id(schema) in known:
        return known[id(schema)]
    known[id(schema)] = 0
    alone, total = 0, 1
    for way, child in children(schema):
        if way[0] not in _APART:
            number = _applied(root, child, known)
            if way[0] in ("prefixItems", "properties"):
                alone = max(alone, number)
            else:
                total += number
    reference = schema.get("$ref")
    if isinstance(reference, str):
        try:
            total += _applied(root, resolve(root, reference), known)
        except DeadReferenceError:
            total += 1
    known[id(schema)] = total + alone
    return total + alone


def loops(root: JSONObject) -> bool:
    """Tell whether judging a value would come back to the same schema with the same value."""
    finished: set[int] = set()
    return any(_loops(root, node, frozenset(), finished) for node in reached(root))


def _loops(root: JSONObject, schema: JSON, around: frozenset[int], finished: set[int]) -> bool:
    """Follow what is applied to the value of a schema, to which those *around* are applied too."""
    if not isinstance(schema, dict) or id(schema) in finished:
        return False
    if id(schema) in around:
        return True
    within = around | {id(schema)}
    inner = [child for way, child in children(schema) if way[0] in _IN_PLACE]
    for reference in (schema.get("$ref"), schema.get("$dynamicRef")):
        if isinstance(reference, str):
            with contextlib.suppress(DeadReferenceError):
                inner.append(resolve(root, reference))
    found = any(_loops(root, each, within, finished) for each in inner)
    finished.add(id(schema))
    return found
