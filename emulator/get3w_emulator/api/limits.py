"""Middleware that bounds what one call can take: the size of its body, and the time it may need."""

import asyncio
import contextlib
from typing import Final

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from get3w_emulator._common.responses import ApiError
from get3w_emulator.api.routing import has_key
from get3w_emulator.state.uploads import MOST_BYTES, UPLOAD_PATH, too_large

_MB: Final = 1024 * 1024
KEYED_BYTES: Final = 64 * _MB
"""What a JSON body with the right key may hold: a picture may be in it as a data URL."""

KEYLESS_BYTES: Final = 8 * _MB
"""What a body without the key may hold: fault rules, and an input that the page checks."""

UPLOAD_BYTES: Final = MOST_BYTES + 64 * 1024
"""What an upload may hold: the largest file that is taken, and the form around it."""

BODY_SECONDS: Final = 60.0
"""How long a body may take to arrive."""


class LimitsMiddleware:
    """Refuses bodies that are too long or too slow, with an answer and without keeping them.

    Args:
        app: What serves the calls.
        api_key: The key that allows longer bodies.
        seconds: How long a body may take to arrive.
    """

    def __init__(self, app: ASGIApp, api_key: str, seconds: float = BODY_SECONDS) -> None:
        self._app = app
        self._api_key = api_key
        self._seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call, with its body bounded."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        most_bytes = KEYLESS_BYTES
        if has_key(Headers(scope=scope), self._api_key):
            most_bytes = UPLOAD_BYTES if scope["path"] == UPLOAD_PATH else KEYED_BYTES
        await self._app(scope, _Body(receive, most_bytes, self._seconds).receive, send)


class _Body:
    """Counts the bytes of one body as they come."""

    def __init__(self, receive: Receive, most_bytes: int, seconds: float) -> None:
        self._receive = receive
        self._most_bytes = most_bytes
        self._end = asyncio.get_running_loop().time() + seconds
        self._size = 0
        self._ended = False

    async def receive(self) -> Message:
        """Return the next piece.

        Raises:
            ApiError: 408 for a body that takes too long, 413 for one that is too long.
        """
        message = await self._next()
        if self._size > self._most_bytes:
            # What is left is read and dropped, or the client would not see the answer.
            while not self._ended:
                await self._next()
            raise too_large(self._most_bytes)
        return message

    async def _next(self) -> Message:
        if self._ended:
            return await self._receive()  # the end of the connection, which may take its time
        try:
            async with asyncio.timeout_at(self._end):
                message = await self._receive()
        except TimeoutError:
            self._ended = True
            headers = {"Connection": "close"}
            raise ApiError(408, "The body did not arrive in time.", headers=headers) from None
        self._size += len(message.get("body", b""))
        self._ended = message["type"] != "http.request" or not message.get("more_body")
        return message


async def drain(receive: Receive) -> None:
    """Read a body and drop it, for as long as it comes in time.

    With part of the request unread, closing would reset the connection: the client might see its
    own write fail instead of the answer.
    """
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(BODY_SECONDS):
            message = await receive()
            while message["type"] == "http.request" and message.get("more_body"):
                message = await receive()
