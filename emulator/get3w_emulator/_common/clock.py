"""Clocks: a prediction's state follows from the time of one of them and nothing else."""

import asyncio
import contextlib
import heapq
import itertools
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the emulator gets the time from."""

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        ...

    def advance(self, seconds: float) -> None:
        """Move the clock forward; whoever waits for a moment that is past then, goes on."""
        ...

    def reset(self) -> None:
        """Undo every `advance`, because a reset of the emulator undoes it too."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds have passed on this clock, for a caller that waits."""
        ...

    async def until(self, moment: float) -> None:
        """Return when the clock shows a moment, for work that waits in the background."""
        ...


class SystemClock:
    """The time of the machine, and what it was moved ahead by."""

    def __init__(self) -> None:
        self._ahead = 0.0
        self._waiters = _Waiters()

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return time.time() + self._ahead

    def advance(self, seconds: float) -> None:
        """Move the clock forward, as if so much time had passed."""
        self._ahead += seconds
        self._waiters.wake(self.now())

    def reset(self) -> None:
        """Show the time of the machine again."""
        self._ahead = 0.0

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds."""
        await self.until(self.now() + seconds)

    async def until(self, moment: float) -> None:
        """Wait for a moment."""
        while (left := moment - self.now()) > 0:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._waiters.add(moment), left)


class ManualClock:
    """A clock for tests: it moves when told to, and never makes a caller wait.

    Args:
        start: The first time it shows, in seconds since the epoch.
    """

    def __init__(self, start: float = 1_704_110_400.0) -> None:
        self._start = self._now = start
        self._waiters = _Waiters()

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._now += seconds
        self._waiters.wake(self._now)

    def reset(self) -> None:
        """Show the time it was started with again."""
        self._now = self._start

    async def sleep(self, seconds: float) -> None:
        """Move the clock forward, so a call that waits for a prediction answers at once."""
        self.advance(seconds)

    async def until(self, moment: float) -> None:
        """Wait until somebody moves the clock there."""
        while self._now < moment:
            await self._waiters.add(moment, lambda: self._now >= moment)


class _Waiters:
    """Those who wait for a moment; whoever moves the clock may be in another thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._count = itertools.count()
        self._heap: list[tuple[float, int, asyncio.Future[None]]] = []

    def add(self, moment: float, already: Callable[[], bool] = bool) -> asyncio.Future[None]:
        """Return what is done once the clock was moved to a moment."""
        future = asyncio.get_running_loop().create_future()
        with self._lock:
            if already():  # moved between the look at the clock and the wait
                future.set_result(None)
            else:
                heapq.heappush(self._heap, (moment, next(self._count), future))
        return future

    def wake(self, now: float) -> None:
        """Let those go on whose moment has come."""
        due: list[asyncio.Future[None]] = []
        with self._lock:
            while self._heap and self._heap[0][0] <= now:
                due.append(heapq.heappop(self._heap)[2])
        for future in due:
            with contextlib.suppress(RuntimeError):  # its loop is closed
                future.get_loop().call_soon_threadsafe(_finish, future)


def _finish(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


def now_ms(clock: Clock) -> int:
    """Return the clock's time in whole milliseconds, the unit of every timestamp."""
    return round(clock.now() * 1000)


def timestamp(milliseconds: int) -> str:
    """Write a time the way Get3W does: ISO 8601, UTC, milliseconds, `Z`."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"
