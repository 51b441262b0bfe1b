"""Send one submit: another attempt only where the last one was surely not accepted."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from get3w_core._common.prediction_data import PredictionData
from get3w_core.api.answers import Answer, read_answer
from get3w_core.api.matching import checked, names_model
from get3w_core.api.read import seen_in
from get3w_core.api.verdicts import Verdict, judge_submit
from get3w_core.errors.base import Get3WError
from get3w_core.errors.task import lookup_call
from get3w_core.flow.backoff import SHORTEST_DELAY, backoff, not_before
from get3w_core.flow.context import Context
from get3w_core.flow.effects import (
    Evidence,
    HttpRequest,
    HttpResponse,
    TransportFailure,
    send,
    sleep,
)
from get3w_core.flow.events import Retried, SubmitFailed, Submitted
from get3w_core.flow.telling import emit, tell_completed
from get3w_core.reconciling.unknown import SubmitOutcomeUnknownError
from get3w_core.submitting.errors import submit_error
from get3w_core.submitting.sync_mode import still_running, without_id

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Literal

    from get3w_core.flow.effects import Flow, Outcome
    from get3w_core.reconciling.saved import SavedSubmission
    from get3w_core.submitting.submission import Submission

# An attempt that begins as the deadline ends still gets this long for a connection.
_LAST_CONNECT: Final = 1.0

# Accepted without a prediction that can be read is unknown.
_WORDS: Final[Mapping[Verdict, Literal["unsent", "refused", "rejected", "unknown"]]] = {
    Verdict.ACCEPTED: "unknown",
    Verdict.UNSENT: "unsent",
    Verdict.REFUSED: "refused",
    Verdict.REJECTED: "rejected",
    Verdict.UNKNOWN: "unknown",
}


def send_until_accepted(
    ctx: Context, submission: Submission, body: bytes, *, held: bool, started: float
) -> Flow[PredictionData]:
    """Send *body* until the server has it, and never once more; see `verdicts`.

    Raises:
        APIError: The server refused it; nothing was accepted.
        ConnectionFailedError: It could not be sent.
        SubmitOutcomeUnknownError: It may have been accepted.
    """
    url = submission.surface.submit_url(
        ctx.options.origin, submission.model_id, submission.webhook_url, sync=held
    )
    request = HttpRequest("POST", url, body=body, timeout=submission.timeout, submits=True)
    sending = _Sending(ctx, submission, request, held=held, started=started)
    try:
        return (yield from sending.run())
    except BaseException as gone:
        sending.note_end(gone)
        raise


class _Sending:
    """The attempts at one submit, and what is known of them whenever they end."""

    def __init__(
        self,
        ctx: Context,
        submission: Submission,
        request: HttpRequest,
        *,
        held: bool,
        started: float,
    ) -> None:
        self._ctx = ctx
        self._submission = submission
        self._request = request
        self._held = held
        self._started = started
        self._began = ctx.clock()
        self._sent_at = ctx.wall_clock()
        self._attempts = 0
        self._evidence = Evidence()
        self._evidence.unsent = True
        self._accepted: PredictionData | None = None
        self._told = False

    def run(self) -> Flow[PredictionData]:
        ctx = self._ctx
        deadline = self._began + ctx.options.submit_deadline
        while True:
            left = deadline - ctx.clock()
            # Only getting a connection is cut short: a cut answer would be an unknown outcome.
            within = left if left > 0 else None
            if self._attempts:
                within = max(left, _LAST_CONNECT)
            self._sent_at = ctx.wall_clock()
            evidence = Evidence()
            limited = replace(self._request, connect_within=within, evidence=evidence)
            evidence.unsent = True
            self._evidence = evidence
            self._attempts += 1
            try:
                self._submission.memory.begin(evidence, self._describe)
                outcome = evidence.outcome = yield from send(limited)
                result, verdict = self._judge(outcome)
                self._note_accepted(result, verdict)
                if self._accepted is not None:
                    self._tell_accepted(self._accepted)
                    return self._accepted
                left = deadline - ctx.clock()
                delay = _next_delay(ctx, result, verdict, self._attempts, left)
                if delay is None:
                    error = self._error(result, verdict)
                    self._tell_failed(error, verdict)
                    raise error
            except BaseException as gone:
                self.note_end(gone)  # before the attempt is forgotten
                raise
            finally:
                self._submission.memory.end(evidence)
            emit(
                ctx,
                Retried(
                    model=self._submission.model_id,
                    prediction_id=None,
                    elapsed=ctx.clock() - self._started,
                    attempt=self._attempts,
                    delay=delay,
                    verdict="unsent" if verdict is Verdict.UNSENT else "refused",
                    reason=seen_in(result),
                    method=self._request.method,
                    url=self._request.shown_url,
                    seconds_left=left,
                ),
            )
            yield from sleep(delay, f"submit of {self._submission.model_id}: {verdict.value}")

    def note_end(self, gone: BaseException) -> None:
        """Tell what is known of a submit that *gone* ended, and add it to *gone* as a note.

        Cancelled, interrupted from the keyboard, or ended by somebody's time limit.
        """
        if isinstance(gone, GeneratorExit) and gone.__context__ is not None:
            gone = gone.__context__  # it struck where the flow is run
        if isinstance(gone, Get3WError) and self._evidence.unsent:
            # The sender has words of ours for what it knows not to have sent.
            self._tell_failed(gone, Verdict.UNSENT)
            return
        if self._told and self._accepted is None:
            return
        result, verdict = self._judge(self._evidence.outcome or self._nothing_known(gone))
        self._note_accepted(result, verdict)
        if self._accepted is not None:
            data = self._accepted
            back = lookup_call(data.id, self._submission.surface.name)
            words = f"The submit of {data.model} was accepted: {back} gets its handle."
            self._tell_accepted(data)
        else:
            error = self._error(result, verdict)
            words = str(error)
            if isinstance(error, SubmitOutcomeUnknownError):
                # Who caught *gone* has no such error at hand, but the hook was given one.
                words += " on_event of the client is given that error, as SubmitFailed.error."
            self._tell_failed(error, verdict)
        if isinstance(gone, Exception | KeyboardInterrupt):
            note = f"get3w: {words}"
            if note not in getattr(gone, "__notes__", ()):
                gone.add_note(note)

    def _nothing_known(self, gone: BaseException) -> TransportFailure:
        text = f"the call was given up ({type(gone).__name__})"
        return TransportFailure("unsent" if self._evidence.unsent else "unknown", text)

    def _judge(self, outcome: Outcome) -> tuple[Answer | TransportFailure, Verdict]:
        retried = self._ctx.options.retry_unavailable
        if isinstance(outcome, TransportFailure):
            return outcome, judge_submit(outcome, retry_unavailable=retried)
        # An answer that names another model may belong to another submit, and the task that it
        # shows with it: nothing of it is taken over but the id, which the error names.
        answer = read_answer(outcome, self._ctx.wall_clock)
        answer = checked(answer, names_model(self._submission.model_id))
        return answer, judge_submit(answer, retry_unavailable=retried, answers=outcome.answers)

    def _note_accepted(self, result: Answer | TransportFailure, verdict: Verdict) -> None:
        """Note and remember the prediction, if *result* holds one."""
        if verdict is not Verdict.ACCEPTED or not isinstance(result, Answer):
            return
        data = PredictionData.read(result.data)
        if data is None and self._held:
            data = without_id(result.data)
        if data is not None:
            model = data.model or self._submission.model_id
            self._accepted = still_running(replace(data, model=model))
            self._submission.memory.accepted(data.id)

    def _error(self, result: Answer | TransportFailure, verdict: Verdict) -> Get3WError:
        """Make the error; one of unknown outcome knows what is needed to find the task later."""
        seconds = self._ctx.clock() - self._began
        error = submit_error(
            self._submission,
            self._request,
            result,
            verdict,
            attempts=self._attempts,
            seconds=seconds,
            sent_at=self._sent_at,
        )
        if isinstance(error, SubmitOutcomeUnknownError):
            # The task in an answer about something else is somebody else's.
            about_this = isinstance(result, Answer) and not result.unrelated
            outcome = self._evidence.outcome
            if isinstance(outcome, HttpResponse) and outcome.answers == "another":
                about_this = False
            error.submission = self._describe(error.prediction_id if about_this else None)
            if error.submission is not None:
                self._submission.memory.opened(error.submission)
        return error

    def _describe(self, prediction_id: str | None = None) -> SavedSubmission | None:
        from get3w_core.submitting.saving import saved_submission  # only a search needs it

        ctx = self._ctx
        # Whatever is odd about the input, the error itself has to reach the caller.
        with suppress(ValueError, RecursionError):
            return saved_submission(
                self._submission,
                self._request,
                prediction_id,
                origin=ctx.options.origin,
                times=(self._sent_at, ctx.wall_clock()),
            )
        return None

    def _tell_accepted(self, data: PredictionData) -> None:
        if self._told:
            return
        elapsed = self._ctx.clock() - self._started
        emit(
            self._ctx,
            Submitted(
                model=data.model,
                prediction_id=data.id,
                elapsed=elapsed,
                status=data.status,
                attempts=self._attempts,
            ),
        )
        self._told = True  # afterwards: what strikes before is to be told again
        if data.done:
            tell_completed(self._ctx, data, elapsed)

    def _tell_failed(self, error: Get3WError, verdict: Verdict) -> None:
        if self._told:
            return
        emit(
            self._ctx,
            SubmitFailed(
                model=self._submission.model_id,
                prediction_id=error.prediction_id,
                elapsed=self._ctx.clock() - self._started,
                verdict=_WORDS[verdict],
                attempts=self._attempts,
                error=error,
            ),
        )
        self._told = True


def _next_delay(
    ctx: Context,
    result: Answer | TransportFailure,
    verdict: Verdict,
    attempts: int,
    left: float,
) -> float | None:
    """Return the pause before the next attempt, with *left* seconds to go; None if there is none.

    A pause that would last too long is cut, so that all the time is used. Only what a server asked
    for is not: before that it would refuse again.
    """
    if left < SHORTEST_DELAY:
        return None
    delay = backoff(attempts - 1, ctx.random)
    if verdict is Verdict.UNSENT:
        if isinstance(result, TransportFailure) and result.permanent:
            return None
    elif verdict is Verdict.REFUSED:
        asked = result.retry_after if isinstance(result, Answer) else None
        if asked is not None:
            if asked > left:
                return None
            delay = not_before(asked, ctx.random)
    else:
        return None
    return min(delay, left)
