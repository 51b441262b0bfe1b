"""Send a submit once for the page, and return what a caller would have seen of the answer.

A browser sends a POST again by itself when a connection that it had used before closes without an
answer, and it hides what arrived of a broken answer. So the page asks the emulator to make the
call: over a connection of its own, once, fault rules included.
"""

import asyncio
import json
import re
import time
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

import httpx
from starlette.requests import Request

from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator._common.problems import Problem
from get3w_emulator._common.responses import ApiError
from get3w_emulator.api.routing import base_url
from get3w_emulator.playground.history import entry
from get3w_emulator.state.world import World

SECONDS: Final = 120.0
"""How long the call waits for its answer."""

_PATH: Final = re.compile(r"/(api/v3|v1)/[!-~]+")
# A browser repeats a call at once if it does so at all.
_REMEMBERED_SECONDS: Final = 60.0
_FORWARDED: Final = ("authorization", "x-emulator-fault")


@dataclass
class _Seen:
    """What arrived of the answer.

    Attributes:
        status: The HTTP status; None if no answer began.
        body: What arrived of the body.
        end: How it ended: `whole`, `closed`, `cut` or `timeout`.
        retry_after: The header of that name.
        seconds: How long it took.
    """

    status: int | None = None
    body: bytearray = field(default_factory=bytearray)
    end: str = "whole"
    retry_after: str | None = None
    seconds: float = 0.0

    def to_json(self) -> JSONObject:
        return {
            "status": self.status,
            "body": self.body.decode("utf-8", "replace"),
            "end": self.end,
            "retry_after": self.retry_after,
            "seconds": round(self.seconds, 3),
        }


class Sender:
    """Makes the page's submits.

    Args:
        world: Holds the ledger.
        seconds: How long a call waits for its answer.
    """

    def __init__(self, world: World, seconds: float = SECONDS) -> None:
        self._world = world
        self._seconds = seconds
        self._sent: dict[str, asyncio.Task[JSONObject]] = {}

    async def send(self, request: Request, body: JSON) -> JSONObject:
        """Make the call `{"token", "path", "body"}` describes, unless its token was used before.

        Args:
            request: The page's own call; its key and the fault it asks for go along.
            body: The body of that call.

        Returns:
            What a caller sees, and the tasks that the ledger has of this call.

        Raises:
            ApiError: 400 if the description is not one of a submit, or nothing listens on a port.
        """
        token, path, content = _parsed(body)
        if (request.scope.get("server") or (None, None))[1] is None:
            raise ApiError(400, "This emulator listens on no port, so it cannot be called.")
        if token not in self._sent:
            self._sent[token] = asyncio.create_task(self._send(request, path, content))
            loop = asyncio.get_running_loop()
            self._sent[token].add_done_callback(
                lambda _: loop.call_later(_REMEMBERED_SECONDS, self._sent.pop, token, None)
            )
        return await asyncio.shield(self._sent[token])

    async def _send(self, request: Request, path: str, content: JSONObject) -> JSONObject:
        accepted = self._world.predictions.accepted
        before = len(accepted)
        seen = await self._call(request, path, content)
        model_id = unquote(path.partition("?")[0].removeprefix("/api/v3/").removeprefix("/v1/"))
        plain = {name: each for name, each in content.items() if name != "webhook_url"}
        tasks: list[JSON] = [
            entry(self._world, each, base_url(request))
            for each in accepted[before:]
            if each.model.id == model_id and each.input in (content, plain)
        ]
        return {"seen": seen.to_json(), "ledger": tasks}

    async def _call(self, request: Request, path: str, content: JSONObject) -> _Seen:
        seen = _Seen()
        started = time.monotonic()
        # The connection goes to this server itself, whatever name the page calls it by.
        host, port = request.scope["server"]
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # compared only
        url = httpx.URL(scheme="http", host=host, port=port, raw_path=path.encode("ascii"))
        headers = {name: request.headers[name] for name in _FORWARDED if name in request.headers}
        headers |= {"host": request.headers["host"], "connection": "close"}
        headers["content-type"] = "application/json"
        sent = json.dumps(content).encode("ascii")
        transport = httpx.AsyncHTTPTransport(verify=False)  # plain HTTP: no certificates to read
        try:
            async with (
                asyncio.timeout(self._seconds),
                httpx.AsyncClient(
                    transport=transport, trust_env=False, timeout=self._seconds
                ) as client,
                client.stream("POST", url, content=sent, headers=headers) as answer,
            ):
                seen.status = answer.status_code
                seen.retry_after = answer.headers.get("retry-after")
                async for part in answer.aiter_raw():
                    seen.body += part
        except (TimeoutError, httpx.TimeoutException):
            seen.end = "timeout"
        except httpx.TransportError:
            seen.end = "closed" if seen.status is None else "cut"
        seen.seconds = time.monotonic() - started
        return seen


def _parsed(body: JSON) -> tuple[str, str, JSONObject]:
    if not isinstance(body, dict):
        raise ApiError(400, problems=[Problem("", "is not an object")])
    token, path, content = body.get("token"), body.get("path"), body.get("body")
    if not isinstance(token, str) or not token:
        raise ApiError(400, problems=[Problem("/token", "is not a text")])
    if not (isinstance(path, str) and _PATH.fullmatch(path)):
        raise ApiError(400, problems=[Problem("/path", "is not a path of the API")])
    if not isinstance(content, dict):
        raise ApiError(400, problems=[Problem("/body", "is not an object")])
    return token, path, content
