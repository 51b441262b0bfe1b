"""Every call but a submit: it may be sent again (results, lists, deletes, uploads, downloads)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, TypeVar

from get3w_core._common.prediction_data import PredictionData
from get3w_core.api.answers import Answer, error_of, read_answer
from get3w_core.api.matching import checked, shows_prediction, why_missing
from get3w_core.api.verdicts import may_repeat_read
from get3w_core.errors.base import ConnectionFailedError, Get3WError
from get3w_core.errors.printable import printable
from get3w_core.flow.backoff import LONGEST_READ_DELAY, backoff, not_before
from get3w_core.flow.context import Context
from get3w_core.flow.effects import TransportFailure, send, sleep
from get3w_core.flow.events import Retried
from get3w_core.flow.telling import emit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Literal

    from get3w_core.api.matching import Check
    from get3w_core.flow.effects import Flow, HttpRequest

T = TypeVar("T")

# A server that wants a read to wait longer than this is answered with its error instead.
_LONGEST_HINT = 60.0
# An attempt at the very end still gets this long.
GRACE: Final = 2.0
_REFUSING: Final = frozenset({429, 503})
WHERE_TO: Final = (
    "Is this machine online, and is anything listening there? base_url= or GET3W_BASE_URL says"
    " where to send."
)


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a read is given up, by the clock of its context, and with which error."""

    at: float
    error: Callable[[], Get3WError]

    def limit(self, ctx: Context, request: HttpRequest) -> HttpRequest:
        """Keep one attempt from going far beyond the deadline."""
        left = self.at - ctx.clock()
        return request if math.isinf(left) else replace(request, finish_within=max(left, GRACE))


def about(prediction_id: str, flow: Flow[T]) -> Flow[T]:
    """Run *flow*; every error of it names the prediction."""
    try:
        return (yield from flow)
    except Get3WError as error:
        if error.prediction_id is None:
            error.prediction_id = prediction_id
        raise


@dataclass(frozen=True, slots=True)
class Subject:
    """The prediction that a read is about.

    Attributes:
        prediction_id: Its id, for the events of the retries.
        model: Its model, for these too.
        known: Whether the API has shown it at this address already; see `may_repeat_read`.
    """

    prediction_id: str | None = None
    model: str | None = None
    known: bool = False


