"""Schedule the status polls of many predictions, for `wait_all` and `as_completed`.

Nothing here waits or sends by itself: the loops in `many` and `many_aio` ask `Poller` how long to
pause, take a prediction from it, and run `poll` for it.
"""

# The modules of this package use each other's members that users never need:
# pyright: reportPrivateUsage=false

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from heapq import heappop, heappush
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from get3w_core.api.read import GRACE, Subject
from get3w_core.api.wait import Watch, poll
from get3w_core.client.prediction import AsyncPrediction, Prediction
from get3w_core.errors.base import ConfigurationError, Get3WError
from get3w_core.errors.task import PredictionFailedError, WaitAllError, WaitTimeoutError
from get3w_core.flow.telling import tell_polled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from get3w_core.flow.context import Context
    from get3w_core.flow.effects import Flow, HttpRequest

H = TypeVar("H", Prediction, AsyncPrediction)
P = TypeVar("P", bound=Prediction | AsyncPrediction)

IN_FLIGHT: Final = 8
"""No more polls than this are under way at once."""

PER_SECOND: Final = 100.0
"""No more polls than this are begun in a second."""


@dataclass(eq=False, slots=True)
class Watched(Generic[H]):
    """One prediction that is not finished.

    Attributes:
        handle: Its handle.
        watch: What its polls came to, and the pause before the next.
        changed: Whether the last poll showed another status.
    """

    handle: H
    watch: Watch
    changed: bool = False


class Poller(Generic[H]):
    """Keeps the predictions that are not finished, by the time when each is asked next.

    Attributes:
        errors: Why predictions are not asked any more, though nobody knows how they ended.
    """

    def __init__(self, handles: Sequence[H], ctx: Context, timeout: float | None) -> None:
        self._handles: Sequence[H] = handles
        self._ctx = ctx
        self._timeout = timeout
        self._started = ctx.clock()
        self._end = math.inf if timeout is None else self._started + timeout
        self._free_at = self._started
        self._count = 0
        self._queue: list[tuple[float, int, Watched[H]]] = []
        self._unread: dict[str, Get3WError] = {}
        self.errors: list[Get3WError] = []
        # A handle that is named twice is watched once.
        for handle in {id(handle): handle for handle in handles}.values():
            if not handle.done:
                self._put(Watched(handle, Watch(ctx)), ctx)

    def pause(self) -> float | None:
        """Return the seconds until a prediction is to be asked; None if none is."""
        now = self._ctx.clock()
        if now > self._end + GRACE:
            self._queue.clear()  # time is up, and each had its chance of a last look
        if not self._queue:
            return None
        return max(self._queue[0][0] - now, self._free_at - now, 0.0)

    def take(self) -> Watched[H]:
        """Take the prediction that is to be asked now."""
        _, _, watched = heappop(self._queue)
        self._free_at = max(self._ctx.clock(), self._free_at) + 1 / PER_SECOND
        return watched

    def poll(self, watched: Watched[H], ctx: Context) -> Flow[None]:
        """Ask once how a prediction is; what ends its wait is kept, and never raised."""
        watched.changed = False
        try:
            yield from self._ask(watched, ctx)
        except Get3WError as error:
            self.give_up(watched, error)

    def give_up(self, watched: Watched[H], error: Get3WError) -> None:
        """Keep why a prediction is not asked any more."""
        if error.prediction_id is None:
            error.prediction_id = watched.handle.id
        self.errors.append(error)

    def _ask(self, watched: Watched[H], ctx: Context) -> Flow[None]:
        handle, watch = watched.handle, watched.watch
        self._unread.pop(handle.id, None)
        subject = Subject(handle.id, handle.model, known=True)

        def request_for(built: bool) -> HttpRequest:
            return handle._poll_request(built=built)

        newer = yield from poll(ctx, watch, request_for, subject, self._started, self._end)
        if newer is None and watch.trouble is not None:
            self._unread[handle.id] = watch.trouble
        if newer is not None:
            watched.changed = handle._learn(newer)
            tell_polled(ctx, handle.data, watch.polls, ctx.clock() - self._started)
        if not handle.done:
            self._put(watched, ctx)

    def _put(self, watched: Watched[H], ctx: Context) -> None:
        now, watch = ctx.clock(), watched.watch
        if now >= self._end and (watch.polls or watch.failures):
            return  # that was its last look
        self._count += 1  # keeps the order of those that are due at once
        heappush(self._queue, (min(now + watch.pause, self._end), self._count, watched))

    def conclude(self) -> None:
        """Raise what is left to say once nothing is to be asked any more.

        Raises:
            WaitTimeoutError: Some predictions are still running.
            WaitAllError: The state of some could not be asked for.
        """
        lost = {error.prediction_id for error in self.errors}
        if any(not handle.done and handle.id not in lost for handle in self._handles):
            unread = [*self.errors, *self._unread.values()]
            cause = WaitAllError(unread, len(self._handles)) if unread else None
            raise self._time_out() from cause
        if self.errors:
            raise WaitAllError(self.errors, len(self._handles))

    def _time_out(self) -> WaitTimeoutError:
        unfinished = [
            handle
            for handle in {id(handle): handle for handle in self._handles}.values()
            if not handle.done
        ]
        return WaitTimeoutError(
            prediction_id=unfinished[0].id if len(unfinished) == 1 else None,
            status=unfinished[0].status,
            seconds=self._timeout or 0.0,
            unfinished=unfinished,
            total=len(self._handles),
            trouble=next(iter(self._unread.values()), None),
            surface=unfinished[0]._surface,
        )


def checked_handles(predictions: Iterable[P], kind: type[Prediction | AsyncPrediction]) -> list[P]:
    """Return the handles as a list.

    Raises:
        ConfigurationError: They are none, or those of the other client.
    """
    wrong = cast("object", predictions)
    if isinstance(wrong, Iterable) and not isinstance(wrong, str):
        handles = list(predictions)
        wrong = cast("object", next((each for each in handles if not isinstance(each, kind)), None))
        if wrong is None:
            return handles
    shown = type(wrong).__name__
    lacking = hasattr(wrong, "__await__") and not isinstance(wrong, Prediction | AsyncPrediction)
    missing = " (an await is missing)" if lacking else ""
    raise ConfigurationError(
        f"Waiting takes a list of handles, [{kind.__name__}, ...], not {shown}{missing}"
    )


def failures_of(handles: Sequence[H]) -> WaitAllError | None:
    """Return an error that holds the failure of each task that failed, if any did."""
    failures = [PredictionFailedError(handle) for handle in handles if handle.data.failed]
    return WaitAllError(failures, len(handles)) if failures else None
