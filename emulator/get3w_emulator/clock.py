"""Time, as the emulator sees it: a prediction's state follows from a clock and nothing else."""

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Where the emulator gets the time from."""

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when so many seconds have passed on this clock."""
        ...


class SystemClock:
    """The time of the machine."""

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Wait so many seconds."""
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock for tests: it moves when told to, and never makes anyone wait.

    Args:
        start: The first time it shows, in seconds since the epoch.
    """

    def __init__(self, start: float = 1_704_110_400.0) -> None:
        self._now = start

    def now(self) -> float:
        """Return the time in seconds since the epoch."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self._now += seconds

    async def sleep(self, seconds: float) -> None:
        """Move the clock forward, so a call that waits for a prediction answers at once."""
        self.advance(seconds)


def now_ms(clock: Clock) -> int:
    """Return the clock's time in whole milliseconds, the unit of every timestamp."""
    return round(clock.now() * 1000)


def timestamp(milliseconds: int) -> str:
    """Write a time the way Get3W does: ISO 8601, UTC, milliseconds, `Z`."""
    moment = datetime.fromtimestamp(milliseconds // 1000, UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{milliseconds % 1000:03d}Z"
