"""Read the body of an upload in a thread, for asyncio."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from get3w_core.flow.threads import SlowDisk

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Iterator
    from types import ModuleType


def in_thread(library: ModuleType, stream: Any) -> Any:
    """Return *stream* for asyncio, read in a thread as long as its pieces are slow to come."""
    return _kind(library)(stream) if isinstance(stream, library.SyncByteStream) else stream


@cache
def _kind(library: ModuleType) -> type[Any]:
    async def pieces(self: Any) -> AsyncGenerator[bytes]:
        disk, source = SlowDisk(), iter(self.source)
        while (piece := await disk.call(lambda: _next(source))) is not None:
            yield piece

    def keep(self: Any, source: object) -> None:
        self.source = source

    # httpx and httpx2 each look whether a body is a stream of their own.
    return type(
        "ThreadedStream", (library.AsyncByteStream,), {"__init__": keep, "__aiter__": pieces}
    )


def _next(pieces: Iterator[bytes]) -> bytes | None:
    return next(pieces, None)
