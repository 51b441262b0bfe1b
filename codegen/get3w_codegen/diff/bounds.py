"""Find limits that changed (range, length, step), and whether they still allow what they did."""

import math
from collections.abc import Iterator
from fractions import Fraction
from typing import cast

from get3w_codegen.diff.changes import Change, Weight
from get3w_codegen.jsonschema.keywords import SIZES, JsonObject


def ranges(old: JsonObject, new: JsonObject, kinds: frozenset[str], where: str) -> Iterator[Change]:
    """Yield what changed in the range of a number."""
    whole = "number" not in kinds
    for word, low in (("minimum", True), ("maximum", False)):
        before, after = _bound(old, low=low, whole=whole), _bound(new, low=low, whole=whole)
        if before != after:
            narrower = after is not None and (before is None or after > before)
            yield _change("range", where, word, _said(old, low=low), _said(new, low=low), narrower)
    step, other = old.get("multipleOf"), new.get("multipleOf")
    if step != other:
        held = Fraction(1) if whole else None
        if step is not None:
            held = _exact(step)
        narrower = other is not None and (held is None or (held / _exact(other)).denominator != 1)
        yield _change("range", where, "step", step, other, narrower)


def sizes(old: JsonObject, new: JsonObject, kinds: frozenset[str], where: str) -> Iterator[Change]:
    """Yield what changed in the length of a text, a list or an object."""
    for kind, (least, most) in SIZES.items():
        if kind not in kinds:
            continue
        low, high = (old.get(least) or 0, new.get(least) or 0)
        if low != high:
            yield _change("length", where, least, old.get(least), new.get(least), high > low)
        low, high = (old.get(most, math.inf), new.get(most, math.inf))
        if low != high:
            yield _change("length", where, most, old.get(most), new.get(most), high < low)


def _bound(node: JsonObject, *, low: bool, whole: bool) -> tuple[Fraction, bool] | None:
    """Return a bound, signed so that greater is narrower, and whether it is exclusive."""
    keys = ("minimum", "exclusiveMinimum") if low else ("maximum", "exclusiveMaximum")
    found: list[tuple[Fraction, bool]] = []
    for key, strict in zip(keys, (False, True), strict=True):
        if key in node:
            value = _exact(node[key]) if low else -_exact(node[key])
            if whole:
                value = Fraction(math.floor(value) + 1 if strict else math.ceil(value))
            found.append((value, strict and not whole))
    return max(found, default=None)


def _said(node: JsonObject, *, low: bool) -> object:
    plain, strict = ("minimum", "exclusiveMinimum") if low else ("maximum", "exclusiveMaximum")
    if strict in node:
        return f"{'more' if low else 'less'} than {node[strict]}"
    return node.get(plain)


def _exact(number: object) -> Fraction:
    return Fraction(repr(cast("float", number)))


def _change(kind: str, where: str, word: str, old: object, new: object, narrower: bool) -> Change:
    weight = Weight.BREAKING if narrower else Weight.COMPATIBLE
    return Change(kind, where, weight, f"{word} {said(old)} → {said(new)}")


def said(value: object) -> str:
    """Return a value as shown to people, or "none"."""
    if value is None:
        return "none"
    text = str(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
