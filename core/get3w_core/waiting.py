"""Waiting for a prediction: poll fast at first, then slower, and never submit again."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

from get3w_core.delays import retry_after
from get3w_core.effects import Context, sleep
from get3w_core.errors import WaitTimeoutError
from get3w_core.reading import Deadline, about, read_prediction

if TYPE_CHECKING:
    from collections.abc import Callable

    from get3w_core.effects import Flow, HttpRequest
    from get3w_core.prediction_data import PredictionData

FIRST_INTERVAL: Final = 0.3
GROWTH: Final = 1.5
LONGEST_INTERVAL: Final = 5.0
JITTER: Final = 0.2


def wait(
    ctx: Context,
    data: PredictionData,
    poll: Callable[[PredictionData], HttpRequest],
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
    end = math.inf if timeout is None else ctx.clock() + timeout
    deadline = Deadline(
        end,
        lambda: WaitTimeoutError(prediction_id=data.id, status=data.status, seconds=timeout or 0.0),
    )
    interval = FIRST_INTERVAL
    told = 0.0
    while not data.done:
        jittered = interval * (1 + JITTER * (2 * ctx.random() - 1))
        left = max(end - ctx.clock(), 0.0)
        yield from sleep(min(max(jittered, told), left), f"prediction {data.id} is {data.status}")
        flow = read_prediction(ctx, poll(data), deadline=deadline)
        newer, headers = yield from about(data.id, flow)
        data = data.followed_by(newer)
        seen(data)
        if not data.done and ctx.clock() >= end:
            raise deadline.error()
        told = retry_after(headers, None, ctx.wall_clock) or 0.0
        interval = min(interval * GROWTH, LONGEST_INTERVAL)
