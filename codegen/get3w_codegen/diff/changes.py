"""The findings of a comparison, and how serious each is for callers."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from get3w_codegen.jsonschema.documents import canonical

Pairs = frozenset[tuple[str, str]]
"""The pairs of parts that are being compared, further out."""


class Weight(Enum):
    """What a change does to programs that use the model."""

    BREAKING = "breaking"
    """Some call that was right before is wrong now, or it cannot be told that none is."""
    BILLING = "billing"
    """All calls are still right, and the same call may cost something else."""
    COMPATIBLE = "compatible"
    """All calls are still right."""


@dataclass(frozen=True, slots=True)
class Change:
    """One change of meaning.

    Attributes:
        kind: What was changed, as in "type" or "range".
        parameter: The parameter, as in "loras[].scale", or "" for the model itself.
        weight: What it does to callers.
        text: What happened, for people.
        decided: Whether the weight is known; what cannot be decided counts as breaking.
        renamed_from: The former name, where the model or parameter was renamed.
    """

    kind: str
    parameter: str
    weight: Weight
    text: str
    decided: bool = True
    renamed_from: str | None = None


@dataclass(frozen=True, slots=True)
class ModelChanges:
    """All changes of one model.

    Attributes:
        model_id: The model.
        fate: "added", "removed", "renamed" or "changed".
        changes: What changed.
    """

    model_id: str
    fate: str
    changes: tuple[Change, ...]


def heaviest(changes: Iterable[Change]) -> Weight:
    """Return the weight of all changes together."""
    order = list(Weight)
    return min((change.weight for change in changes), key=order.index, default=Weight.COMPATIBLE)


def undecided(kind: str, where: str, text: str) -> Change:
    """Return a change whose effect is not known, so that it counts as breaking."""
    return Change(kind, where, Weight.BREAKING, f"{text} (undecided)", decided=False)


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
