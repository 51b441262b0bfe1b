"""A connection pool for threads, in the place of httpcore's; see `bookkeeping`."""

from __future__ import annotations

import threading
import time
import weakref
from typing import TYPE_CHECKING, Any, Final

import httpcore

from get3w_core.http.pool.bookkeeping import PoolBook, PoolClosedError, no_place
from get3w_core.http.pool.connection import Connection
from get3w_core.http.pool.request import is_patched, record_of, timeouts_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from get3w_core.http.pool.bookkeeping import Origin

_NOWHERE: Final = (b"", b"", None)


class ConnectionPool(httpcore.ConnectionPool):
    """Sends each request over a connection that is its own until the answer is closed.

    It does what `httpx.HTTPTransport` asks of httpcore's pool, over HTTP/1.1 and no proxy. It is
    one of httpcore's so that a mock which patches that class, as respx does, gets every request.

    Args:
        ssl_context: For https.
        limit: How many connections there may be.
    """

    def __init__(self, ssl_context: ssl.SSLContext, limit: int) -> None:
        super().__init__(ssl_context, max_connections=limit, max_keepalive_connections=0)
        self._context = ssl_context
        self._lock = threading.Lock()
        self._book: PoolBook[Connection, _Waiter] = PoolBook(limit)
        # The shared client is closed by nobody: its connections end with it, or with the program.
        weakref.finalize(self, _close_idle, self._book)

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        return self._book.closed

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send *request*; the connection comes back when the answer is closed.

        Raises:
            PoolClosedError: The pool was closed first; nothing was sent.
            httpcore.PoolTimeout: No connection became free in time; nothing was sent.
        """
        if is_patched(httpcore.ConnectionPool, "handle_request"):
            return super().handle_request(request)
        record_of(request).taken += 1
        url = request.url
        origin = (url.scheme, url.host, url.port)
        timeouts = timeouts_of(request)
        self._enter(timeouts.get("pool"))
        connection: Connection | None = None
        try:
            connection = self._take(origin)
            if connection is None:
                connection = Connection(url.origin, self._context, timeouts.get("connect"))
            response = connection.send(request)
        except BaseException:
            self.leave(origin, connection, reusable=False)
            raise
        response.stream = _Body(self, origin, connection, response.stream)
        return response

    def leave(self, origin: Origin, connection: Connection | None, *, reusable: bool) -> None:
        """Give back a place, with the connection if there is one."""
        with self._lock:
            if reusable and connection is not None and not self._book.closed:
                self._book.keep(origin, connection, time.monotonic())
                connection = None
            waiter = self._book.leave()
            if waiter is not None:
                waiter.has_place = True
        if waiter is not None:
            waiter.wake()
        if connection is not None:
            connection.close()

    def close(self) -> None:
        """Close what is idle; requests that are under way end undisturbed."""
        with self._lock:
            connections, waiters = self._book.close()
        for waiter in waiters:
            waiter.wake()
        for connection in connections:
            connection.close()
        super().close()

    def _enter(self, timeout: float | None) -> None:
        with self._lock:
            if self._book.closed:
                raise PoolClosedError
            if self._book.enter():
                return
            waiter = _Waiter()
            self._book.waiting.append(waiter)
        try:
            waiter.wait(timeout)
        except BaseException:  # an interrupt from the keyboard
            if self._got_place(waiter):
                self.leave(_NOWHERE, None, reusable=False)
            raise
        if not self._got_place(waiter):
            if self._book.closed:
                raise PoolClosedError
            raise httpcore.PoolTimeout(no_place(self._book.limit, timeout))

    def _got_place(self, waiter: _Waiter) -> bool:
        """Tell whether a place came, perhaps at the last moment; without one, wait no more."""
        with self._lock:
            if not waiter.has_place and not self._book.closed:
                self._book.waiting.remove(waiter)
            return waiter.has_place

    def _take(self, origin: Origin) -> Connection | None:
        while True:
            with self._lock:
                connection, closing = self._book.take(origin, time.monotonic())
            for old in closing:
                old.close()
            # Asked last of all before it is used: did the server close it meanwhile?
            if connection is None or not connection.has_ended():
                return connection
            connection.close()


def _close_idle(book: PoolBook[Connection, _Waiter]) -> None:
    for connection in book.close()[0]:
        connection.close()


class _Waiter:
    """One thread that waits for a place."""

    def __init__(self) -> None:
        self.has_place = False
        self._signal = threading.Lock()
        self._signal.acquire()

    def wait(self, timeout: float | None) -> None:
        seconds = -1 if timeout is None else min(max(timeout, 0), threading.TIMEOUT_MAX)
        self._signal.acquire(timeout=seconds)

    def wake(self) -> None:
        self._signal.release()


class _Body:
    """An answer's body, which gives the connection back once it is closed."""

    def __init__(
        self,
        pool: ConnectionPool,
        origin: Origin,
        connection: Connection,
        stream: Any,
    ) -> None:
        self._pool = pool
        self._origin = origin
        self._connection = connection
        self._stream = stream
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)  # whoever reads closes, also after an error

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._pool.leave(self._origin, self._connection, reusable=self._connection.is_clean())
