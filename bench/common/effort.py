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
        most: The largest number of models that is tried.
    """

    quick: bool = False
    share: float = 1.0
    most: int = 1_000_000

    @property
    def words(self) -> str:
        """Say where this is less than the usual; "" where it is not."""
        less = [f"{self.share:g} of the usual rounds"] if self.share != 1 else []
        less += [f"at most {self.most:,} models"] if self.most < 1_000_000 else []
        return ", ".join(less)

    def rounds(self, usual: int) -> int:
        """Return how many rounds to take in place of the usual number."""
        return 1 if self.quick else max(1, round(usual * self.share))

    def sizes(self, usual: tuple[int, ...], tiny: tuple[int, ...]) -> tuple[int, ...]:
        """Return the numbers of models to try."""
        return tuple(size for size in self.pick(usual, tiny) if size <= self.most)

    def pick(self, usual: T, tiny: T) -> T:
        """Return the usual sizes or the tiny ones."""
        return tiny if self.quick else usual
