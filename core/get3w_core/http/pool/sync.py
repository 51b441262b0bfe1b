"""A connection pool for threads, in the place of httpcore's; see `bookkeeping`."""

from __future__ import annotations

import threading
import time
import weakref
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
from get3w_core.http.pool.connection import Connection
from get3w_core.http.pool.request import is_patched, record_of, timeouts_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator

    from get3w_core.http.pool.bookkeeping import Origin


class PooledTransport(httpx.HTTPTransport):
    """Sends directly to the server; whatever instruments or mocks httpx's class sees it too."""

    # Theirs makes a pool of httpcore's, and nothing else.
    def __init__(self, context: ssl.SSLContext, limit: int = MAX_CONNECTIONS) -> None:
        self._pool: Any = ConnectionPool(context, limit)


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
        self._book: PoolBook[Connection] = PoolBook(limit)
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
        record = record_of(request)
        record.taken += 1
        url = request.url
        timeouts = timeouts_of(request)
        place = _Place((url.scheme, url.host, url.port))
        record.returns.append(partial(self.leave, place))
        try:
            self._enter(place, timeouts.get("pool"))
            connection = self._take(place)
            if connection is None:
                connection = Connection(url.origin, self._context, timeouts.get("connect"))
                place.connection = connection
            response = connection.send(request)
            response.stream = _Body(self, place, response.stream)
        except BaseException:
            self.leave(place)
            raise
        return response

    def leave(self, place: _Place, *, reusable: bool = False) -> None:
        """Give *place* back once, with its connection, which is closed unless *reusable*.

        After an exception midway, such as KeyboardInterrupt, a second call does the rest.
        """
        if place.is_over:
            return
        with self._lock:
            if reusable and not self._book.closed:
                self._book.keep(place, time.monotonic())
            connection = place.connection
            self._book.leave(place)
        if connection is not None:
            connection.close()
        place.is_over = True

    def close(self) -> None:
        """Close what is idle; requests that are under way end undisturbed."""
        with self._lock:
            connections, waiting = self._book.close()
        for place in waiting:
            place.wake()
        for connection in connections:
            connection.close()
        super().close()

    def _enter(self, place: _Place, timeout: float | None) -> None:
        with self._lock:
            if self._book.closed:
                raise PoolClosedError
            if self._book.enter(place):
                return
        place.wait(timeout)
        with self._lock:  # a place may have come at the last moment
            has_place, closed = place in self._book.used, self._book.closed
        if not has_place:
            if closed:
                raise PoolClosedError
            raise httpcore.PoolTimeout(no_place(self._book.limit, timeout))

    def _take(self, place: _Place) -> Connection | None:
        while True:
            with self._lock:
                closing = self._book.take(place, time.monotonic())
            for old in closing:
                old.close()
            # Asked last of all before it is used: did the server close it meanwhile?
            connection = place.connection
            if connection is None or not connection.has_ended():
                return connection
            connection.close()
            place.connection = None


def _close_idle(book: PoolBook[Connection]) -> None:
    for connection in book.close()[0]:
        connection.close()


class _Place(Place[Connection]):
    """The place of one thread, which may have to wait for it."""

    __slots__ = ("_signal",)

    def __init__(self, origin: Origin) -> None:
        super().__init__(origin)
        self._signal = threading.Lock()
        self._signal.acquire()

    def wait(self, timeout: float | None) -> None:
        seconds = -1 if timeout is None else min(max(timeout, 0), threading.TIMEOUT_MAX)
        self._signal.acquire(timeout=seconds)

    def wake(self) -> None:
        if self._signal.locked():
            self._signal.release()


class _Body:
    """An answer's body, which gives the connection back once it is closed."""

    def __init__(self, pool: ConnectionPool, place: _Place, stream: Any) -> None:
        self._pool = pool
        self._place = place
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._stream)  # whoever reads closes, also after an error

    def close(self) -> None:
        connection = self._place.connection
        clean = connection is not None and connection.is_clean()
        self._pool.leave(self._place, reusable=clean)
