"""An HTTP protocol for uvicorn that lets the application close the connection.

That is no part of ASGI, and an application that returns without an answer makes uvicorn send an
error. So the transport's own `close` travels in the scope.
"""

import socket
from asyncio import Transport
from typing import cast

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from get3w_emulator.striking import CLOSE_EXTENSION


class ClosableProtocol(HttpToolsProtocol):
    """HTTP/1.1, with a function to close the connection among the scope's extensions."""

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
