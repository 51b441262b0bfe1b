"""The errors of a batch as a whole; what becomes of a single row is in its result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from get3w_core import Get3WError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SHOWN = 20


class BatchError(Get3WError):
    """The batch cannot be run as it was asked for; nothing was sent because of this call."""


class JournalError(Get3WError):
    """The journal cannot be used: it is too new, of another server, in use, or does not answer."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    """One thing that is wrong with a row.

    Attributes:
        row: The number of the row, from 0.
        column: The column, or the empty text for the whole row.
        message: What is wrong.
    """

    row: int
    column: str
    message: str

    def __str__(self) -> str:
        where = f"row {self.row}" + (f", column {self.column!r}" if self.column else "")
        return f"{where}: {self.message}"


class RowsError(BatchError):
    """Some rows do not fit the model; no row was sent.

    Attributes:
        problems: The first problems.
        count: How many rows have problems.
    """

    def __init__(self, problems: Sequence[RowProblem], count: int) -> None:
        self.problems: tuple[RowProblem, ...] = tuple(problems)
        self.count = count
        shown = "\n".join(f"  {problem}" for problem in self.problems[:_SHOWN])
        more = "\n  ..." if len(self.problems) > _SHOWN or count > len(self.problems) else ""
        super().__init__(
            f"{count} row(s) cannot be sent, so none was:\n{shown}{more}\n"
            "Correct them, or go on without them with --skip-invalid (skip_invalid=True)."
        )
