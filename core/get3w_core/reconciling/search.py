"""Decide which task a submit of unknown outcome became.

The evidence is what Get3W documents: billing records name the model and the task, and a prediction
shows its input and when it was accepted. A task is the submit's if its input is what was sent, it
was accepted while the submit was under way, no other submit of this client may have made it, and no
other task fits as well. Anything less is *ambiguous* or *no evidence*.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Literal, TypeAlias

from get3w_core.api.matching import is_same_model
from get3w_core.flow.backoff import LONGEST_READ_DELAY, backoff
from get3w_core.flow.effects import sleep
from get3w_core.reconciling.inputs import compare_inputs
from get3w_core.reconciling.reader import BILLINGS, HISTORY, RecordReader
from get3w_core.reconciling.results import Accepted, Ambiguous, NoEvidence, ReconcileReport

if TYPE_CHECKING:
    from get3w_core._common.prediction_data import PredictionData
    from get3w_core.flow.context import Context
    from get3w_core.flow.effects import Flow
    from get3w_core.reconciling.memory import SeenTask, SubmissionMemory
    from get3w_core.reconciling.results import Evidence, Reconciliation
    from get3w_core.reconciling.saved import SavedSubmission
    from get3w_core.webhooks.delivery import WebhookDelivery

_Fit: TypeAlias = Literal["fits", "not shown", "early", "extra input"]


def reconcile(
    ctx: Context,
    submission: SavedSubmission,
    memory: SubmissionMemory,
    *,
    within: float,
    delivery: WebhookDelivery | None,
) -> Flow[Reconciliation[PredictionData]]:
    """Look for the task of *submission* until there is one, or *within* seconds are over.

    Raises:
        Get3WError: The server could not be asked, after the retries of a read.
    """
    memory.opened(submission)
    search = _Search(ctx, submission, memory, delivery)
    deadline = ctx.clock() + within
    attempt = 0
    while True:
        result = yield from search.look()
        left = deadline - ctx.clock()
        if search.settled or left <= 0 or not search.can_see:
            return result
        delay = min(backoff(attempt, ctx.random, LONGEST_READ_DELAY), left)
        yield from sleep(delay, f"no task of the submit of {submission.model_id} is on record yet")
        attempt += 1


class _Search:
    """One search for the task of one submit."""

    def __init__(
        self,
        ctx: Context,
        submission: SavedSubmission,
        memory: SubmissionMemory,
        delivery: WebhookDelivery | None,
    ) -> None:
        self._ctx = ctx
        self._submission = submission
        self._memory = memory
        self._delivery = delivery
        self._reader = RecordReader(ctx, submission, memory)
        self._began = ctx.wall_clock()
        self._looks = 0
        # Whether the last look is worth no further one. A task that fits may still be billed.
        self.settled: bool = False

    @property
    def can_see(self) -> bool:
        """Whether the server has an endpoint with records to look at."""
        return not {BILLINGS, HISTORY} <= self._reader.missing

    def look(self) -> Flow[Reconciliation[PredictionData]]:
        """Go through the evidence once."""
        self._looks += 1
        self._reader.limits.clear()
        tasks: dict[str, SeenTask] = {}
        for prediction_id, evidence in self._named():
            task = yield from self._reader.task(prediction_id)
            if task is None:
                continue
            # It was named to this submit alone, so its time is not needed; but it may still
            # contradict what was sent.
            agrees = self._fit(task, self._submission, timed=False) is not None
            if agrees and evidence is not None and self._claim(task, evidence):
                return (yield from self._accepted(task, evidence))
            tasks[task.id] = task
        for found in ((yield from self._reader.billed()), (yield from self._reader.history())):
            tasks |= {task.id: task for task in found}
        return (yield from self._judge(list(tasks.values())))

    def _named(self) -> list[tuple[str, Evidence | None]]:
        """Return the tasks that were named to this submit, and what that is worth."""
        named: list[tuple[str, Evidence | None]] = []
        settled = self._memory.settled(self._submission)
        if settled is not None:
            named.append(settled)
        if self._delivery is not None:
            nonce = self._submission.callback_nonce
            proven = nonce is not None and nonce == self._delivery.callback_nonce
            named.append((self._delivery.prediction_id, "callback" if proven else None))
        if self._submission.prediction_id is not None:
            named.append((self._submission.prediction_id, "answer"))
        return named

    def _judge(self, tasks: list[SeenTask]) -> Flow[Reconciliation[PredictionData]]:
        submission = self._submission
        free = [task for task in tasks if not self._memory.is_taken(task.id, submission)]
        fits = {task.id: self._fit(task, submission) for task in free}
        if "fits" in fits.values():
            # Beside an input that is exactly what was sent, one that holds more is another's.
            kept, reason = {"fits", "not shown"}, "and nothing tells them apart"
            first, *more = (task for task in free if fits[task.id] in kept)
            if not more and self._fits_another(first):
                reason = "which may be that of another submit whose outcome is unknown"
            elif not more:
                if self._claim(first, "records"):
                    return (yield from self._accepted(first, "records"))
                return (yield from self._judge(tasks))  # another search has just taken it
        elif "not shown" in fits.values():
            kept, reason = (
                {"not shown"},
                "of which the server does not show the model, the input or the time",
            )
        elif "early" in fits.values():
            kept, reason = {"early"}, "accepted before this submit was sent, as far as clocks tell"
        else:
            kept, reason = {"extra input"}, "whose input holds what was sent, and more"
            free = [task for task in free if not self._fits_another(task)]
        self.settled = "fits" in fits.values()
        candidates = [task for task in free if fits[task.id] in kept]
        if not candidates:
            return NoEvidence(self._report())
        data = yield from self._reader.present_states(candidates)
        return Ambiguous(tuple(data), reason, self._report())

    def _fits_another(self, task: SeenTask) -> bool:
        others = self._memory.rivals(self._submission)
        return any(self._fit(task, other) == "fits" for other in others)

    def _claim(self, task: SeenTask, evidence: Evidence) -> bool:
        return self._memory.claim(task.id, self._submission, evidence)

    def _accepted(self, task: SeenTask, evidence: Evidence) -> Flow[Reconciliation[PredictionData]]:
        self.settled = True
        (data,) = yield from self._reader.present_states([task])
        return Accepted(data, evidence, self._report())

    def _fit(
        self, task: SeenTask, submission: SavedSubmission, *, timed: bool = True
    ) -> _Fit | None:
        """Return how well *task* fits *submission*; None if it contradicts it."""
        if task.model is not None and not is_same_model(task.model, submission.model_id):
            return None
        window = self._reader.window(submission)
        created = task.created
        if timed and created is not None and not window.begin <= created <= window.end:
            return None
        if task.input is None:
            return "not shown"
        match = compare_inputs(submission.input, task.input, submission.defaults)
        if match == "different":
            return None
        if task.created is None or task.model != submission.model_id:
            return "not shown"  # the model is, if at all, in another spelling
        if timed and window.is_early(task.created):
            return "early"
        return "fits" if match == "equal" else "extra input"

    def _report(self) -> ReconcileReport:
        reader = self._reader
        return ReconcileReport(
            model_id=self._submission.model_id,
            began=datetime.fromtimestamp(self._began, UTC),
            ended=datetime.fromtimestamp(self._ctx.wall_clock(), UTC),
            looks=self._looks,
            requests=reader.requests,
            asked=tuple(sorted(reader.asked)),
            missing=tuple(sorted(reader.missing)),
            limits=tuple(sorted(reader.limits)),
        )
