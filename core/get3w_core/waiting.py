"""Waiting for a prediction: poll fast at first, then slower, and never submit again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from get3w_core.delays import retry_after
from get3w_core.effects import Context, sleep
from get3w_core.events import tell_polled
from get3w_core.reading import Deadline, Subject, about, read_prediction
from get3w_core.task_errors import WaitTimeoutError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from get3w_core.effects import Flow, HttpRequest
    from get3w_core.prediction_data import PredictionData

FIRST_INTERVAL: Final = 0.3
GROWTH: Final = 1.5
LONGEST_INTERVAL: Final = 5.0
JITTER: Final = 0.2
# Of what a server asks for. Outputs are kept for 7 days [G], so they are not to be slept over.
LONGEST_HINT: Final = 3600.0


class Intervals:
    """The pauses between the polls of one prediction: short at first, growing, with jitter."""

    __slots__ = ("_next", "_told")

    def __init__(self) -> None:
        self._next = FIRST_INTERVAL
        self._told = 0.0

    def pause(self, ctx: Context) -> float:
        """Return the pause before the next poll."""
        jittered = self._next * (1 + JITTER * (2 * ctx.random() - 1))
        return max(jittered, self._told)

    def grow(self, ctx: Context, headers: Mapping[str, str]) -> None:
        """Make the next pause longer, and at least as long as the answer's *headers* ask for."""
        self._told = min(retry_after(headers, None, ctx.wall_clock) or 0.0, LONGEST_HINT)
        self._next = min(self._next * GROWTH, LONGEST_INTERVAL)


def wait(
    ctx: Context,
    data: PredictionData,
    poll: Callable[[], HttpRequest],
    seen: Callable[[PredictionData], None],
    timeout: float | None,
) -> Flow[None]:
    """Poll until the status is final.

    Args:
        ctx: The options, the time and chance.
        data: What is known so far.
        poll: Makes the request that asks again.
        seen: Called with everything that is learned.
        timeout: Seconds after which to give up, with a last poll at that moment; None is never.

    Raises:
        WaitTimeoutError: The status is not final after *timeout*.
        Get3WError: A poll failed, after the retries of a read.
    """
    started = ctx.clock()
    end = math.inf if timeout is None else started + timeout
    deadline = Deadline(
        end,
        lambda: WaitTimeoutError(prediction_id=data.id, status=data.status, seconds=timeout or 0.0),
    )
    subject = Subject(data.id, data.model, known=True)
    intervals = Intervals()
    polls = 0
    while not data.done:
        left = max(end - ctx.clock(), 0.0)
        pause = min(intervals.pause(ctx), left)
        yield from sleep(pause, f"prediction {data.id} is {data.status}")
        flow = read_prediction(ctx, poll(), deadline=deadline, subject=subject)
        newer, headers = yield from about(data.id, flow)
        data = data.followed_by(newer)
        polls += 1
        tell_polled(ctx, data, polls, ctx.clock() - started)
        seen(data)
        if not data.done and ctx.clock() >= end:
            raise deadline.error()
        intervals.grow(ctx, headers)
