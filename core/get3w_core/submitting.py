"""The submit: the one call that costs money, and therefore never goes out twice by guess."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from get3w_core.answers import Answer, error_of, read_answer
from get3w_core.delays import SHORTEST_DELAY, backoff
from get3w_core.effects import Context, HttpRequest, TransportFailure, send, sleep
from get3w_core.errors import (
    ConnectionFailedError,
    FieldError,
    Get3WError,
    RequestValidationError,
    SubmitOutcomeUnknownError,
)
from get3w_core.prediction_data import PredictionData, prediction_id_in
from get3w_core.uploading import upload_files
from get3w_core.verdicts import Verdict, judge_submit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from get3w_core.effects import Flow
    from get3w_core.jsonvalue import JsonValue
    from get3w_core.surface import Surface
    from get3w_core.types import TimeoutTypes

_SYNC_WAIT_OVER = 5004  # [W] the server stopped holding the call; the task itself goes on


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
    """

    model_id: str
    documented: bool
    surface: Surface
    fields: Mapping[str, object]
    check: Callable[[Mapping[str, object]], None]
    webhook_url: str | None = None
    extra_body: Mapping[str, object] | None = None
    timeout: TimeoutTypes | None = None


def submit(ctx: Context, submission: Submission) -> Flow[PredictionData]:
    """Upload the local files, check the body, and send it.

    Raises:
        RequestValidationError: The body does not fit the model; no task was created.
        Get3WError: As `send_once`, or as an upload.
    """
    fields, extra = yield from upload_files(
        ctx, submission.fields, submission.extra_body or {}, submission.timeout
    )
    submission.check(fields)
    body = {**fields, **submission.surface.submit_fields(submission.webhook_url), **extra}
    return (yield from send_once(ctx, submission, _encode(body, submission.model_id)))


def send_once(ctx: Context, submission: Submission, body: bytes) -> Flow[PredictionData]:
    """Send *body* until the server has it, and never once more; see `verdicts`.

    Raises:
        APIError: The server refused it; nothing was accepted.
        ConnectionFailedError: It could not be sent.
        SubmitOutcomeUnknownError: It may have been accepted.
    """
    url = submission.surface.submit_url(
        ctx.options.origin, submission.model_id, submission.webhook_url
    )
    request = HttpRequest("POST", url, body=body, timeout=submission.timeout)
    deadline = ctx.clock() + ctx.options.submit_deadline
    attempt = 0
    while True:
        left = deadline - ctx.clock()
        # Only getting a connection is cut short: a cut answer would be an unknown outcome.
        limited = replace(request, connect_within=left) if left > 0 else request
        outcome = yield from send(limited)
        result = (
            outcome
            if isinstance(outcome, TransportFailure)
            else read_answer(outcome, ctx.wall_clock)
        )
        verdict = judge_submit(result, retry_unavailable=ctx.options.retry_unavailable)
        if verdict is Verdict.ACCEPTED and isinstance(result, Answer):
            data = PredictionData.read(result.data)
            if data is not None:
                return _accepted(data, submission.model_id)
        error = _error(submission, request, result, verdict)
        delay = _next_delay(ctx, result, verdict, attempt)
        if delay is None or ctx.clock() + delay > deadline:
            raise error
        yield from sleep(delay, f"submit of {submission.model_id}: {verdict.value}, {error}")
        attempt += 1


def _next_delay(
    ctx: Context, result: Answer | TransportFailure, verdict: Verdict, attempt: int
) -> float | None:
    if verdict is Verdict.UNSENT:
        permanent = isinstance(result, TransportFailure) and result.permanent
        return None if permanent else backoff(attempt, ctx.random)
    if verdict is Verdict.REFUSED:
        told = result.retry_after if isinstance(result, Answer) else None
        return backoff(attempt, ctx.random) if told is None else max(told, SHORTEST_DELAY)
    return None


def _accepted(data: PredictionData, model_id: str) -> PredictionData:
    if data.failed and data.code == _SYNC_WAIT_OVER:
        data = replace(data, status="processing")
    return replace(data, model=data.model or model_id)


def _error(
    submission: Submission,
    request: HttpRequest,
    result: Answer | TransportFailure,
    verdict: Verdict,
) -> Get3WError:
    if isinstance(result, TransportFailure):
        if verdict is Verdict.UNSENT:
            return ConnectionFailedError(
                f"The submit of {submission.model_id} could not be sent, so nothing was billed: "
                f"{result.text} ({request.method} {request.shown_url})"
            )
        reason = f"it was sent, and then {result.text}"
        identity = None
    else:
        if verdict in {Verdict.REFUSED, Verdict.REJECTED}:
            return error_of(result, request, hint=_hint(submission, result.status))
        said = f": {result.message or result.excerpt[:200]}" if result.excerpt else ""
        what = result.problem or ("no prediction in it" if result.ok else "no clear refusal")
        reason = f"the answer was {result.status}, {what}{said}"
        identity = prediction_id_in(result.data)
    return SubmitOutcomeUnknownError(
        model_id=submission.model_id,
        method=request.method,
        url=request.shown_url,
        reason=reason,
        prediction_id=identity,
    )


def _hint(submission: Submission, status: int) -> str | None:
    if status != 404:
        return None
    if submission.documented:
        return (
            f"Get3W documents {submission.model_id}, but this server or surface "
            f"({submission.surface.name}) does not have it"
        )
    return (
        f"{submission.model_id} is not confirmed on Get3W: its own documentation does not name the "
        "model. `get3w-codegen pull` reads the live list of models, with their ids"
    )


def _encode(body: Mapping[str, JsonValue | object], model_id: str) -> bytes:
    try:
        return json.dumps(body, allow_nan=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError) as error:
        raise RequestValidationError(
            f"Invalid input for {model_id}; nothing was sent.\n  {error}",
            model_id=model_id,
            errors=[FieldError(location="", message=str(error))],
        ) from None
