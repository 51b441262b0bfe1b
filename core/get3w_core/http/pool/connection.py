"""One HTTP/1.1 connection over a socket, for threads."""

from __future__ import annotations

import select
import socket
import sys
import time
from typing import TYPE_CHECKING, cast

import httpcore

from get3w_core._common.interruptions import ignored, struck_by
from get3w_core.http.pool.http11 import JOINED_BYTES, READ_BYTES, Exchange, left_of
from get3w_core.http.pool.request import Unsent, record_of, timeouts_of

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterable, Iterator

    from get3w_core.http.pool.bookkeeping import PoolRecord


_STREAM = socket.SOCK_STREAM


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
            self._socket = _dial(host, origin.port, timeout)
            if origin.scheme == b"https":
                self._socket = _secured(self._socket, ssl_context, host)
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(str(error)) from error
        except (OSError, UnicodeError) as error:  # the latter for a name that no resolver takes
            raise httpcore.ConnectError(str(error)) from error
        self._timeout = self._socket.gettimeout()
        self._exchange: Exchange | None = None

    def send(self, request: httpcore.Request) -> httpcore.Response:
        """Send *request*, and return the head of the answer."""
        timeouts = timeouts_of(request)
        exchange = self._exchange = Exchange(request)
        # As httpcore does: a server may answer and hang up before it has read everything.
        with ignored(httpcore.WriteError):
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
        return has_input(self._socket.fileno())

    def close(self) -> None:
        """Close the socket."""
        with ignored(OSError):
            self._socket.close()

    def _write(self, exchange: Exchange, request: httpcore.Request, timeout: float | None) -> None:
        unsent = Unsent(exchange.head())
        record = record_of(request)
        for piece in cast("Iterable[bytes]", request.stream):
            unsent += exchange.body(piece)
            if len(unsent) >= JOINED_BYTES:
                self._flush(unsent, record, timeout)
        unsent += exchange.end()
        self._flush(unsent, record, timeout)

    def _flush(self, unsent: bytearray, record: PoolRecord, timeout: float | None) -> None:
        try:
            self._set_timeout(timeout)
            record.sent = True
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


def _dial(host: str, port: int, timeout: float | None) -> socket.socket:
    """Return a socket that is connected to the first address of *host* that answers.

    `socket.create_connection` does that too, but takes an error that a signal handler raised for
    one of the address, and goes on with the next.
    """
    outer = sys.exception()
    failed: OSError | None = None
    for family, kind, protocol, _, address in socket.getaddrinfo(host, port, type=_STREAM):
        made = socket.socket(family, kind, protocol)
        try:
            made.settimeout(timeout)
            made.connect(address)
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except BaseException as error:
            made.close()
            if not isinstance(error, OSError) or struck_by(error, outer) is not None:
                raise
            failed = failed or error
        else:
            return made
    raise failed or OSError(f"no address of {host} is known")


def _secured(plain: socket.socket, context: ssl.SSLContext, host: str) -> socket.socket:
    try:
        secured = context.wrap_socket(plain, server_hostname=host, do_handshake_on_connect=False)
    except BaseException:
        plain.close()
        raise
    try:
        secured.do_handshake()
    except BaseException:
        secured.close()
        raise
    return secured


def has_input(descriptor: int) -> bool:
    """Tell whether there is something to read on a socket, be it the end or an error."""
    if descriptor < 0:
        return True
    if sys.platform == "win32":
        return bool(select.select([descriptor], [], [], 0)[0])
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(0))
