"""Middleware that carries out faults.

Closing a connection is more than an application may do under ASGI, so the server puts a function
for it in the scope (`connection.py`). Where there is none, as in process, the call ends in
`ConnectionResetError`.
"""

import asyncio
from collections.abc import Callable
from typing import Final, cast

from starlette.datastructures import MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from get3w_emulator._common.problems import RulesError
from get3w_emulator._common.responses import (
    ApiError,
    error_body,
    error_text,
    failure,
    json_response,
    surface_of,
)
from get3w_emulator.api.access import SANDBOX
from get3w_emulator.api.limits import drain
from get3w_emulator.api.request_log import FAULT_KEY
from get3w_emulator.faults.header import HEADER, AskedFaults
from get3w_emulator.faults.rules import Fault, Faults

CLOSE_EXTENSION: Final = "get3w.close"
"""The name of the function in the scope's extensions that closes the connection."""

_BROKEN_JSON = b'{"code":200,"message":"success","data":{"id":"pred_'


class StrikingMiddleware:
    """Serves calls, except those that a fault rule strikes.

    Args:
        app: What serves the calls.
        faults: The rules.
        asked: The faults that headers ask for; they come before the rules.
    """

    def __init__(self, app: ASGIApp, faults: Faults, asked: AskedFaults) -> None:
        self._app = app
        self._faults = faults
        self._asked = asked

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve a call."""
        path = str(scope.get("path", ""))
        fault = None
        if scope["type"] == "http" and path != "/" and not path.startswith("/_emulator/"):
            try:
                fault = self._next(scope, path)
            except RulesError as error:
                await drain(receive)
                wrong = ApiError(400, f"{HEADER}: {error}", problems=error.problems)
                await failure(surface_of(path), wrong)(scope, receive, send)
                return
        if fault is None:
            await self._app(scope, receive, send)
            return
        scope[FAULT_KEY] = fault.fault
        await asyncio.sleep(fault.seconds)
        match fault.fault:
            case "delay":
                await self._app(scope, receive, send)
            case "status":
                await drain(receive)
                await _answer(fault, path)(scope, receive, send)
            case "drop_before_accept":
                await drain(receive)
                await _close(scope, receive)
            case "drop_after_accept":
                await self._carried_out(scope, receive)
                await _close(scope, receive)
            case "truncate":
                await _send_half(await self._carried_out(scope, receive), send)
                await _close(scope, receive)
            case "malformed":
                await self._carried_out(scope, receive)
                await Response(_BROKEN_JSON, media_type="application/json")(scope, receive, send)

    def _next(self, scope: Scope, path: str) -> Fault | None:
        method = str(scope["method"])
        for name, value in cast("list[tuple[bytes, bytes]]", scope["headers"]):
            if name == HEADER.encode("ascii"):
                return self._asked.next(value.decode("latin-1"), method, path)
        return self._faults.next(method, path)

    async def _carried_out(self, scope: Scope, receive: Receive) -> list[Message]:
        """Serve a call and keep the answer back."""
        messages: list[Message] = []

        async def keep(message: Message) -> None:
            messages.append(message)

        await self._app(scope, receive, keep)
        return messages


def _answer(fault: Fault, path: str) -> Response:
    if fault.status in (204, 304):  # these have no body
        response = Response(status_code=fault.status)
    elif isinstance(fault.body, str):
        response = Response(fault.body, fault.status, media_type="text/plain")
    elif fault.body is not None:
        response = json_response(fault.body, fault.status)
    else:
        text = error_text(fault.status)
        response = json_response(error_body(surface_of(path), fault.status, text), fault.status)
    response.headers.update(fault.headers)
    response.headers["Content-Security-Policy"] = SANDBOX  # whatever the rule says it is
    return response


async def _send_half(messages: list[Message], send: Send) -> None:
    body = b"".join(cast("bytes", each.get("body", b"")) for each in messages[1:])
    start = messages[0]
    headers = MutableHeaders(raw=list(start["headers"]))
    headers["content-length"] = str(max(len(body), 2))
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})


async def _close(scope: Scope, receive: Receive) -> None:
    close = cast("Callable[[], None] | None", scope.get("extensions", {}).get(CLOSE_EXTENSION))
    if close is None:
        raise ConnectionResetError("closed by a fault rule")
    close()
    while (await receive())["type"] != "http.disconnect":
        pass
