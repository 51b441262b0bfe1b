"""How many tasks run at once: it follows the server's refusals.

Each accepted task lets one more run, until the first refusal; from then on a round of accepted
tasks does. A refusal halves the number, once for all that were sent before it was known.
"""

from __future__ import annotations

import asyncio
import random
import time
from typing import Final

_FIRST: Final = 4
_PAUSE: Final = 0.5
_LONGEST: Final = 30.0


class Limiter:
    """Room for tasks on the account.

    Attributes:
        maximum: No more than this at once.
        limit: How many the server seems to allow.
        busy: How many there are.
        refusals: How often the server refused for want of room.
    """

    def __init__(self, maximum: int) -> None:
        self.maximum = maximum
        self.limit = float(min(maximum, _FIRST))
        self.busy = 0
        self.refusals = 0
        self._careful = False
        self._pause = _PAUSE
        self._resume_at = 0.0
        self._halved_at = 0.0
        self._changed = asyncio.Event()

    @property
    def has_room(self) -> bool:
        """Whether one more task may be sent now."""
        return self.busy < max(1, int(min(self.limit, self.maximum))) and self.pause_left <= 0

    @property
    def pause_left(self) -> float:
        """Seconds until anything may be sent."""
        return self._resume_at - time.monotonic()

    async def acquire(self) -> None:
        """Wait for room, and take it."""
        while not self.has_room:
            self._changed.clear()
            pause = self.pause_left
            try:
                await asyncio.wait_for(self._changed.wait(), pause if pause > 0 else None)
            except TimeoutError:
                continue
        self.busy += 1

    def adopt(self) -> None:
        """Count a task that runs already, whether or not there is room."""
        self.busy += 1

    def release(self) -> None:
        """Give room back: the task ended, or there is none."""
        self.busy -= 1
        self._changed.set()

    def accepted(self) -> None:
        """Note that the server had room."""
        self._pause = _PAUSE
        self.limit = min(self.maximum, self.limit + (1 / self.limit if self._careful else 1))
        self._changed.set()

    def refused(self, sent_at: float, retry_after: float | None) -> None:
        """Note that the server refused what was sent at *sent_at*, by the monotonic clock."""
        self.refusals += 1
        if sent_at > self._halved_at:
            self._halved_at = time.monotonic()
            self.limit = max(1.0, min(self.limit, self.busy) / 2)
            self._pause = min(self._pause * 2, _LONGEST)
        self._careful = True
        self.wait(retry_after)

    def wait(self, seconds: float | None) -> None:
        """Send nothing for a while, with a chance of a quarter more."""
        pause = (self._pause if seconds is None else seconds) * (1 + random.random() / 4)  # noqa: S311
        self._resume_at = max(self._resume_at, time.monotonic() + pause)
