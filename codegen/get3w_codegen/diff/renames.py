"""Guess which removed name became which new name."""

from collections.abc import Callable, Iterable
from difflib import SequenceMatcher

_ENOUGH = 0.7


def renamed(
    gone: Iterable[str], come: Iterable[str], same: Callable[[str, str], float]
) -> dict[str, str]:
    """Return the old name by the new name, for each likely renaming.

    Args:
        gone: The names that are gone.
        come: The names that are new.
        same: How alike the things of two names are, from 0 to 1.
    """
    rest = set(come)
    pairs = sorted(
        (
            (-(0.6 * _alike(old, new) + 0.4 * same(old, new)), old, new)
            for old in sorted(gone)
            for new in sorted(rest)
        ),
    )
    found: dict[str, str] = {}
    for score, old, new in pairs:
        if -score >= _ENOUGH and new in rest and old not in found.values():
            found[new] = old
            rest.discard(new)
    return found


def _alike(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other, autojunk=False).ratio()
