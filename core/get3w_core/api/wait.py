"""Waiting for a prediction: poll fast at first, then slower, and never submit again.

What is waited for is paid for, so nothing that may pass ends a wait: no failed connection, no error
status, no unreadable answer, no answer about another prediction. What ends it:

- a final status
- the wait's own timeout
- a refused key: 401, or 403
- a lasting 404 (or 410): `MISSING_READS` in a row over `MISSING_SECONDS`, since a server may answer
  so while it has not yet spread a task that was just accepted
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from get3w_core._common.prediction_data import PredictionData
from get3w_core.api.answers import Answer
from get3w_core.api.matching import MISSING, WHY_MISSING, shows_prediction
from get3w_core.api.read import GRACE, Subject, about, attempt_read, error_for, report_retry
from get3w_core.errors.printable import printable
from get3w_core.errors.task import WaitTimeoutError
from get3w_core.flow.backoff import LONGEST_READ_DELAY, backoff, not_before, retry_after
from get3w_core.flow.context import Context
from get3w_core.flow.effects import sleep
from get3w_core.flow.telling import tell_polled

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from get3w_core.errors.base import Get3WError
    from get3w_core.flow.effects import Flow, HttpRequest, TransportFailure
    from get3w_core.flow.options import SurfaceName

FIRST_INTERVAL: Final = 0.3
GROWTH: Final = 1.5
LONGEST_INTERVAL: Final = 5.0
JITTER: Final = 0.2
# Of what a server asks for. Outputs are kept for 7 days [G], so they are not to be slept over.
LONGEST_HINT: Final = 3600.0
MISSING_READS: Final = 5
MISSING_SECONDS: Final = 30.0
_KEY_REFUSED: Final = frozenset({401, 403})


class Watch:
    """The polls of one prediction: what they came to, and how long to pause before the next.

    Attributes:
        pause: The seconds before the next poll.
        polls: How many were answered.
        failures: How many came to nothing since.
        trouble: Why the last one came to nothing; None if it was answered.
        built: Whether to ask at the address that is built from the id, and not at the server's.
    """

    __slots__ = (
        "_interval",
        "_missing",
        "_missing_since",
        "built",
        "failures",
        "pause",
        "polls",
        "trouble",
    )

    def __init__(self, ctx: Context) -> None:
        self._interval: float = FIRST_INTERVAL
        self._missing: int = 0
        self._missing_since: float = 0.0
        self.pause: float = self._spread(ctx)
        self.polls: int = 0
        self.failures: int = 0
        self.trouble: Get3WError | None = None
        self.built: bool = False

    def note_answer(self, ctx: Context, headers: Mapping[str, str]) -> None:
        """Note that a poll was answered, and make the next pause longer."""
        self._interval = min(self._interval * GROWTH, LONGEST_INTERVAL)
        self.polls += 1
        self.failures = self._missing = 0
        self.trouble = None
        asked = retry_after(headers, None, ctx.wall_clock)
        self.pause = max(self._spread(ctx), 0.0 if asked is None else _as_asked(ctx, asked))

    def note_failure(
        self, ctx: Context, result: Answer | TransportFailure, error: Get3WError
    ) -> bool:
        """Note that a poll came to nothing, and return whether that ends the wait."""
        self.trouble = error
        asked = result.retry_after if isinstance(result, Answer) else None
        usual = backoff(self.failures, ctx.random, LONGEST_READ_DELAY)
        self.pause = usual if asked is None else _as_asked(ctx, asked)
        self.failures += 1
        if not isinstance(result, Answer):
            return False
        if result.unrelated or result.status in MISSING:
            self.built = not self.built  # the other address may know better
        if result.status in _KEY_REFUSED:
            return not result.web_page  # a gateway's page says nothing of the key
        return result.status in MISSING and self._lasts(ctx.clock())

    def _lasts(self, now: float) -> bool:
        if not self._missing:
            self._missing_since = now
        self._missing += 1
        return self._missing >= MISSING_READS and now - self._missing_since >= MISSING_SECONDS

    def _spread(self, ctx: Context) -> float:
        return self._interval * (1 + JITTER * (2 * ctx.random() - 1))


def _as_asked(ctx: Context, seconds: float) -> float:
    return not_before(min(seconds, LONGEST_HINT), ctx.random)


def poll(
    ctx: Context,
    watch: Watch,
    request_for: Callable[[bool], HttpRequest],
    subject: Subject,
    started: float,
    end: float,
) -> Flow[PredictionData | None]:
    """Ask once how a prediction is; None is a poll that came to nothing and is repeated.

    Args:
        ctx: The options, the time and chance.
        watch: What its polls came to so far.
        request_for: Makes the request, at the address built from the id or at the server's.
        subject: The prediction.
        started: When the wait began, by the clock of *ctx*.
        end: When it ends.

    Raises:
        Get3WError: What ends the wait.
    """
    assert subject.prediction_id is not None, "a prediction is waited for by its id"
    request, left = request_for(watch.built), end - ctx.clock()
    if not math.isinf(left):
        request = replace(request, finish_within=max(left, GRACE))
    check = shows_prediction(subject.prediction_id)
    attempt = yield from attempt_read(ctx, request, check)
    answer, now = attempt.answer, ctx.clock()
    if answer is not None:
        watch.note_answer(ctx, attempt.headers)
        return PredictionData.read(answer.data)
    error = error_for(request, attempt.result, lambda status: _why_missing(status, watch))
    error.prediction_id = subject.prediction_id
    if watch.note_failure(ctx, attempt.result, error):
        raise error
    left = end - now
    if left > 0:
        delay, limit = min(watch.pause, left), None if math.isinf(left) else left
        passed = now - started
        result, failures = attempt.result, watch.failures
        report_retry(ctx, request, result, failures, delay, passed, subject, seconds_left=limit)
    return None


def _why_missing(status: int, watch: Watch) -> str | None:
    if status not in MISSING:
        return None
    return f"It was read {watch.failures + 1} times without an answer in between. {WHY_MISSING}"


def wait(
    ctx: Context,
    data: PredictionData,
    request_for: Callable[[bool], HttpRequest],
    seen: Callable[[PredictionData], None],
    timeout: float | None,
    surface: SurfaceName = "v3",
) -> Flow[None]:
    """Poll until the status is final.

    Args:
        ctx: The options, the time and chance.
        data: What is known so far.
        request_for: Makes the request that asks again, as for `poll`.
        seen: Called with everything that is learned.
        timeout: Seconds after which to give up, with a last poll at that moment; None is never.
        surface: Where the prediction is, for the words of the time-out.

    Raises:
        WaitTimeoutError: The status is not final after *timeout*.
        Get3WError: The key is refused, or the prediction is lastingly not found.
    """
    started = ctx.clock()
    end = math.inf if timeout is None else started + timeout
    subject = Subject(data.id, data.model, known=True)
    watch = Watch(ctx)
    while not data.done:
        left = max(end - ctx.clock(), 0.0)
        pause = min(watch.pause, left)
        yield from sleep(pause, f"prediction {printable(data.id)} is {data.status!r}")
        newer = yield from about(data.id, poll(ctx, watch, request_for, subject, started, end))
        if newer is not None:
            data = data.followed_by(newer)
            tell_polled(ctx, data, watch.polls, ctx.clock() - started)
            seen(data)
        if not data.done and ctx.clock() >= end:
            raise WaitTimeoutError(
                prediction_id=data.id,
                status=data.status,
                seconds=timeout or 0.0,
                trouble=watch.trouble,
                surface=surface,
            ) from watch.trouble
