"""Sockets as httpcore wants them, which send a request's head and body in one piece.

httpcore writes the head and each piece of the body by itself. Joined, a small request costs one
system call and one packet instead of two.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any, Final

import httpcore

if TYPE_CHECKING:
    import socket
    import ssl
    from collections.abc import Iterable

JOINED_BYTES: Final = 64 * 1024


class JoiningBackend(httpcore.SyncBackend):
    """Opens connections that join writes."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect; see httpcore."""
        try:
            stream = super().connect_tcp(host, port, timeout, local_address, socket_options)
        except UnicodeError as error:  # a name that no resolver takes
            raise httpcore.ConnectError(str(error)) from error
        return JoiningStream(stream)


class JoiningStream(httpcore.NetworkStream):
    """Keeps what is written until enough has come together, or an answer is wanted."""

    def __init__(self, stream: httpcore.NetworkStream) -> None:
        self._stream = stream
        self._socket: socket.socket = stream.get_extra_info("socket")
        self._timeout = self._socket.gettimeout()
        self._unsent = bytearray()
        self._write_timeout: float | None = None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send *buffer*, or keep it for the next call."""
        self._unsent += buffer
        self._write_timeout = timeout
        if len(self._unsent) >= JOINED_BYTES:
            self._flush()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """Send what is left, then read."""
        if self._unsent:
            # As httpcore does: a server may answer and hang up before it has read everything.
            with contextlib.suppress(httpcore.WriteError):
                self._flush()
        try:
            self._set_timeout(timeout)
            return self._socket.recv(max_bytes)
        except TimeoutError as error:
            raise httpcore.ReadTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.ReadError(str(error)) from error

    def _flush(self) -> None:
        data = memoryview(bytes(self._unsent))
        self._unsent.clear()
        try:
            self._set_timeout(self._write_timeout)
            while data:
                data = data[self._socket.send(data) :]
        except TimeoutError as error:
            raise httpcore.WriteTimeout(str(error)) from error
        except OSError as error:
            raise httpcore.WriteError(str(error)) from error

    def _set_timeout(self, timeout: float | None) -> None:
        # A system call, and a chance for other threads to take the interpreter away.
        if timeout != self._timeout:
            self._socket.settimeout(timeout)
            self._timeout = timeout

    def close(self) -> None:
        """Close the socket."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        """Go on encrypted."""
        return JoiningStream(self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        """Tell about the socket."""
        return self._stream.get_extra_info(info)
