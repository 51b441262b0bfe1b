"""One connection for threads."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING, cast

import httpcore

from get3w_core.http.pool.http11 import JOINED_BYTES, READ_BYTES, Exchange, left_of, timeouts_of

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Iterable, Iterator

_BACKEND = httpcore.SyncBackend()


class Connection:
    """A socket and the HTTP/1.1 on it, used by one request at a time.

    Raises:
        httpcore.ConnectError: The server cannot be reached; nothing was sent.
        httpcore.ConnectTimeout: It did not answer in time; nothing was sent.
    """

    def __init__(
        self, origin: httpcore.Origin, ssl_context: ssl.SSLContext, timeout: float | None
    ) -> None:
        host = origin.host.decode("ascii")
        try:
            stream = _BACKEND.connect_tcp(host, origin.port, timeout)
        except UnicodeError as error:  # a name that no resolver takes
            raise httpcore.ConnectError(str(error)) from error
        if origin.scheme == b"https":
            stream = stream.start_tls(ssl_context, host, timeout)
        self._stream = stream
        self._socket: socket.socket = stream.get_extra_info("socket")
        self._timeout = self._socket.gettimeout()
        self._exchange: Exchange | None = None

    def send(self, request: httpcore.Request) -> httpcore.Response:
        """Send *request*, and return the head of the answer."""
        timeouts = timeouts_of(request)
        exchange = self._exchange = Exchange(request)
        # As httpcore does: a server may answer and hang up before it has read everything.
        with contextlib.suppress(httpcore.WriteError):
            self._write(exchange, request, timeouts.get("write"))
        read = timeouts.get("read")
        started = time.monotonic()
        exchange.receive(self._read(read))
        while (response := exchange.response()) is None:
            exchange.receive(self._read(left_of(read, started)))
        response.stream = self._body(exchange, read)
        return response

    def _body(self, exchange: Exchange, timeout: float | None) -> Iterator[bytes]:
        while (piece := exchange.piece()) != b"":
            if piece is None:
                exchange.receive(self._read(timeout))
            else:
                yield piece

    def is_clean(self) -> bool:
        """Tell whether the connection may serve another request."""
        return self._exchange is not None and self._exchange.is_clean()

    def has_ended(self) -> bool:
        """Tell whether the server closed it, or sent what was not asked for."""
        ended: bool = self._stream.get_extra_info("is_readable")
        return ended

    def close(self) -> None:
        """Close the socket."""
        with contextlib.suppress(Exception):
            self._stream.close()

    def _write(self, exchange: Exchange, request: httpcore.Request, timeout: float | None) -> None:
        unsent = bytearray(exchange.head())
        for piece in cast("Iterable[bytes]", request.stream):
            unsent += exchange.body(piece)
            if len(unsent) >= JOINED_BYTES:
                self._flush(unsent, timeout)
        unsent += exchange.end()
        self._flush(unsent, timeout)

    def _flush(self, unsent: bytearray, timeout: float | None) -> None:
        try:
            self._set_timeout(timeout)
            while unsent:
                del unsent[: self._socket.send(unsent)]
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def _read(self, timeout: float | None) -> bytes:
        try:
            self._set_timeout(timeout)
            return self._socket.recv(READ_BYTES)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def _set_timeout(self, timeout: float | None) -> None:
        # A system call, and a chance for other threads to take the interpreter away.
        if timeout != self._timeout:
            self._socket.settimeout(timeout)
            self._timeout = timeout
