"""The two senders: one HTTP attempt each, over httpx. Imported by the first call."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import threading
import time
from typing import TYPE_CHECKING, TypeAlias

import httpx

from get3w_core.effects import TransportFailure
from get3w_core.errors import ClientClosedError, ConfigurationError, Get3WError
from get3w_core.http.build import Reception, auth_for, authorize, failure_of
from get3w_core.http.deadline import headers_within, headers_within_async
from get3w_core.http.pool.transports import AsyncPooledTransport, PooledTransport
from get3w_core.http.receive import (
    AsyncSender,
    Closed,
    Sender,
    checked,
    failure_with,
    made,
    pieces,
    pieces_async,
    prepared_by,
)
from get3w_core.http.slow_disk import SlowDisk
from get3w_core.http.threaded_stream import ThreadedStream
from get3w_core.lazily import CLOSED
from get3w_core.log import LOGGER, log

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from get3w_core.effects import HttpRequest, Outcome
    from get3w_core.options import ClientOptions


class SyncTransport:
    """Sends over connections of its own, or over an injected `httpx.Client`."""

    def __init__(self, injected: httpx.Client | None) -> None:
        self._own = injected is None
        self._client: Sender = checked(injected, httpx.Client) or made(
            PooledTransport, httpx.Client
        )

    def send(self, request: HttpRequest, options: ClientOptions) -> Outcome:
        """Make one attempt; whatever goes wrong on the way is a value."""
        started = time.monotonic()
        outcome = _unless_closed(self._attempt(request, options))
        _log(request, outcome, started)
        return outcome

    def _attempt(self, request: HttpRequest, options: ClientOptions) -> Outcome | Closed:
        client = self._client
        prepared = prepared_by(client, request, options)
        if isinstance(prepared, TransportFailure):
            return prepared
        request.departure.held = False
        try:
            if isinstance(client, PooledTransport):
                if request.authenticated:
                    authorize(prepared, options)
                response = client.handle_request(prepared)
                response.request = prepared
            else:
                auth = auth_for(request, options)
                with headers_within(prepared):
                    response = client.send(prepared, auth=auth, follow_redirects=False, stream=True)
        except Exception as error:  # noqa: BLE001 - injected transports and hooks raise anything
            return failure_with(client, prepared, error, options)
        reception: Reception | None = None
        try:
            reception = Reception(request, response)
            for chunk in pieces(client, response):
                if not reception.take(chunk):
                    break
        except Get3WError:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            if reception is None:
                return failure_of(error, options)
            reception.break_off(error)
        finally:
            with contextlib.suppress(Exception):
                response.close()
        return reception.response(options)

    def close(self) -> None:
        """Close the connections, unless they are somebody else's."""
        if self._own:
            self._client.close()


class AsyncTransport:
    """Sends over connections of its own for each event loop, or an injected `httpx.AsyncClient`.

    A connection belongs to the loop that opened it. A loop that ends closes its connections (see
    `_lifetime`), so that several calls of `asyncio.run` leave nothing behind.
    """

    def __init__(self, injected: httpx.AsyncClient | None) -> None:
        self._injected = checked(injected, httpx.AsyncClient)
        self._lock = threading.Lock()
        self._clients: dict[asyncio.AbstractEventLoop, _LoopClient] = {}

    async def send(self, request: HttpRequest, options: ClientOptions) -> Outcome:
        """Make one attempt; whatever goes wrong on the way is a value."""
        _this_loop()  # httpx would do with another, and the pauses of a retry would not
        started = time.monotonic()
        outcome = _unless_closed(await self._attempt(request, options))
        _log(request, outcome, started)
        return outcome

    async def _attempt(self, request: HttpRequest, options: ClientOptions) -> Outcome | Closed:
        client = self._injected or await self._of_this_loop()
        prepared = prepared_by(client, request, options)
        if isinstance(prepared, TransportFailure):
            return prepared
        if request.part is not None and isinstance(prepared.stream, httpx.SyncByteStream):
            prepared.stream = ThreadedStream(prepared.stream)
        request.departure.held = False
        try:
            if isinstance(client, AsyncPooledTransport):
                if request.authenticated:
                    authorize(prepared, options)
                response = await client.handle_async_request(prepared)
                response.request = prepared
            else:
                auth = auth_for(request, options)
                async with headers_within_async(prepared):
                    response = await client.send(
                        prepared, auth=auth, follow_redirects=False, stream=True
                    )
        except Exception as error:  # noqa: BLE001 - injected transports and hooks raise anything
            return failure_with(client, prepared, error, options)
        reception: Reception | None = None
        try:
            reception, disk = Reception(request, response), SlowDisk()
            async for chunk in pieces_async(client, response):
                if not await reception.take_async(chunk, disk):
                    break
        except Get3WError:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            if reception is None:
                return failure_of(error, options)
            reception.break_off(error)
        finally:
            with contextlib.suppress(Exception):
                await response.aclose()
        return reception.response(options)

    async def _of_this_loop(self) -> AsyncSender:
        loop = _this_loop()
        with self._lock:
            found = self._clients.get(loop)
        if found is not None:
            return found[0]
        client = made(AsyncPooledTransport, httpx.AsyncClient)
        lifetime = self._lifetime(client, loop)
        with self._lock:
            # A loop that was closed without notice takes its connections with it.
            for gone in [known for known in self._clients if known.is_closed()]:
                del self._clients[gone]
            self._clients[loop] = (client, lifetime)
        await anext(lifetime)
        return client

    async def _lifetime(
        self, client: AsyncSender, loop: asyncio.AbstractEventLoop
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
            await found[1].aclose()


_LoopClient: TypeAlias = "tuple[AsyncSender, AsyncGenerator[None, None]]"


def _this_loop() -> asyncio.AbstractEventLoop:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        pass
    raise ConfigurationError(
        "AsyncClient works in an event loop of asyncio, and none is running here (trio has one of "
        "its own). Use Client in a thread. Nothing was sent."
    )


def _unless_closed(outcome: Outcome | Closed) -> Outcome:
    if isinstance(outcome, Closed):
        raise ClientClosedError(CLOSED)
    return outcome


def _log(request: HttpRequest, outcome: Outcome, started: float) -> None:
    if not LOGGER.isEnabledFor(logging.DEBUG):
        return
    log(
        logging.DEBUG,
        "%s %s: %s in %.3f s",
        request.method,
        request.shown_url,
        outcome.text if isinstance(outcome, TransportFailure) else outcome.status,
        time.monotonic() - started,
    )
