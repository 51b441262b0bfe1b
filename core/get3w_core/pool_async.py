"""A connection pool for one event loop: `pool_sync` without a lock and with `await`."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING, Any

import httpcore

from get3w_core.pool_book import IDLE_SECONDS, PoolBook, PoolClosedError, no_place, pool_timeout
from get3w_core.streams_async import AsyncioBackend

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from get3w_core.pool_book import Origin


class AsyncConnectionPool:
    """Sends each request over a connection that is its own until the answer is closed.

    It does what `httpx.AsyncHTTPTransport` asks of httpcore's pool, over HTTP/1.1 and no proxy.

    Args:
        ssl_context: For https.
        limit: How many connections there may be.
    """

    def __init__(self, ssl_context: ssl.SSLContext, limit: int) -> None:
        self._ssl_context = ssl_context
        self._backend = AsyncioBackend()
        self._book: PoolBook[httpcore.AsyncHTTPConnection, _Waiter] = PoolBook(limit)

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self._book.closed

    async def handle_async_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send *request*; the connection comes back when the answer is closed.

        Raises:
            PoolClosedError: The pool was closed first; nothing was sent.
            httpcore.PoolTimeout: No connection became free in time; nothing was sent.
        """
        url = request.url
        origin = (url.scheme, url.host, url.port)
        await self._enter(pool_timeout(request))
        connection: httpcore.AsyncHTTPConnection | None = None
        try:
            connection = await self._take(origin) or self._new(url.origin)
            response = await connection.handle_async_request(request)
        except BaseException:  # a cancellation too
            await self.leave(origin, connection, reusable=False)
            raise
        response.stream = _Body(self, origin, connection, response.stream)
        return response

    async def leave(
        self, origin: Origin, connection: httpcore.AsyncHTTPConnection | None, *, reusable: bool
    ) -> None:
        """Give back a place, with the connection if there is one."""
        if reusable and connection is not None and not self._book.closed:
            self._book.keep(origin, connection, time.monotonic())
            connection = None
        self._pass_on()
        if connection is not None:
            await _close(connection)

    async def aclose(self) -> None:
        """Close what is idle; requests that are under way end undisturbed."""
        connections, waiters = self._book.close()
        for waiter in waiters:
            waiter.wake()
        for connection in connections:
            await _close(connection)
        if connections:
            await asyncio.sleep(0)  # asyncio closes a socket in the next round of the loop

    async def _enter(self, timeout: float | None) -> None:  # noqa: ASYNC109 - httpcore's words
        if self._book.closed:
            raise PoolClosedError
        if self._book.enter():
            return
        waiter = _Waiter()
        self._book.waiting.append(waiter)
        try:
            await waiter.wait(timeout)
        except BaseException:  # a cancellation
            if self._got_place(waiter):
                self._pass_on()
            raise
        if not self._got_place(waiter):
            if self._book.closed:
                raise PoolClosedError
            raise httpcore.PoolTimeout(no_place(self._book.limit, timeout))

    def _got_place(self, waiter: _Waiter) -> bool:
        """Tell whether a place came, perhaps at the last moment; without one, wait no more."""
        if not waiter.has_place and not self._book.closed:
            self._book.waiting.remove(waiter)
        return waiter.has_place

    def _pass_on(self) -> None:
        waiter = self._book.leave()
        if waiter is not None:
            waiter.has_place = True
            waiter.wake()

    async def _take(self, origin: Origin) -> httpcore.AsyncHTTPConnection | None:
        while True:
            connection, closing = self._book.take(origin, time.monotonic())
            for old in closing:
                await _close(old)
            # Asked last of all before it is used: did the server close it meanwhile?
            if connection is None or not connection.has_expired():
                return connection
            await _close(connection)

    def _new(self, origin: httpcore.Origin) -> httpcore.AsyncHTTPConnection:
        return httpcore.AsyncHTTPConnection(
            origin=origin,
            ssl_context=self._ssl_context,
            keepalive_expiry=IDLE_SECONDS,
            network_backend=self._backend,
        )


class _Waiter:
    """One task that waits for a place."""

    def __init__(self) -> None:
        self.has_place = False
        self._loop = asyncio.get_running_loop()
        self._signal: asyncio.Future[None] = self._loop.create_future()

    async def wait(self, timeout: float | None) -> None:  # noqa: ASYNC109
        timer = None if timeout is None else self._loop.call_later(timeout, self.wake)
        try:
            await self._signal
        finally:
            if timer is not None:
                timer.cancel()

    def wake(self) -> None:
        if not self._signal.done():
            self._signal.set_result(None)


class _Body:
    """An answer's body, which gives the connection back once it is closed."""

    def __init__(
        self,
        pool: AsyncConnectionPool,
        origin: Origin,
        connection: httpcore.AsyncHTTPConnection,
        stream: Any,
    ) -> None:
        self._pool = pool
        self._origin = origin
        self._connection = connection
        self._stream = stream
        self._closed = False

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._stream)  # whoever reads closes, also after an error

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        try:
            # A body that was not read to its end closes the connection, and so does a
            # cancellation that strikes here: what is not idle then is not kept.
            await self._stream.aclose()
        finally:
            reusable = self._connection.is_idle()
            await self._pool.leave(self._origin, self._connection, reusable=reusable)


async def _close(connection: httpcore.AsyncHTTPConnection) -> None:
    # Nothing in it waits, so no cancellation can come between; see `streams_async`.
    with contextlib.suppress(Exception):
        await connection.aclose()
