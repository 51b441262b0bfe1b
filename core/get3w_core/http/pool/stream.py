"""A socket of asyncio: reading and writing with timeouts, and no reading too far ahead."""

from __future__ import annotations

import asyncio
from typing import Final, cast

import httpcore

from get3w_core.http.pool.connection import has_input

_READ_AHEAD: Final = 256 * 1024


class AsyncStream(asyncio.Protocol):
    """One connection, as asyncio calls it (the last methods) and as its user does."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._received = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._reading_paused = False
        self._writing_paused = False
        self._waiter: asyncio.Future[bool] | None = None

    async def read(self, timeout: float | None) -> bytes:  # noqa: ASYNC109 - httpcore's own error
        """Wait for something to read; nothing at all is the end."""
        while not self._received:
            if self._error is not None:
                raise httpcore.ReadError(str(self._error)) from self._error
            if self._ended:
                return b""
            if not await self._wait(timeout):
                raise httpcore.ReadTimeout(f"nothing came within {timeout} s")
        data = bytes(self._received)
        self._received.clear()
        if self._reading_paused and not self._ended:
            self._reading_paused = False
            self._transport.resume_reading()
        return data

    async def write(self, data: bytes | memoryview, timeout: float | None) -> None:  # noqa: ASYNC109 - httpcore's own error
        """Send *data*, and wait while too much is on its way."""
        if data and not self._transport.is_closing():
            self._transport.write(data)
        while self._writing_paused and not self._ended:
            if not await self._wait(timeout):
                raise httpcore.WriteTimeout(f"the server took nothing within {timeout} s")
        if self._ended:
            raise httpcore.WriteError("the server closed the connection")

    def is_readable(self) -> bool:
        """Tell whether there is something to read, be it the end."""
        # What the loop has not noticed yet, because it was busy, lies in the socket.
        return (
            bool(self._received)
            or self._ended
            or self._transport.is_closing()
            or has_input(self._transport.get_extra_info("socket").fileno())
        )

    def close(self) -> None:
        """Close the socket at once; the loop does it in its next round."""
        if not self._loop.is_closed():  # then the socket ends with its last reference
            self._transport.abort()

    async def _wait(self, timeout: float | None) -> bool:  # noqa: ASYNC109 - httpcore's own error
        """Wait until something happens, and tell whether it did within *timeout*."""
        waiter = self._waiter = self._loop.create_future()
        timer = None if timeout is None else self._loop.call_later(timeout, _give_up, waiter)
        try:
            happened: bool = await waiter
        finally:
            self._waiter = None
            if timer is not None:
                timer.cancel()
        return happened

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(True)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Take what came."""
        self._received += data
        if len(self._received) >= _READ_AHEAD and not self._reading_paused:
            self._reading_paused = True
            self._transport.pause_reading()
        self._wake()

    def eof_received(self) -> None:
        """Take note of the end; asyncio then closes the connection."""
        self._ended = True
        self._wake()

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        self._ended = True
        self._error = exc
        self._wake()

    def pause_writing(self) -> None:
        """Too much is unsent."""
        self._writing_paused = True

    def resume_writing(self) -> None:
        """Enough was sent."""
        self._writing_paused = False
        self._wake()


def _give_up(waiter: asyncio.Future[bool]) -> None:
    if not waiter.done():
        waiter.set_result(False)
