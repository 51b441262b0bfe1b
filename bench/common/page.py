"""How the figures of a part are shown: said by the part, read by the report."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Measure:
    """Something that is measured.

    Attributes:
        key: Its name in the figures.
        title: Its name and unit for people, in the plural: "submits a second".
        more_is_better: Whether the larger value wins.
        digits: The decimal places shown.
        fitted: Whether its growth is fitted.
        plotted: Whether it is plotted too.
        compared: Whether ratios of it mean something, which those of small differences do not.
    """

    key: str
    title: str
    more_is_better: bool = False
    digits: int = 1
    fitted: bool = True
    plotted: bool = True
    compared: bool = True


@dataclass(frozen=True)
class Page:
    """The page of a part.

    Attributes:
        title: Its heading.
        measures: What is shown, in this order.
        ours: The contestant that the others are compared with; "" where nobody is.
        axis: What a size counts, such as "models".
        axes: What it counts in some settings, where that is something else.
        compared: The sizes that get a table of their own; None where all of them do.
        environment: "peers", or "own" where the development environment has all that it needs.
    """

    title: str
    measures: tuple[Measure, ...]
    ours: str = "ours"
    axis: str = ""
    axes: Mapping[str, str] = field(default_factory=dict)
    compared: tuple[int, ...] | None = None
    environment: str = "own"

    def counted(self, setting: str) -> str:
        """Return what a size counts in a setting."""
        return self.axes.get(setting, self.axis)
