"""Middleware that writes one line for each call: method, path, status, time and fault."""

import time
from collections.abc import Callable
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FAULT_KEY: Final = "get3w.fault"
"""Where the scope of a call names the fault that struck it."""

# The page asks for these every second.
_OWN: Final = "/_emulator/"


class RequestLogMiddleware:
    """Serves calls, and writes a line about each once it was answered.

    Calls of the page and of programs to the emulator itself are left out, and so are queries:
    the address of a webhook in one may be a secret.

    Args:
        app: What serves the calls.
        write: Called with each line.
    """

    def __init__(self, app: ASGIApp, write: Callable[[str], None]) -> None:
        self._app = app
        self._write = write

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call."""
        if scope["type"] != "http" or scope["path"] == "/" or scope["path"].startswith(_OWN):
            await self._app(scope, receive, send)
            return
        status = "closed"
        started = time.monotonic()

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            milliseconds = (time.monotonic() - started) * 1000
            fault = f", fault: {scope[FAULT_KEY]}" if FAULT_KEY in scope else ""
            path = printable(str(scope["path"]))
            clock = time.strftime("%H:%M:%S")
            self._write(f"{clock} {scope['method']} {path} {status} {milliseconds:.0f} ms{fault}")


def printable(text: str) -> str:
    """Return a text without what a terminal would act on."""
    return "".join(letter if letter.isprintable() else "?" for letter in text)
