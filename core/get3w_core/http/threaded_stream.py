"""The body of an upload for asyncio."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpx

from get3w_core.http.slow_disk import SlowDisk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator


class ThreadedStream(httpx.AsyncByteStream):
    """Reads a stream in a thread as long as its pieces are slow to come."""

    def __init__(self, stream: httpx.SyncByteStream) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncGenerator[bytes]:
        """Yield the pieces."""
        disk, pieces = SlowDisk(), iter(self._stream)
        while (piece := await disk.call(lambda: _next(pieces))) is not None:
            yield piece


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