NOTHING: Final = Subject()


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one attempt at a read came to.

    Attributes:
        result: The answer, or why there is none.
        headers: The answer's headers.
    """

    result: Answer | TransportFailure
    headers: Mapping[str, str]

    @property
    def answer(self) -> Answer | None:
        """The answer, if it is a good one."""
        result = self.result
        return result if isinstance(result, Answer) and result.ok and not result.problem else None


def attempt_read(ctx: Context, request: HttpRequest, check: Check | None = None) -> Flow[Attempt]:
    """Send *request* once; a success that *check* has something against is none."""
    outcome = yield from send(request)
    if isinstance(outcome, TransportFailure):
        return Attempt(outcome, {})
    if request.sink is not None and 200 <= outcome.status < 300:
        return Attempt(Answer(outcome.status, problem=outcome.problem), outcome.headers)
    answer = checked(read_answer(outcome, ctx.wall_clock), check)
    return Attempt(answer, outcome.headers)


def read(
    ctx: Context,
    request: HttpRequest,
    *,
    hint: Callable[[int], str | None] | None = None,
    deleting: bool = False,
    subject: Subject = NOTHING,
    check: Check | None = None,
    instead: HttpRequest | None = None,
    deadline: Deadline | None = None,
) -> Flow[tuple[Answer, Mapping[str, str]]]:
    """Send *request* until it is answered, and return the answer with its headers.

    Args:
        ctx: The options, the time and chance.
        request: What to send.
        hint: Gives the advice for an error of a status, instead of the one of its class.
        deleting: Whether any success will do, whatever its body unless it is a web page or about
            something else, and also a 404 if an earlier attempt may have been carried out.
        subject: What the read is about.
        check: Says what is wrong with a success; it is asked for again.
        instead: What to send once an answer was about something else.
        deadline: When to give up.

    Raises:
        APIError: The answer is an error, after retries where they may help.
        ConnectionFailedError: There was no answer after all retries.
        ResponseFormatError: The answer is a web page, or could not be read after all retries, or
            was about something else each time.
    """
    started = ctx.clock()
    maybe_carried_out = False
    attempts = 0
    while True:
        limited = request if deadline is None else deadline.limit(ctx, request)
        attempt = yield from attempt_read(ctx, limited, check)
        attempts += 1
        result = attempt.result
        if isinstance(result, Answer):
            gone = maybe_carried_out and result.status == 404
            done = result.ok and not result.web_page and not result.unrelated
            if attempt.answer is not None or (deleting and (done or gone)):
                return result, attempt.headers
        if not isinstance(result, TransportFailure) or result.kind == "unknown":
            maybe_carried_out = True
        delay = next_delay(ctx, result, attempts, known=subject.known)
        if delay is None:
            raise error_for(request, result, hint)
        if deadline is not None and ctx.clock() + delay > deadline.at:
            raise deadline.error()
        again = ctx.options.max_retries - attempts + 1
        elapsed = ctx.clock() - started
        report_retry(ctx, request, result, attempts, delay, elapsed, subject, attempts_left=again)
        yield from sleep(delay, f"{request.method} {request.shown_url}: {seen_in(result)}")
        if instead is not None and isinstance(result, Answer) and result.unrelated:
            request = instead


def read_prediction(
    ctx: Context,
    request: HttpRequest,
    prediction_id: str,
    *,
    subject: Subject = NOTHING,
    instead: HttpRequest | None = None,
) -> Flow[PredictionData]:
    """Send *request*, which is answered with prediction *prediction_id*.

    Raises:
        Get3WError: As `read`; also `ResponseFormatError` for an answer without id or status.
    """
    check = shows_prediction(prediction_id)
    answer, _ = yield from read(
        ctx, request, hint=why_missing, subject=subject, check=check, instead=instead
    )
    data = PredictionData.read(answer.data)
    assert data is not None, "an answer without a prediction does not pass the check"
    return data


def next_delay(
    ctx: Context, result: Answer | TransportFailure, attempts: int, *, known: bool = False
) -> float | None:
    """Return the pause before a read is repeated after *attempts*; None if it is not.

    *known* says that the API has answered at this address before; see `may_repeat_read`.
    """
    attempt = attempts - 1
    if attempt >= ctx.options.max_retries or not may_repeat_read(result, known=known):
        return None
    if isinstance(result, Answer) and result.retry_after is not None:
        asked = result.retry_after
        return not_before(asked, ctx.random) if asked <= _LONGEST_HINT else None
    return backoff(attempt, ctx.random, LONGEST_READ_DELAY)


def seen_in(result: Answer | TransportFailure) -> str:
    """Return what an attempt came to, in a few words for logs and events."""
    if isinstance(result, TransportFailure):
        return printable(result.text)
    return f"status {result.status}" + (f", {result.problem}" if result.problem else "")


def report_retry(
    ctx: Context,
    request: HttpRequest,
    result: Answer | TransportFailure,
    attempt: int,
    delay: float,
    elapsed: float,
    subject: Subject,
    *,
    attempts_left: int | None = None,
    seconds_left: float | None = None,
) -> None:
    """Emit the event that a read is repeated."""
    verdict: Literal["unsent", "refused", "unknown"] = "unknown"
    if isinstance(result, TransportFailure):
        verdict = result.kind
    elif result.status in _REFUSING:
        verdict = "refused"
    emit(
        ctx,
        Retried(
            model=subject.model,
            prediction_id=subject.prediction_id,
            elapsed=elapsed,
            attempt=attempt,
            delay=delay,
            verdict=verdict,
            reason=seen_in(result),
            method=request.method,
            url=request.shown_url,
            attempts_left=attempts_left,
            seconds_left=seconds_left,
        ),
    )


def error_for(
    request: HttpRequest,
    result: Answer | TransportFailure,
    hint: Callable[[int], str | None] | None = None,
) -> Get3WError:
    """Make the error for a read that is not repeated."""
    if isinstance(result, TransportFailure):
        method, url = request.method, request.shown_url
        ours = result.kind == "unsent" and request.authenticated
        return ConnectionFailedError(
            f"{method} {url}: {printable(result.text)}{f'. {WHERE_TO}' if ours else ''}",
            method=method,
            url=url,
        )
    return error_of(result, request, hint=None if hint is None else hint(result.status))
