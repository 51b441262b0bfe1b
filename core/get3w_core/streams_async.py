"""Sockets of asyncio as httpcore wants them: `streams` for event loops.

Closing never waits, so that a cancellation always finds its connection closed.
"""

from __future__ import annotations

import asyncio
import select
import sys
from typing import TYPE_CHECKING, Any, Final, cast

import httpcore

from get3w_core.streams import JOINED_BYTES

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable

_READ_AHEAD: Final = 256 * 1024
_FAMILY_DELAY: Final = 0.25  # before the other kind of address is tried as well, RFC 8305


class AsyncioBackend(httpcore.AsyncNetworkBackend):
    """Opens connections in the running event loop."""

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Connect; see httpcore."""
        loop = asyncio.get_running_loop()
        # Other event loops, as uvloop, do without this option.
        options: dict[str, Any] = (
            {"happy_eyeballs_delay": _FAMILY_DELAY}
            if isinstance(loop, asyncio.BaseEventLoop)
            else {}
        )
        if local_address is not None:
            options["local_addr"] = (local_address, 0)
        try:
            async with asyncio.timeout(timeout):
                _, stream = await loop.create_connection(
                    lambda: AsyncioStream(loop), host, port, **options
                )
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no connection within {timeout} s") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error
        for option in socket_options or ():
            stream.get_extra_info("socket").setsockopt(*option)
        return stream


class AsyncioStream(asyncio.Protocol, httpcore.AsyncNetworkStream):
    """One connection; joins writes as `JoiningStream` does."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._transport: asyncio.Transport = cast("asyncio.Transport", None)
        self._unsent = bytearray()
        self._received = bytearray()
        self._ended = False
        self._error: Exception | None = None
        self._reading_paused = False
        self._writing_paused = False
        self._waiter: asyncio.Future[bool] | None = None

    # What httpcore calls.

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        """Send what is left, then wait for something to read."""
        if self._unsent:
            self._flush()
        while not self._received:
            if self._error is not None:
                raise httpcore.ReadError(str(self._error)) from self._error
            if self._ended:
                return b""
            if not await self._wait(timeout):
                raise httpcore.ReadTimeout(f"nothing came within {timeout} s")
        if len(self._received) <= max_bytes:
            data = bytes(self._received)
            self._received.clear()
        else:
            data = bytes(self._received[:max_bytes])
            del self._received[:max_bytes]
        if self._reading_paused and len(self._received) < _READ_AHEAD and not self._ended:
            self._reading_paused = False
            self._transport.resume_reading()
        return data

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ASYNC109
        """Send *buffer*, or keep it for the next call."""
        self._unsent += buffer
        if len(self._unsent) < JOINED_BYTES:
            return
        self._flush()
        while self._writing_paused and not self._ended:
            if not await self._wait(timeout):
                raise httpcore.WriteTimeout(f"the other side took nothing within {timeout} s")
        if self._ended:
            raise httpcore.WriteError("the other side closed the connection")

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore.AsyncNetworkStream:
        """Go on encrypted."""
        try:
            async with asyncio.timeout(timeout):
                transport = await self._loop.start_tls(
                    self._transport, self, ssl_context, server_hostname=server_hostname
                )
        except BaseException as error:
            self._transport.abort()
            if isinstance(error, TimeoutError):
                raise httpcore.ConnectTimeout(f"no TLS within {timeout} s") from error
            if isinstance(error, OSError):
                raise httpcore.ConnectError(str(error)) from error
            raise
        if transport is None:  # asyncio: the connection was lost meanwhile
            raise httpcore.ConnectError("the other side closed the connection")
        self._transport = transport
        return self

    async def aclose(self) -> None:
        """Close the socket at once."""
        self._transport.abort()

    def get_extra_info(self, info: str) -> Any:
        """Tell about the socket."""
        if info == "is_readable":
            return self._is_readable()
        names = {"client_addr": "sockname", "server_addr": "peername"}
        return self._transport.get_extra_info(names.get(info, info))

    def _is_readable(self) -> bool:
        # What the loop has not noticed yet, because it was busy, lies in the socket.
        return (
            bool(self._received)
            or self._ended
            or self._transport.is_closing()
            or _has_input(self._transport.get_extra_info("socket").fileno())
        )

    def _flush(self) -> None:
        data = bytes(self._unsent)
        self._unsent.clear()
        if not self._transport.is_closing():
            self._transport.write(data)

    async def _wait(self, timeout: float | None) -> bool:  # noqa: ASYNC109
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

    # What asyncio calls.

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


def _has_input(descriptor: int) -> bool:
    if descriptor < 0:
        return True
    if sys.platform == "win32":
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
