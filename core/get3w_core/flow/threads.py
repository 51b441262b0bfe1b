"""Run blocking calls in a thread, so that an event loop goes on."""

from __future__ import annotations

import asyncio
import threading
from time import perf_counter
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

# What the system has in its memory, or takes into it, is there at once, and a change of thread for
# each piece would halve the throughput. What takes longer than this many seconds is slow.
_PATIENCE: Final = 0.01


async def call_in_thread(function: Callable[[], T]) -> T:
    """Call *function* in a thread, or here where no thread can be had, and return its result.

    There is none at a system's limit, and none once the interpreter has begun to shut down.
    """
    lock, results = threading.Lock(), list[T]()

    def once() -> None:
        # A pool that cannot start a thread may leave the call to one that it has.
        with lock:
            if not results:
                results.append(function())

    try:
        await asyncio.to_thread(once)
    except RuntimeError:
        once()
    return results[0]


class SlowDisk:
    """Calls what reads or writes a file: in a thread as long as that is slow."""

    def __init__(self) -> None:
        self._slow = False

    async def call(self, function: Callable[[], T]) -> T:
        """Call *function* and return its result."""
        started = perf_counter()
        try:
            return await call_in_thread(function) if self._slow else function()
        finally:
            self._slow = perf_counter() - started > _PATIENCE
