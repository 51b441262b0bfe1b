"""The body of an upload for asyncio: a disk may take its time, and the event loop must not."""

from __future__ import annotations

import asyncio
from time import perf_counter
from typing import TYPE_CHECKING, Final

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator

# A file that was just read for its checksum comes from memory at once, and a change of thread for
# each piece would halve the throughput there. What takes longer than this many seconds is slow.
_PATIENCE: Final = 0.01


class ThreadedStream(httpx.AsyncByteStream):
    """Reads a stream in a thread as long as its pieces are slow to come."""

    def __init__(self, stream: httpx.SyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        """Yield the pieces."""
        pieces = iter(self._stream)
        slow = False
        while True:
            started = perf_counter()
            piece = await asyncio.to_thread(_next, pieces) if slow else _next(pieces)
            slow = perf_counter() - started > _PATIENCE
            if piece is None:
                return
            yield piece


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
