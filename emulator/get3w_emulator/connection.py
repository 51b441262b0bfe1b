"""An HTTP protocol for uvicorn that bounds request headers and lets the application hang up.

Hanging up is no part of ASGI, and an application that returns without an answer makes uvicorn send
an error. So the transport's own `close` travels in the scope. uvicorn bounds neither the size of
headers nor the time that they take.
"""

import http.client
import socket
from asyncio import TimerHandle, Transport
from typing import Final, cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from get3w_emulator.api.faults import CLOSE_EXTENSION

HEAD_BYTES: Final = 64 * 1024
"""What the request line and the headers of one request may hold together."""

HEAD_SECONDS: Final = 10.0
"""How long they may take to arrive, from when the connection was free for them."""


class ClosableProtocol(HttpToolsProtocol):
    """HTTP/1.1, with a function to close the connection among the scope's extensions."""

    _head_bytes = 0
    _head_timer: TimerHandle | None = None

    def connection_made(self, transport: Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Take up a connection."""
        super().connection_made(transport)
        # asyncio does this only for listeners that were made with the protocol spelt out. Without
        # it, an answer in two pieces waits 40 ms for the client to acknowledge the first.
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # uvicorn takes applications of several protocols; the emulator's is one of ASGI 3.
        inner = cast("ASGIApp", self.app)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            scope.setdefault("extensions", {})[CLOSE_EXTENSION] = transport.close
            await inner(scope, receive, send)

        self.app = app
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self._head_arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take in what arrived."""
        super().data_received(data)
        if self._head_timer is not None:
            # A header that does not end is kept by the parser, which does not tell how long it is.
            self._head_bytes += len(data)
            if self._head_bytes > HEAD_BYTES:
                self._refuse(431, "The headers of the request are too long.")

    def on_message_begin(self) -> None:
        """Begin to take in a request."""
        super().on_message_begin()
        self._expect_head()

    def on_headers_complete(self) -> None:
        """Begin to answer a request."""
        self._head_arrived()
        if sum(len(name) + len(value) for name, value in self.headers) > HEAD_BYTES:
            self._refuse(431, "The headers of the request are too long.")
        else:
            super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take in a piece of a body, unless the request was refused."""
        if not self.transport.is_closing():
            super().on_body(body)

    def on_message_complete(self) -> None:
        """End a request, unless it was refused."""
        if not self.transport.is_closing():
            super().on_message_complete()

    def _expect_head(self) -> None:
        self._head_arrived()
        self._head_bytes = 0
        late = "The headers of the request did not arrive in time."
        self._head_timer = self.loop.call_later(HEAD_SECONDS, self._refuse, 408, late)

    def _head_arrived(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None

    def _refuse(self, status: int, text: str) -> None:
        self._head_arrived()
        if not self.transport.is_closing():
            lines = (
                f"HTTP/1.1 {status} {http.client.responses[status]}",
                "Content-Type: text/plain",
                f"Content-Length: {len(text)}",
                "Connection: close",
                "",
                text,
            )
            self.transport.write("\r\n".join(lines).encode("ascii"))
            self.transport.close()
