"""A connection pool for one event loop: as in `sync.py`, without a lock and with `await`."""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Any

import httpcore
import httpx

from get3w_core.http.pool.bookkeeping import (
    MAX_CONNECTIONS,
    Place,
    PoolBook,
    PoolClosedError,
    no_place,
)
from get3w_core.http.pool.connection_aio import AsyncConnection
from get3w_core.http.pool.request import is_patched, record_of, timeouts_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator

    from get3w_core.http.pool.bookkeeping import Origin


class AsyncPooledTransport(httpx.AsyncHTTPTransport):
    """Sends for one event loop, directly to the server; see `PooledTransport`."""

    def __init__(self, context: ssl.SSLContext, limit: int = MAX_CONNECTIONS) -> None:
        self._pool: Any = AsyncConnectionPool(context, limit)


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
        self._book: PoolBook[AsyncConnection] = PoolBook(limit)

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
        record = record_of(request)
        record.taken += 1
        url = request.url
        timeouts = timeouts_of(request)
        place = _Place((url.scheme, url.host, url.port))
        record.returns.append(partial(self.leave, place))
        try:
            await self._enter(place, timeouts.get("pool"))
            connection = self._take(place)
            if connection is None:
                place.connection = connection = await AsyncConnection.connect(
                    url.origin, self._context, timeouts.get("connect")
                )
            response = await connection.send(request)
            response.stream = _Body(self, place, response.stream)
        except BaseException:  # a cancellation too
            self.leave(place)
            raise
        return response

    def leave(self, place: _Place, *, reusable: bool = False) -> None:
        """Give *place* back once, with its connection, which is closed unless *reusable*.

        After an exception midway, such as KeyboardInterrupt, a second call does the rest.
        """
        if place.is_over:
            return
        if reusable and not self._book.closed:
            self._book.keep(place, time.monotonic())
        self._book.leave(place)
        if place.connection is not None:
            place.connection.close()
        place.is_over = True

    async def aclose(self) -> None:
        """Close what is idle; requests that are under way end undisturbed."""
        connections, waiting = self._book.close()
        for place in waiting:
            place.wake()
        for connection in connections:
            connection.close()
        if connections:
            await asyncio.sleep(0)  # asyncio closes a socket in the next round of the loop
        await super().aclose()

    async def _enter(self, place: _Place, timeout: float | None) -> None:  # noqa: ASYNC109 - httpcore's words
        if self._book.closed:
            raise PoolClosedError
        if self._book.enter(place):
            return
        await place.wait(timeout)
        if place not in self._book.used:  # one may have come at the last moment
            if self._book.closed:
                raise PoolClosedError
            raise httpcore.PoolTimeout(no_place(self._book.limit, timeout))

    def _take(self, place: _Place) -> AsyncConnection | None:
        while True:
            for old in self._book.take(place, time.monotonic()):
                old.close()
            # Asked last of all before it is used: did the server close it meanwhile?
            connection = place.connection
            if connection is None or not connection.has_ended():
                return connection
            connection.close()
            place.connection = None


class _Place(Place[AsyncConnection]):
    """The place of one task, which may have to wait for it."""

    __slots__ = ("_signal",)

    def __init__(self, origin: Origin) -> None:
        super().__init__(origin)
        self._signal: asyncio.Future[None] | None = None

    async def wait(self, timeout: float | None) -> None:  # noqa: ASYNC109 - httpcore's own error
        loop = asyncio.get_running_loop()
        self._signal = loop.create_future()
        timer = None if timeout is None else loop.call_later(timeout, self.wake)
        try:
            await self._signal
        finally:
            if timer is not None:
                timer.cancel()

    def wake(self) -> None:
        if self._signal is not None and not self._signal.done():
            self._signal.set_result(None)


class _Body:
    """An answer's body, which gives the connection back once it is closed."""

    def __init__(self, pool: AsyncConnectionPool, place: _Place, stream: Any) -> None:
        self._pool = pool
        self._place = place
        self._stream = stream

    def __aiter__(self) -> AsyncIterator[bytes]:
        return aiter(self._stream)  # whoever reads closes, also after an error

    async def aclose(self) -> None:
        connection = self._place.connection
        clean = connection is not None and connection.is_clean()
        self._pool.leave(self._place, reusable=clean)
