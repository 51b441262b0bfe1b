"""Raw figures: what was measured, of whom, in which setting, round by round; kept as JSON."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

RAW = Path(__file__).parents[2] / "build/bench"


@dataclass(frozen=True)
class Figure:
    """The values of one contestant in one setting, one for each round.

    Attributes:
        measure: The key of what was measured, such as "rate".
        setting: What was done, such as "asyncio over TLS".
        contestant: Who did it.
        size: How many at once, models or rows; None where nothing grows.
        values: The value of each round; those of one round of all contestants belong together.
    """

    measure: str
    setting: str
    contestant: str
    size: int | None
    values: list[float] = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str, int | None]:
        """What tells it from other figures."""
        return self.measure, self.setting, self.contestant, self.size


class Recorder:
    """Collects the figures of a part."""

    def __init__(self) -> None:
        self.figures: dict[tuple[str, str, str, int | None], Figure] = {}
        self.missing: dict[str, str] = {}
        self.remarks: list[str] = []
        self.cells: dict[str, dict[str, dict[str, str]]] = {}

    def add(
        self, measure: str, setting: str, contestant: str, value: float, size: int | None = None
    ) -> None:
        """Add the value of a round."""
        figure = Figure(measure, setting, contestant, size)
        self.figures.setdefault(figure.key, figure).values.append(value)

    def leave_out(self, contestant: str, reason: str) -> None:
        """Say why a contestant has no figures."""
        self.missing[contestant] = reason

    def remark(self, text: str) -> None:
        """Add a sentence that belongs beside the figures."""
        self.remarks.append(text)

    def cell(self, table: str, contestant: str, column: str, text: str) -> None:
        """Set a cell of a table of words."""
        self.cells.setdefault(table, {}).setdefault(contestant, {})[column] = text

    def as_json(self) -> dict[str, Any]:
        """Return everything that was recorded."""
        figures = [asdict(each) for each in self.figures.values()]
        return {
            "figures": figures,
            "missing": self.missing,
            "remarks": self.remarks,
            "cells": self.cells,
        }


@dataclass(frozen=True)
class Raw:
    """What one run of a part has left in its file.

    Attributes:
        figures: Its figures, in the order in which they were first recorded.
        missing: Why a contestant has none.
        remarks: Sentences beside the figures.
        cells: Tables of words: title, contestant, column, text.
        run: The machine, the versions, the load before and after, the time that it took.
    """

    figures: list[Figure]
    missing: dict[str, str]
    remarks: list[str]
    cells: dict[str, dict[str, dict[str, str]]]
    run: dict[str, Any]


def write_raw(path: Path, recorder: Recorder, run: dict[str, Any]) -> None:
    """Keep what was recorded, and how it came about."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({"run": run, **recorder.as_json()}, indent=1)
    path.write_text(text + "\n", encoding="utf-8")


def read_raw(path: Path) -> Raw:
    """Return what a run has left."""
    found = json.loads(path.read_text(encoding="utf-8"))
    figures = [Figure(**each) for each in found["figures"]]
    return Raw(figures, found["missing"], found["remarks"], found["cells"], found["run"])
