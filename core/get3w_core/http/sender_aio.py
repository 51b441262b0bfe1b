"""The sender for event loops: one HTTP attempt, through a client of httpx's kind."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, TypeAlias, cast

import httpx

from get3w_core._common.interruptions import ignored
from get3w_core.errors.base import ConfigurationError
from get3w_core.flow.threads import SlowDisk
from get3w_core.http.attempt import Attempt
from get3w_core.http.environment import make_client
from get3w_core.http.pool.aio import AsyncPooledTransport
from get3w_core.http.receive import pieces_async
from get3w_core.http.sender import log_attempt, unless_closed
from get3w_core.http.threaded_stream import in_thread
from get3w_core.http.trace_aio import watched_async

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from get3w_core.flow.effects import HttpRequest, Outcome
    from get3w_core.flow.options import ClientOptions
    from get3w_core.http.failure import Closed


class AsyncSender:
    """Sends through a client of our own for each event loop, or through one that was passed in.

    A connection belongs to the loop that opened it. A loop that ends closes its connections (see
    `_lifetime`), so that several calls of `asyncio.run` leave nothing behind.
    """

    def __init__(self, injected: object) -> None:
        # httpx2 has the same interface.
        self._injected = cast("httpx.AsyncClient | None", injected)
        self._lock = threading.Lock()
        self._clients: dict[asyncio.AbstractEventLoop, _LoopClient] = {}

    async def send(self, request: HttpRequest, options: ClientOptions) -> Outcome:
        """Make one attempt; what goes wrong in the network is a value, and all else is raised."""
        _this_loop()  # httpx would do with another, and the pauses of a retry would not
        started = time.monotonic()
        outcome = unless_closed(await self._attempt(request, options))
        log_attempt(request, outcome, started)
        return outcome

    async def _attempt(self, request: HttpRequest, options: ClientOptions) -> Outcome | Closed:
        if self._injected is None:
            client, pooled, _ = await self._of_this_loop()
        else:
            client, pooled = self._injected, False
        attempt = Attempt(client, request, options, pooled=pooled)
        if attempt.unprepared is not None:
            return attempt.unprepared
        try:
            return await _exchange_async(client, attempt, request, pooled=pooled)
        finally:
            attempt.release()

    async def _of_this_loop(self) -> _LoopClient:
        loop = _this_loop()
        with self._lock:
            found = self._clients.get(loop)
        if found is not None:
            return found
        client, pooled = make_client(httpx.AsyncClient, AsyncPooledTransport)
        made = (client, pooled, self._lifetime(client, loop))
        with self._lock:
            # A loop that was closed without notice takes its connections with it.
            for gone in [known for known in self._clients if known.is_closed()]:
                del self._clients[gone]
            self._clients[loop] = made
        await anext(made[2])
        return made

    async def _lifetime(
        self, client: httpx.AsyncClient, loop: asyncio.AbstractEventLoop
    ) -> AsyncGenerator[None, None]:
        # An event loop that shuts down closes the generators that were started in it, which is
        # the only notice it gives.
        try:
            yield
        finally:
            with self._lock:
                self._clients.pop(loop, None)
            await client.aclose()

    async def aclose(self) -> None:
        """Close this loop's connections; other loops close theirs when they end."""
        with self._lock:
            found = self._clients.get(asyncio.get_running_loop())
        if found is not None:
            await found[2].aclose()


_LoopClient: TypeAlias = "tuple[httpx.AsyncClient, bool, AsyncGenerator[None, None]]"


async def _exchange_async(
    client: httpx.AsyncClient, attempt: Attempt, request: HttpRequest, *, pooled: bool
) -> Outcome | Closed:
    prepared, auth = attempt.prepared, attempt.auth
    if request.part is not None:
        prepared.stream = in_thread(attempt.library, prepared.stream)
    watch = nullcontext() if pooled else watched_async(prepared, attempt.evidence)
    request.evidence.unsent = False
    try:
        async with watch:
            response = await client.send(prepared, auth=auth, follow_redirects=False, stream=True)
    except BaseException as error:  # noqa: BLE001 - injected transports and hooks raise anything
        return attempt.unanswered(error)
    try:
        reception, disk = attempt.answered(response), SlowDisk()
        async for chunk in pieces_async(response, plain=pooled):
            if not await reception.take_async(chunk, disk):
                break
        return attempt.outcome(reception)
    except BaseException as error:  # noqa: BLE001 - raised again where it is none of the network
        return attempt.broken_off(error)
    finally:
        with ignored(Exception):
            await response.aclose()


def _this_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        pass
    raise ConfigurationError(
        "AsyncClient works in an event loop of asyncio, and none is running here (trio has one of "
        "its own). Use Client in a thread. Nothing was sent."
    )
