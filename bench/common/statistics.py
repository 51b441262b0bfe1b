"""Spreads, ratios of neighbouring turns, and exponents of growth."""

from __future__ import annotations

from dataclasses import dataclass
from math import log
from statistics import linear_regression, median
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True)
class Spread:
    """The median of some values, and the least and greatest of them."""

    median: float
    low: float
    high: float


def spread(values: Iterable[float]) -> Spread:
    """Return the spread of values, of which there is at least one."""
    found = [*values]
    return Spread(median(found), min(found), max(found))


def ratio(above: Sequence[float], below: Sequence[float]) -> Spread:
    """Return the spread of the ratios of each round; a drift of the machine cancels out."""
    return spread(one / other for one, other in zip(above, below, strict=False) if other)


def exponent(by_size: Mapping[int, Sequence[float]]) -> Spread | None:
    """Return k where the values grow as size to the power k: 0 is constant, 1 proportional.

    A line is fitted to the logarithms, once for each round. None where there is nothing to fit.
    """
    rounds = min(map(len, by_size.values()), default=0)
    positive = all(value > 0 for values in by_size.values() for value in values)
    if len(by_size) < 2 or not rounds or not positive:
        return None
    sizes = [log(size) for size in by_size]
    return spread(
        linear_regression(sizes, [log(values[turn]) for values in by_size.values()]).slope
        for turn in range(rounds)
    )
