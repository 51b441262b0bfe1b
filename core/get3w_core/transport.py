"""The two senders: one HTTP attempt each, over httpx. Imported by the first call."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import httpx

from get3w_core.effects import TransportFailure
from get3w_core.errors import ClientClosedError, ConfigurationError, Get3WError
from get3w_core.httpx_adapter import (
    DEFAULT_TIMEOUT,
    Reception,
    auth_for,
    authorize,
    build,
    failure_of,
)
from get3w_core.lazily import CLOSED
from get3w_core.log import LOGGER
from get3w_core.pool_book import IDLE_SECONDS, PoolClosedError
from get3w_core.pooled import (
    MAX_CONNECTIONS,
    AsyncPooledTransport,
    PooledTransport,
    has_proxies,
)

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, AsyncIterable, Callable, Iterable

    from get3w_core.effects import HttpRequest, Outcome
    from get3w_core.options import ClientOptions

C = TypeVar("C", httpx.Client, httpx.AsyncClient)
S = TypeVar("S")

_LIMITS: Final = httpx.Limits(
    max_connections=MAX_CONNECTIONS,
    max_keepalive_connections=MAX_CONNECTIONS,
    keepalive_expiry=IDLE_SECONDS,
)


class SyncTransport:
    """Sends over connections of its own, or over an injected `httpx.Client`."""

    def __init__(self, injected: httpx.Client | None) -> None:
        self._own = injected is None
        self._client: PooledTransport | httpx.Client = _checked(injected, httpx.Client) or _made(
            PooledTransport, httpx.Client
        )

    def send(self, request: HttpRequest, options: ClientOptions) -> Outcome:
        """Make one attempt; whatever goes wrong on the way is a value."""
        started = time.monotonic()
        outcome = _unless_closed(self._attempt(request, options))
        _log(request, outcome, started)
        return outcome

    def _attempt(self, request: HttpRequest, options: ClientOptions) -> Outcome | _Closed:
        client = self._client
        prepared = _prepared(client, request, options)
        if isinstance(prepared, TransportFailure):
            return prepared
        try:
            if isinstance(client, PooledTransport):
                if request.authenticated:
                    authorize(prepared, options)
                response = client.handle_request(prepared)
                response.request = prepared
            else:
                response = client.send(
                    prepared, auth=auth_for(request, options), follow_redirects=False, stream=True
                )
        except Exception as error:  # noqa: BLE001 - injected transports and hooks raise anything
            return _failed(client, error, options)
        reception: Reception | None = None
        try:
            reception = Reception(request, response)
            for chunk in _body(client, response):
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
        self._injected = _checked(injected, httpx.AsyncClient)
        self._lock = threading.Lock()
        self._clients: dict[asyncio.AbstractEventLoop, _LoopClient] = {}

    async def send(self, request: HttpRequest, options: ClientOptions) -> Outcome:
        """Make one attempt; whatever goes wrong on the way is a value."""
        started = time.monotonic()
        outcome = _unless_closed(await self._attempt(request, options))
        _log(request, outcome, started)
        return outcome

    async def _attempt(self, request: HttpRequest, options: ClientOptions) -> Outcome | _Closed:
        client = self._injected or await self._of_this_loop()
        prepared = _prepared(client, request, options)
        if isinstance(prepared, TransportFailure):
            return prepared
        try:
            if isinstance(client, AsyncPooledTransport):
                if request.authenticated:
                    authorize(prepared, options)
                response = await client.handle_async_request(prepared)
                response.request = prepared
            else:
                response = await client.send(
                    prepared, auth=auth_for(request, options), follow_redirects=False, stream=True
                )
        except Exception as error:  # noqa: BLE001 - injected transports and hooks raise anything
            return _failed(client, error, options)
        reception: Reception | None = None
        try:
            reception = Reception(request, response)
            async for chunk in _abody(client, response):
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
                await response.aclose()
        return reception.response(options)

    async def _of_this_loop(self) -> _AsyncSender:
        loop = asyncio.get_running_loop()
        with self._lock:
            found = self._clients.get(loop)
        if found is not None:
            return found[0]
        client = _made(AsyncPooledTransport, httpx.AsyncClient)
        lifetime = self._lifetime(client, loop)
        with self._lock:
            # A loop that was closed without notice takes its connections with it.
            for gone in [known for known in self._clients if known.is_closed()]:
                del self._clients[gone]
            self._clients[loop] = (client, lifetime)
        await anext(lifetime)
        return client

    async def _lifetime(
        self, client: _AsyncSender, loop: asyncio.AbstractEventLoop
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


_Sender: TypeAlias = PooledTransport | httpx.Client
_AsyncSender: TypeAlias = AsyncPooledTransport | httpx.AsyncClient
_LoopClient: TypeAlias = "tuple[_AsyncSender, AsyncGenerator[None, None]]"


class _Closed:
    """Stands for the error that is raised once no `except` is active."""


def _unless_closed(outcome: Outcome | _Closed) -> Outcome:
    if isinstance(outcome, _Closed):
        raise ClientClosedError(CLOSED)
    return outcome


def _checked(injected: object, kind: type[C]) -> C | None:
    if injected is None or isinstance(injected, kind):
        return injected
    raise ConfigurationError(f"http_client must be an httpx.{kind.__name__}")


def _made(direct: Callable[[], S], over_proxies: type[C]) -> S | C:
    try:
        if not has_proxies():
            return direct()
        return over_proxies(limits=_LIMITS, timeout=DEFAULT_TIMEOUT, follow_redirects=False)
    except Exception as error:
        # Certificates or proxies that the environment names and that are not there.
        raise ConfigurationError(f"httpx cannot be set up: {error}. Nothing was sent.") from error


def _prepared(
    client: _Sender | _AsyncSender, request: HttpRequest, options: ClientOptions
) -> httpx.Request | TransportFailure:
    dressing = client if isinstance(client, httpx.Client | httpx.AsyncClient) else None
    try:
        return build(dressing, request, options)
    except Get3WError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing was sent
        return TransportFailure("unsent", failure_of(error, options).text, permanent=True)


def _body(client: _Sender, response: httpx.Response) -> Iterable[bytes]:
    # The layers that httpx puts around an answer of ours cost more than the answer.
    plain = isinstance(client, PooledTransport) and "content-encoding" not in response.headers
    stream = response.stream
    return stream if plain and isinstance(stream, httpx.SyncByteStream) else response.iter_bytes()


def _abody(client: _AsyncSender, response: httpx.Response) -> AsyncIterable[bytes]:
    plain = isinstance(client, AsyncPooledTransport) and "content-encoding" not in response.headers
    stream = response.stream
    return stream if plain and isinstance(stream, httpx.AsyncByteStream) else response.aiter_bytes()


def _failed(
    client: _Sender | _AsyncSender, error: Exception, options: ClientOptions
) -> TransportFailure | _Closed:
    # The first thing that httpx looks at, so nothing was sent.
    if isinstance(error, PoolClosedError):
        return _Closed()
    if client.is_closed and isinstance(error, RuntimeError) and "has been closed" in str(error):
        return _Closed()
    return failure_of(error, options)


def _log(request: HttpRequest, outcome: Outcome, started: float) -> None:
    LOGGER.debug(
        "%s %s: %s in %.3f s",
        request.method,
        request.shown_url,
        outcome.text if isinstance(outcome, TransportFailure) else outcome.status,
        time.monotonic() - started,
    )
