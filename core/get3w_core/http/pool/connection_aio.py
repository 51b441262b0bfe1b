"""One HTTP/1.1 connection over asyncio; `connection` is its counterpart for threads.

Closing never waits, so a cancellation always finds its connection closed.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any, cast

import httpcore

from get3w_core._common.interruptions import ignored
from get3w_core.http.pool.dialing import dial
from get3w_core.http.pool.http11 import JOINED_BYTES, Exchange, left_of
from get3w_core.http.pool.request import Unsent, record_of, timeouts_of
from get3w_core.http.pool.stream import AsyncStream

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterable, AsyncIterator


class AsyncConnection:
    """A socket and the HTTP/1.1 on it, used by one request at a time; `connect` makes one."""

    def __init__(self, stream: AsyncStream) -> None:
        self._stream = stream
        self._exchange: Exchange | None = None

    @classmethod
    async def connect(
        cls,
        origin: httpcore.Origin,
        ssl_context: ssl.SSLContext,
        timeout: float | None,  # noqa: ASYNC109 - the error is httpcore's own
    ) -> AsyncConnection:
        """Connect.

        Raises:
            httpcore.ConnectError: The server cannot be reached; nothing was sent.
            httpcore.ConnectTimeout: It did not answer in time; nothing was sent.
        """
        try:
            async with asyncio.timeout(timeout):
                return cls(await _connected(origin, ssl_context))
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"no connection within {timeout} s") from error
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(str(error)) from error

    async def send(self, request: httpcore.Request) -> httpcore.Response:
        """Send *request*, and return the head of the answer."""
        timeouts = timeouts_of(request)
        exchange = self._exchange = Exchange(request)
        # As httpcore does: a server may answer and hang up before it has read everything.
        with ignored(httpcore.WriteError):
            await self._write(exchange, request, timeouts.get("write"))
        read = timeouts.get("read")
        started = time.monotonic()
        exchange.receive(await self._stream.read(read))
        while (response := exchange.response()) is None:
            exchange.receive(await self._stream.read(left_of(read, started)))
        response.stream = self._body(exchange, read)
        return response

    async def _body(self, exchange: Exchange, timeout: float | None) -> AsyncIterator[bytes]:  # noqa: ASYNC109 - httpcore's own error
        while (piece := exchange.piece()) != b"":
            if piece is None:
                exchange.receive(await self._stream.read(timeout))
            else:
                yield piece

    def is_clean(self) -> bool:
        """Tell whether the connection may serve another request."""
        return self._exchange is not None and self._exchange.is_clean()

    def has_ended(self) -> bool:
        """Tell whether the server closed it, or sent what was not asked for."""
        return self._stream.is_readable()

    def close(self) -> None:
        """Close the socket."""
        self._stream.close()

    async def _write(
        self,
        exchange: Exchange,
        request: httpcore.Request,
        timeout: float | None,  # noqa: ASYNC109 - httpcore's own error
    ) -> None:
        unsent = Unsent(exchange.head())
        record = record_of(request)
        async for piece in cast("AsyncIterable[bytes]", request.stream):
            unsent += exchange.body(piece)
            if len(unsent) >= JOINED_BYTES:
                record.sent = True
                await self._stream.write(memoryview(bytes(unsent)), timeout)
                unsent.clear()
        unsent += exchange.end()
        record.sent = True
        await self._stream.write(memoryview(bytes(unsent)), timeout)


async def _connected(origin: httpcore.Origin, ssl_context: ssl.SSLContext) -> AsyncStream:
    loop = asyncio.get_running_loop()
    host = origin.host.decode("ascii")
    secured: dict[str, Any] = (
        {"ssl": ssl_context, "server_hostname": host} if origin.scheme == b"https" else {}
    )
    connected = await dial(loop, host, origin.port)
    _, stream = await loop.create_connection(lambda: AsyncStream(loop), sock=connected, **secured)
    return stream
