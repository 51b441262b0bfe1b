"""Values and kinds of value in the words of a finding."""

from get3w_codegen.diff.changes import Change, Weight
from get3w_codegen.jsonschema.documents import canonical


def types(kinds: frozenset[str], allowed: frozenset[str], where: str) -> Change:
    """Return the change from one set of kinds of value to another."""
    weight = Weight.BREAKING if kinds - allowed else Weight.COMPATIBLE
    return Change("type", where, weight, f"type {_names(kinds)} → {_names(allowed)}")


def _names(kinds: frozenset[str]) -> str:
    shown = kinds - {"integer"} if "number" in kinds else kinds
    return "any" if len(kinds) == 7 else " or ".join(sorted(shown)) or "nothing"


def few(values: list[object]) -> str:
    """Return the first of several values, and how many more there are."""
    texts = [canonical(value) for value in values]
    return ", ".join(texts[:6]) + (f" and {len(texts) - 6} more" if len(texts) > 6 else "")
