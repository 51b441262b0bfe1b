"""A connection pool for one event loop: `sync` without a lock and with `await`."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Any

import httpcore

from get3w_core.http.pool.bookkeeping import PoolBook, PoolClosedError, no_place
from get3w_core.http.pool.connection_aio import AsyncConnection
from get3w_core.http.pool.request import is_patched, record_of, timeouts_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from get3w_core.http.pool.bookkeeping import Origin


class AsyncConnectionPool(httpcore.AsyncConnectionPool):
    """Sends each request over a connection that is its own until the answer is closed.

    It does what `httpx.AsyncHTTPTransport` asks of httpcore's pool, over HTTP/1.1 and no proxy; see
    `ConnectionPool`.

    Args:
        ssl_context: For https.
        limit: How many connections there may be.
    """

    def __init__(self, ssl_context: ssl.SSLContext, limit: int) -> None:
        super().__init__(ssl_context, max_connections=limit, max_keepalive_connections=0)
        self._context = ssl_context
        self._book: PoolBook[AsyncConnection, _Waiter] = PoolBook(limit)

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
        if is_patched(httpcore.AsyncConnectionPool, "handle_async_request"):
            return await super().handle_async_request(request)
        record_of(request).taken += 1
        url = request.url
        origin = (url.scheme, url.host, url.port)
        timeouts = timeouts_of(request)
        await self._enter(timeouts.get("pool"))
        connection: AsyncConnection | None = None
        try:
            connection = self._take(origin)
            if connection is None:
                connection = await AsyncConnection.connect(
                    url.origin, self._context, timeouts.get("connect")
                )
            response = await connection.send(request)
        except BaseException:  # a cancellation too
            self.leave(origin, connection, reusable=False)
            raise
        response.stream = _Body(self, origin, connection, response.stream)
        return response

    def leave(self, origin: Origin, connection: AsyncConnection | None, *, reusable: bool) -> None:
        """Give back a place, with the connection if there is one."""
        if reusable and connection is not None and not self._book.closed:
            self._book.keep(origin, connection, time.monotonic())
            connection = None
        self._pass_on()
        if connection is not None:
            connection.close()

    async def aclose(self) -> None:
        """Close what is idle; requests that are under way end undisturbed."""
        connections, waiters = self._book.close()
        for waiter in waiters:
            waiter.wake()
        for connection in connections:
            connection.close()
        if connections:
            await asyncio.sleep(0)  # asyncio closes a socket in the next round of the loop
        await super().aclose()

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

    def _take(self, origin: Origin) -> AsyncConnection | None:
        while True:
            connection, closing = self._book.take(origin, time.monotonic())
            for old in closing:
                old.close()
            # Asked last of all before it is used: did the server close it meanwhile?
            if connection is None or not connection.has_ended():
                return connection
            connection.close()


class _Waiter:
    """One task that waits for a place."""

    def __init__(self) -> None:
        self.has_place = False
        self._loop = asyncio.get_running_loop()
        self._signal: asyncio.Future[None] = self._loop.create_future()

    async def wait(self, timeout: float | None) -> None:  # noqa: ASYNC109 - httpcore's own error
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
        connection: AsyncConnection,
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
        if not self._closed:
            self._closed = True
            self._pool.leave(self._origin, self._connection, reusable=self._connection.is_clean())
