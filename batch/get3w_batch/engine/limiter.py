"""The share that a process has of the account's limit, which is one for all workers of a journal.

The limit itself, and how it follows the server's refusals, is in the journal (`journal.limit`).
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from get3w_batch.journal.limit import News, Refusal

if TYPE_CHECKING:
    from get3w_batch.journal.limit import Share

_PAUSE_WITHOUT_A_HINT: Final = 0.5


class Limiter:
    """Room for tasks on the account.

    Args:
        most: How many tasks run at once at most, over all workers.

    Attributes:
        most: The same.
        limit: How many the account seems to allow, as the journal last said.
        share: How many of them this process may have under way.
        busy: How many it has.
        asking: Set when a new share should be asked for soon.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.limit = 0.0
        self.share = 0
        self.busy = 0
        self.asking = asyncio.Event()
        self._accepted = 0
        self._refusals: list[tuple[float, float | None]] = []
        self._resume_at = 0.0
        self._changed = asyncio.Event()

    @property
    def has_room(self) -> bool:
        """Whether one more task may be sent now."""
        return self.busy < self.share and self.pause_left <= 0

    @property
    def pause_left(self) -> float:
        """Seconds until anything may be sent."""
        return self._resume_at - time.monotonic()

    async def acquire(self) -> None:
        """Wait for room, and take it."""
        while not self.has_room:
            if self.share == 0:
                self.asking.set()
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
        """Note that the server had room; where all of it is used, there may be more."""
        self._accepted += 1
        if self.busy >= self.share and self.limit < self.most:
            self.asking.set()

    def refused(self, sent_at: float, retry_after: float | None) -> None:
        """Note that the server refused what was sent at *sent_at*, by the monotonic clock."""
        self._refusals.append((sent_at, retry_after))
        self.wait(retry_after)
        self.asking.set()

    def wait(self, seconds: float | None) -> None:
        """Send nothing for a while."""
        pause = _PAUSE_WITHOUT_A_HINT if seconds is None else seconds
        self._resume_at = max(self._resume_at, time.monotonic() + pause)

    def news(self, *, more: int = 0, takes_part: bool) -> News:
        """Return what the journal has to know, once; *more* tasks are this process's too."""
        now, busy = time.monotonic(), self.busy + more
        refusals = tuple(Refusal(now - sent_at, wait) for sent_at, wait in self._refusals)
        accepted, self._accepted = self._accepted, 0
        self._refusals.clear()
        return News(busy, self.most, takes_part or busy > 0, accepted, refusals)

    def take(self, share: Share) -> None:
        """Keep to what the journal said."""
        self.limit, self.share = share.limit, share.share
        if share.pause:
            self.wait(share.pause)
        self._changed.set()
