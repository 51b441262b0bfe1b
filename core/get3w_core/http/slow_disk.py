"""A disk may take its time, and an event loop must not."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# What the system has in its memory, or takes into it, is there at once, and a change of thread for
# each piece would halve the throughput. What takes longer than this many seconds is slow.
_PATIENCE: Final = 0.01


class SlowDisk:
    """Calls what reads or writes a file: in a thread as long as that is slow."""

    def __init__(self) -> None:
        self._slow = False

    async def call(self, function: Callable[[], T]) -> T:
        """Call *function*, and return or raise what it does."""
        started = perf_counter()
        try:
            return await asyncio.to_thread(function) if self._slow else function()
        finally:
            self._slow = perf_counter() - started > _PATIENCE
