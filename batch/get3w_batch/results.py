"""What a batch says of a row, and of all rows together."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Literal, TypeAlias

from get3w_core import JsonValue

State: TypeAlias = Literal[
    "pending", "sending", "accepted", "completed", "failed", "refused", "unknown"
]
"""What a row is.

`pending`: nothing was sent. `sending`: it may have been sent. `accepted`: there is a task.
`completed` and `failed`: how the task ended. `refused`: the server, or this package before it sent
anything, said no. `unknown`: it may have been sent, and nobody knows whether there is a task.
"""

SETTLED: tuple[State, ...] = ("completed", "failed", "refused", "unknown")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one row.

    Attributes:
        row: Its place in the input, from 0; None if the input does not hold it any more.
        key: What names it in the journal.
        status: `completed`, `failed`, `refused` or `unknown`.
        model: The model id.
        id: The task's id, if there is a task.
        outputs: What the task made: addresses, or texts.
        files: The files that were saved, relative to the folder of the results.
        error: What went wrong, in words.
        code: The task's error code or the HTTP status, as text; `invalid` for a row that was
            never sent because it does not fit the model.
        cost: What the billing records say it cost in USD, earlier attempts included.
        sent_at: When it was sent, in Unix time.
        finished_at: When this result was known, in Unix time.
    """

    row: int | None
    key: str
    status: str
    model: str
    id: str | None
    outputs: list[JsonValue]
    files: list[str]
    error: str | None
    code: str | None
    cost: float | None
    sent_at: float | None
    finished_at: float | None

    def to_json(self) -> str:
        """Return it as one line of JSON."""
        fields = {name: getattr(self, name) for name in self.__dataclass_fields__}
        return json.dumps(fields, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Summary:
    """What became of a batch.

    Attributes:
        rows: How many rows the input has; the counts by state add up to it.
        counts: How many rows are in each state.
        incomplete: How many completed rows lack files that could not be fetched.
        cost: What the billing records say all of it cost in USD, as far as they were seen.
        reserved: The cost in USD with estimates where no record was seen.
        unpriced: How many submits nothing is known of the cost of.
        stopped: Why it stopped before the end, or None.
        written: Whether the results are written; if not, the next run writes them.
    """

    rows: int
    counts: dict[State, int] = field(default_factory=dict[State, int])
    incomplete: int = 0
    cost: float = 0.0
    reserved: float = 0.0
    unpriced: int = 0
    stopped: str | None = None
    written: bool = True

    @property
    def exit_status(self) -> int:
        """0 all completed, 1 some failed, 3 some are unknown, 4 stopped before the end."""
        open_rows = sum(self.counts.get(state, 0) for state in ("pending", "sending", "accepted"))
        if open_rows or not self.written:
            return 4
        if self.counts.get("unknown", 0):
            return 3
        lacking = self.counts.get("failed", 0) + self.counts.get("refused", 0) + self.incomplete
        return 1 if lacking else 0

    def to_json(self) -> str:
        """Return it as one line of JSON."""
        return json.dumps({**asdict(self), "exit_status": self.exit_status})
