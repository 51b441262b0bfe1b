"""The results of `reconcile`: `Accepted`, `Ambiguous` or `NoEvidence`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Generic, Literal, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from get3w_core._common.prediction_data import PredictionData

H = TypeVar("H", covariant=True)

Evidence: TypeAlias = Literal["callback", "answer", "records"]
"""What shows that a task is a submit's.

A callback at the submit's own address; the submit's own answer, which named the task and then
broke off or was an error; or a task on record with the same input, accepted when it was sent.
"""


@dataclass(frozen=True, slots=True)
class ReconcileReport:
    """Where a task was looked for, and what was not seen.

    Attributes:
        model_id: The model that was submitted to.
        began: When the search began, by this machine's clock.
        ended: When it ended.
        looks: How many times the records were gone through.
        requests: How many requests were made, retries not counted.
        asked: The endpoints that answered.
        missing: The endpoints that the server does not have.
        limits: Which bounds cut the search short; empty if it was complete.
    """

    model_id: str
    began: datetime
    ended: datetime
    looks: int
    requests: int
    asked: tuple[str, ...]
    missing: tuple[str, ...]
    limits: tuple[str, ...]

    def __str__(self) -> str:
        parts = [
            f"looked {self.looks} time(s) until {self.ended.isoformat(timespec='seconds')}"
            f" at {', '.join(self.asked) or 'nothing'}"
        ]
        if self.missing:
            parts.append(f"this server has no {', '.join(self.missing)}")
        if self.limits:
            parts.append(f"cut short: {', '.join(self.limits)}")
        return "; ".join(parts)


@dataclass(frozen=True, slots=True)
class Accepted(Generic[H]):
    """The submit was accepted, and this is its task.

    Attributes:
        prediction: The handle.
        evidence: What shows it: `callback`, a delivery at this submit's own address; `answer`, the
            submit's own answer, which named the task; or `records`, a task of the account with the
            same input, accepted when the submit was sent.
        report: Where the task was looked for.
        outcome: The name of this result.
    """

    prediction: H
    evidence: Literal["callback", "answer", "records"]
    report: ReconcileReport
    outcome: Literal["accepted"] = "accepted"

    def __str__(self) -> str:
        return f"accepted: {self.prediction!r} ({self.evidence}; {self.report})"


@dataclass(frozen=True, slots=True)
class Ambiguous(Generic[H]):
    """There are tasks that may be the submit's, and nothing tells which one is.

    Attributes:
        candidates: The handles, in the order of the server's records.
        reason: Why none was chosen.
        report: Where the task was looked for.
        outcome: The name of this result.
    """

    candidates: tuple[H, ...]
    reason: str
    report: ReconcileReport
    outcome: Literal["ambiguous"] = "ambiguous"

    def __str__(self) -> str:
        named = ", ".join(map(repr, self.candidates))
        count = len(self.candidates)
        return f"ambiguous: {count} candidate(s), {self.reason}: {named} ({self.report})"


@dataclass(frozen=True, slots=True)
class NoEvidence:
    """No task of the submit was seen so far, which does not mean that there is none.

    Attributes:
        report: Where the task was looked for.
        outcome: The name of this result.
    """

    report: ReconcileReport
    outcome: Literal["no evidence"] = "no evidence"

    def __str__(self) -> str:
        return f"no evidence yet: {self.report}"


Reconciliation: TypeAlias = Accepted[H] | Ambiguous[H] | NoEvidence
"""The result of `reconcile`: look at its class, or at its `outcome`."""


P = TypeVar("P")


def handles_of(
    found: Reconciliation[PredictionData], handle: Callable[[PredictionData], P]
) -> Reconciliation[P]:
    """Return the same result with handles in place of plain data."""
    match found:
        case Accepted():
            return Accepted(handle(found.prediction), found.evidence, found.report)
        case Ambiguous():
            return Ambiguous(tuple(map(handle, found.candidates)), found.reason, found.report)
        case NoEvidence():
            return found
