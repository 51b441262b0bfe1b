"""Suggest what may have been meant by a word that is not known."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest of *known*; empty where none is near."""
    from difflib import get_close_matches  # only a mistake needs it

    folded = {each.casefold(): each for each in known}
    near = [folded[each] for each in get_close_matches(word.casefold(), folded, n=3, cutoff=0.6)]
    return f" Did you mean {' or '.join(near)}?" if near else ""
