"""The submit: the one call that costs money, and therefore never goes out twice by guess."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final

from get3w_core.answers import Answer, read_answer
from get3w_core.delays import SHORTEST_DELAY, backoff
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
from get3w_core.prediction_data import PredictionData
from get3w_core.reading import told
from get3w_core.submit_errors import submit_error
from get3w_core.uploading import upload_files
from get3w_core.verdicts import Verdict, judge_submit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal

    from get3w_core.effects import Flow
    from get3w_core.jsonvalue import JsonValue
    from get3w_core.surface import Surface
    from get3w_core.types import TimeoutTypes
    from get3w_core.upload_cache import UploadCache

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
    deadline = ctx.clock() + ctx.options.submit_deadline
    attempts = 0
    while True:
        left = deadline - ctx.clock()
        # Only getting a connection is cut short: a cut answer would be an unknown outcome.
        limited = replace(request, connect_within=left if left > 0 else None, evidence=Evidence())
        attempts += 1
        try:
            outcome = yield from send(limited)
        except Get3WError as own:
            # The sender has words of ours for what it knows not to have sent.
            _tell_failed(ctx, submission, own, Verdict.UNSENT, attempts, ctx.clock() - started)
            raise
        except BaseException as gone:
            # Cancelled, interrupted from the keyboard, or ended by somebody's time limit.
            end = TransportFailure(
                "unsent" if limited.evidence.unsent else "unknown",
                f"the call was given up ({type(gone).__name__})",
            )
            _tell_given_up(ctx, submission, request, end, attempts, started, gone)
            raise
        result = (
            outcome
            if isinstance(outcome, TransportFailure)
            else read_answer(outcome, ctx.wall_clock)
        )
        answers = outcome.answers if isinstance(outcome, HttpResponse) else "this"
        verdict = judge_submit(
            result, retry_unavailable=ctx.options.retry_unavailable, answers=answers
        )
        if verdict is Verdict.ACCEPTED and isinstance(result, Answer):
            data = PredictionData.read(result.data) or (without_id(result.data) if held else None)
            if data is not None:
                data = still_running(replace(data, model=data.model or submission.model_id))
                _tell_accepted(ctx, data, attempts, ctx.clock() - started)
                return data
        delay = _next_delay(ctx, result, verdict, attempts)
        elapsed = ctx.clock() - started
        if delay is None or ctx.clock() + delay > deadline:
            error = submit_error(submission, request, result, verdict)
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
                reason=told(result),
                method=request.method,
                url=request.shown_url,
                seconds_left=deadline - ctx.clock(),
            ),
        )
        try:
            yield from sleep(delay, f"submit of {submission.model_id}: {verdict.value}")
        except BaseException as gone:
            _tell_given_up(ctx, submission, request, result, attempts, started, gone)
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
    gone: BaseException,
) -> None:
    """Emit what is known of a submit that *gone* ended, and add it to *gone* as a note."""
    verdict = judge_submit(result, retry_unavailable=ctx.options.retry_unavailable)
    error = submit_error(submission, request, result, verdict)
    _tell_failed(ctx, submission, error, verdict, attempts, ctx.clock() - started)
    if isinstance(gone, Exception | KeyboardInterrupt):
        gone.add_note(f"get3w: {error}")


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


def _next_delay(
    ctx: Context, result: Answer | TransportFailure, verdict: Verdict, attempts: int
) -> float | None:
    attempt = attempts - 1
    if verdict is Verdict.UNSENT:
        permanent = isinstance(result, TransportFailure) and result.permanent
        return None if permanent else backoff(attempt, ctx.random)
    if verdict is Verdict.REFUSED:
        hint = result.retry_after if isinstance(result, Answer) else None
        return backoff(attempt, ctx.random) if hint is None else max(hint, SHORTEST_DELAY)
    return None


def _encode(body: Mapping[str, JsonValue | object], model_id: str) -> bytes:
    try:
        return json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise RequestValidationError(
            f"Invalid input for {model_id}; nothing was sent.\n  {error}",
            model_id=model_id,
            errors=[FieldError(location="", message=str(error))],
        ) from None
