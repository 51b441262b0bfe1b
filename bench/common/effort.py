"""How much a run may take: the usual, a share of it on a busy machine, or next to nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Effort:
    """What a part is allowed.

    Attributes:
        quick: Whether everything is tiny, which shows that it works and measures nothing.
        share: The part of the usual rounds that are taken.
    """

    quick: bool = False
    share: float = 1.0

    def rounds(self, usual: int) -> int:
        """Return how many rounds to take in place of the usual number."""
        return 1 if self.quick else max(1, round(usual * self.share))

    def pick(self, usual: T, tiny: T) -> T:
        """Return the usual sizes or the tiny ones."""
        return tiny if self.quick else usual
