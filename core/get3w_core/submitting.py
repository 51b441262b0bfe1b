"""The submit: the one call that costs money, and therefore never goes out twice by guess."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from get3w_core.answers import Answer, read_answer
from get3w_core.delays import SHORTEST_DELAY, backoff, not_before
from get3w_core.effects import (
    Context,
    Evidence,
    HttpRequest,
    HttpResponse,
    TransportFailure,
    send,
    sleep,
)
from get3w_core.errors import FieldError, Get3WError, RequestValidationError
from get3w_core.events import Retried, SubmitFailed, Submitted, emit, tell_completed
from get3w_core.holding import is_asked_for, patient_timeout, still_running, without_id
from get3w_core.matching import checked, names_model
from get3w_core.prediction_data import PredictionData
from get3w_core.reading import seen_in
from get3w_core.submit_errors import submit_error
from get3w_core.task_errors import SubmitOutcomeUnknownError
from get3w_core.uploading import upload_files
from get3w_core.verdicts import Verdict, judge_submit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal

    from get3w_core.effects import Flow, HttpResponse
    from get3w_core.jsonvalue import JsonValue
    from get3w_core.reconciling.memory import SubmissionMemory
    from get3w_core.surface import Surface
    from get3w_core.types import TimeoutTypes
    from get3w_core.upload_cache import UploadCache

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


@dataclass(frozen=True, slots=True)
class Submission:
    """One submit, before files are uploaded.

    Attributes:
        model_id: The model.
        documented: Whether Get3W's own documentation names it.
        surface: Where to submit.
        fields: The model's input by wire names; local files are still files.
        check: Raises `RequestValidationError` for an input that does not fit the schema.
        webhook_url: The callback.
        extra_body: What the schema does not know, merged last.
        timeout: For each HTTP attempt.
        uploads: What this client has uploaded already.
        memory: What this client remembers of its submits.
        defaults: Returns the schema's defaults by wire names.
    """

    model_id: str
    documented: bool
    surface: Surface
    fields: Mapping[str, object]
    check: Callable[[Mapping[str, object]], None]
    webhook_url: str | None = None
    extra_body: Mapping[str, object] | None = None
    timeout: TimeoutTypes | None = None
    uploads: UploadCache | None = None
    memory: SubmissionMemory | None = None
    defaults: Callable[[], Mapping[str, JsonValue]] | None = None


def submit(ctx: Context, submission: Submission) -> Flow[PredictionData]:
    """Upload the local files, check the body, and send it.

    Raises:
        RequestValidationError: The body does not fit the model; no task was created.
        Get3WError: As `send_once`, or as an upload.
    """
    started = ctx.clock()
    fields, extra = yield from upload_files(
        ctx,
        submission.fields,
        submission.extra_body or {},
        submission.timeout,
        submission.uploads,
    )
    submission.check(fields)
    body = {**fields, **submission.surface.submit_fields(submission.webhook_url), **extra}
    held = submission.surface.sync_in_query and ctx.options.sync_mode
    if held or is_asked_for(body):
        patient = patient_timeout(submission.timeout, ctx.options)
        submission = replace(submission, timeout=patient)
    encoded = _encode(body, submission.model_id)
    return (yield from send_once(ctx, submission, encoded, held=held, started=started))


def send_once(
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
    request = HttpRequest("POST", url, body=body, timeout=submission.timeout)
    began = ctx.clock()
    deadline = began + ctx.options.submit_deadline
    attempts = 0
    while True:
        left = deadline - ctx.clock()
        # Only getting a connection is cut short: a cut answer would be an unknown outcome.
        within = left if left > 0 else None
        if attempts:
            within = max(left, _LAST_CONNECT)
        limited = replace(request, connect_within=within, evidence=Evidence())
        attempts += 1
        sent_at = ctx.wall_clock()
        try:
            outcome = yield from send(limited)
        except BaseException as gone:
            if isinstance(gone, Get3WError) and limited.evidence.unsent:
                # The sender has words of ours for what it knows not to have sent.
                elapsed = ctx.clock() - started
                _tell_failed(ctx, submission, gone, Verdict.UNSENT, attempts, elapsed)
                raise
            # Cancelled, interrupted from the keyboard, or ended by somebody's time limit.
            end = TransportFailure(
                "unsent" if limited.evidence.unsent else "unknown",
                f"the call was given up ({type(gone).__name__})",
            )
            _tell_given_up(ctx, submission, request, end, attempts, started, sent_at, gone)
            raise
        result = (
            outcome
            if isinstance(outcome, TransportFailure)
            else _read_submit_answer(ctx, submission.model_id, outcome)
        )
        answers = outcome.answers if isinstance(outcome, HttpResponse) else "this"
        verdict = judge_submit(
            result, retry_unavailable=ctx.options.retry_unavailable, answers=answers
        )
        if verdict is Verdict.ACCEPTED and isinstance(result, Answer):
            data = PredictionData.read(result.data) or (without_id(result.data) if held else None)
            if data is not None:
                data = still_running(replace(data, model=data.model or submission.model_id))
                if submission.memory is not None:
                    submission.memory.accepted(data.id)
                _tell_accepted(ctx, data, attempts, ctx.clock() - started)
                return data
        left = deadline - ctx.clock()
        delay = _next_delay(ctx, result, verdict, attempts, left)
        elapsed = ctx.clock() - started
        if delay is None:
            error = submit_error(
                submission, request, result, verdict, attempts=attempts, seconds=ctx.clock() - began
            )
            _keep(ctx, submission, request, error, sent_at)
            _tell_failed(ctx, submission, error, verdict, attempts, elapsed)
            raise error
        emit(
            ctx,
            Retried(
                model=submission.model_id,
                prediction_id=None,
                elapsed=elapsed,
                attempt=attempts,
                delay=delay,
                verdict="unsent" if verdict is Verdict.UNSENT else "refused",
                reason=seen_in(result),
                method=request.method,
                url=request.shown_url,
                seconds_left=left,
            ),
        )
        try:
            yield from sleep(delay, f"submit of {submission.model_id}: {verdict.value}")
        except BaseException as gone:
            _tell_given_up(ctx, submission, request, result, attempts, started, sent_at, gone)
            raise


def _tell_accepted(ctx: Context, data: PredictionData, attempts: int, elapsed: float) -> None:
    emit(
        ctx,
        Submitted(
            model=data.model,
            prediction_id=data.id,
            elapsed=elapsed,
            status=data.status,
            attempts=attempts,
        ),
    )
    if data.done:
        tell_completed(ctx, data, elapsed)


def _tell_given_up(
    ctx: Context,
    submission: Submission,
    request: HttpRequest,
    result: Answer | TransportFailure,
    attempts: int,
    started: float,
    sent_at: float,
    gone: BaseException,
) -> None:
    """Emit what is known of a submit that *gone* ended, and add it to *gone* as a note."""
    verdict = judge_submit(result, retry_unavailable=ctx.options.retry_unavailable)
    error = submit_error(submission, request, result, verdict)
    _keep(ctx, submission, request, error, sent_at)
    _tell_failed(ctx, submission, error, verdict, attempts, ctx.clock() - started)
    if isinstance(gone, Exception | KeyboardInterrupt):
        gone.add_note(f"get3w: {error}")


def _keep(
    ctx: Context, submission: Submission, request: HttpRequest, error: Get3WError, sent_at: float
) -> None:
    """Give an error of unknown outcome what is needed to find the task later."""
    if isinstance(error, SubmitOutcomeUnknownError):
        from get3w_core.reconciling.saved import saved_submission  # only this outcome needs it

        times = sent_at, ctx.wall_clock()
        # Whatever is odd about the input, the error itself has to reach the caller.
        with suppress(ValueError, RecursionError):
            error.submission = saved_submission(
                submission, request, error, origin=ctx.options.origin, times=times
            )
        if submission.memory is not None and error.submission is not None:
            submission.memory.opened(error.submission)


def _tell_failed(
    ctx: Context,
    submission: Submission,
    error: Get3WError,
    verdict: Verdict,
    attempts: int,
    elapsed: float,
) -> None:
    emit(
        ctx,
        SubmitFailed(
            model=submission.model_id,
            prediction_id=error.prediction_id,
            elapsed=elapsed,
            verdict=_WORDS[verdict],
            attempts=attempts,
            error=error,
        ),
    )


def _read_submit_answer(ctx: Context, model_id: str, response: HttpResponse) -> Answer:
    """Read the answer to a submit; one that names another model cannot be used.

    It may belong to another submit, and the task that it shows with it. So nothing of it is taken
    over but the id, which the error names, and nothing is sent again.
    """
    return checked(read_answer(response, ctx.wall_clock), names_model(model_id))


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


def _encode(body: Mapping[str, JsonValue | object], model_id: str) -> bytes:
    try:
        return json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise RequestValidationError(
            f"Invalid input for {model_id}; nothing was sent.\n  {error}",
            model_id=model_id,
            errors=[FieldError(location="", message=str(error))],
        ) from None
