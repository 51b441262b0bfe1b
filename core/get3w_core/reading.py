"""Calls that may be repeated freely: results, lists, deletes, uploads, downloads."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from get3w_core.answers import Answer, error_of, read_answer
from get3w_core.delays import LONGEST_READ_DELAY, SHORTEST_DELAY, backoff
from get3w_core.effects import Context, HttpResponse, TransportFailure, send, sleep
from get3w_core.errors import ConnectionFailedError, Get3WError, ResponseFormatError
from get3w_core.prediction_data import PredictionData
from get3w_core.verdicts import may_repeat_read

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from get3w_core.effects import Flow, HttpRequest, Outcome

T = TypeVar("T")

# A server that wants a read to wait longer than this is answered with its error instead.
_LONGEST_HINT = 60.0
# An attempt at the very end still gets this long.
_GRACE = 2.0


@dataclass(frozen=True, slots=True)
class Deadline:
    """When the caller's patience ends, by the clock of the context, and with which error."""

    at: float
    error: Callable[[], Get3WError]

    def limit(self, ctx: Context, request: HttpRequest) -> HttpRequest:
        """Keep one attempt from going far beyond the deadline."""
        left = self.at - ctx.clock()
        return request if math.isinf(left) else replace(request, finish_within=max(left, _GRACE))


def about(prediction_id: str, flow: Flow[T]) -> Flow[T]:
    """Run *flow*; every error of it names the prediction."""
    try:
        return (yield from flow)
    except Get3WError as error:
        if error.prediction_id is None:
            error.prediction_id = prediction_id
        raise


def read(
    ctx: Context,
    request: HttpRequest,
    *,
    deadline: Deadline | None = None,
    hint: str | None = None,
    deleting: bool = False,
) -> Flow[tuple[Answer, Mapping[str, str]]]:
    """Send *request* until it is answered, and return the answer with its headers.

    Args:
        ctx: The options, the time and chance.
        request: What to send.
        deadline: When to give up trying again.
        hint: Advice for the error, instead of the one of its class.
        deleting: Whether any success will do, whatever its body, and also a 404 if an earlier
            attempt may have been carried out.

    Raises:
        APIError: The answer is an error, after retries where they may help.
        ConnectionFailedError: There was no answer after all retries.
        ResponseFormatError: The answer could not be read after all retries.
    """
    maybe_carried_out = False
    attempt = 0
    while True:
        limited = request if deadline is None else deadline.limit(ctx, request)
        outcome = yield from send(limited)
        result = _answer(ctx, request, outcome)
        if isinstance(result, Answer) and isinstance(outcome, HttpResponse):
            gone = maybe_carried_out and result.status == 404
            if (result.ok and result.problem is None) or (deleting and (result.ok or gone)):
                return result, outcome.headers
        if not isinstance(result, TransportFailure) or result.kind == "unknown":
            maybe_carried_out = True
        delay = _next_delay(ctx, result, attempt)
        if delay is None:
            raise _error(request, result, hint)
        if deadline is not None and ctx.clock() + delay > deadline.at:
            raise deadline.error()
        yield from sleep(delay, f"{request.method} {request.shown_url}: {_told(result)}")
        attempt += 1


def read_prediction(
    ctx: Context, request: HttpRequest, *, deadline: Deadline | None = None
) -> Flow[tuple[PredictionData, Mapping[str, str]]]:
    """Send *request*, which is answered with a prediction.

    Raises:
        Get3WError: As `read`; also `ResponseFormatError` for an answer without id or status.
    """
    answer, headers = yield from read(ctx, request, deadline=deadline)
    data = PredictionData.read(answer.data)
    if data is None:
        raise ResponseFormatError(
            f"The answer to {request.method} {request.shown_url} shows no prediction",
            body=answer.excerpt,
        )
    return data, headers


def _answer(ctx: Context, request: HttpRequest, outcome: Outcome) -> Answer | TransportFailure:
    if isinstance(outcome, TransportFailure):
        return outcome
    if request.sink is not None and 200 <= outcome.status < 300:
        return Answer(outcome.status, problem=outcome.problem)
    return read_answer(outcome, ctx.wall_clock)


def _next_delay(ctx: Context, result: Answer | TransportFailure, attempt: int) -> float | None:
    if attempt >= ctx.options.max_retries or not may_repeat_read(result):
        return None
    if isinstance(result, Answer) and result.retry_after is not None:
        told = result.retry_after
        return max(told, SHORTEST_DELAY) if told <= _LONGEST_HINT else None
    return backoff(attempt, ctx.random, LONGEST_READ_DELAY)


def _told(result: Answer | TransportFailure) -> str:
    return result.text if isinstance(result, TransportFailure) else f"status {result.status}"


def _error(request: HttpRequest, result: Answer | TransportFailure, hint: str | None) -> Get3WError:
    if isinstance(result, TransportFailure):
        return ConnectionFailedError(f"{request.method} {request.shown_url}: {result.text}")
    return error_of(result, request, hint=hint)
