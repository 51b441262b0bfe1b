"""Middleware that sets the `Date` header by the emulator's clock."""

from contextlib import suppress
from email.utils import formatdate

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from get3w_emulator._common.clock import Clock


class DatingMiddleware:
    """Gives every answer a Date header.

    Args:
        app: What serves the calls.
        clock: Where the time comes from.
    """

    def __init__(self, app: ASGIApp, clock: Clock) -> None:
        self._app = app
        self._clock = clock

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call."""

        async def dated(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                with suppress(Exception):  # a clock that fails does not take the answer away
                    headers.setdefault("date", formatdate(self._clock.now(), usegmt=True))
            await send(message)

        await self._app(scope, receive, dated)
