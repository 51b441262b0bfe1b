"""Suggest what may have been meant by a word that is not known."""

from __future__ import annotations

TYPE_CHECKING = False  # typing and collections are slow to load
if TYPE_CHECKING:
    from collections.abc import Iterable


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest of *known*; empty where none is near."""
    from difflib import get_close_matches  # only a mistake needs it

    folded = {each.casefold(): each for each in known}
    text = word.casefold()
    # One that is very near leaves no doubt; others would only be noise.
    near = get_close_matches(text, folded, n=1, cutoff=0.85) or get_close_matches(text, folded)
    shown = " or ".join(folded[each] for each in near)
    return f" Did you mean {shown}?" if near else ""
