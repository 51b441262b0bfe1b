"""Who puts requests on the wire: our own pool, or a client of httpx, injected or for proxies."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar

import httpx

from get3w_core.effects import TransportFailure
from get3w_core.errors import ConfigurationError, Get3WError
from get3w_core.http.build import DEFAULT_TIMEOUT, build, failure_of
from get3w_core.http.pool.bookkeeping import PoolClosedError
from get3w_core.http.pool.transports import (
    MAX_CONNECTIONS,
    AsyncPooledTransport,
    PooledTransport,
    has_proxies,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Callable, Iterable

    from get3w_core.effects import HttpRequest
    from get3w_core.options import ClientOptions

C = TypeVar("C", httpx.Client, httpx.AsyncClient)
S = TypeVar("S")

Sender: TypeAlias = PooledTransport | httpx.Client
"""What sends for threads."""

AsyncSender: TypeAlias = AsyncPooledTransport | httpx.AsyncClient
"""What sends for one event loop."""

_LIMITS: Final = httpx.Limits(max_connections=MAX_CONNECTIONS, max_keepalive_connections=0)

_PROXY: Final = "the environment names a proxy (HTTP_PROXY, HTTPS_PROXY or ALL_PROXY)"

# What requests say that they accept, and nothing coded twice.
_CODINGS: Final = frozenset({"", "identity", "gzip", "deflate"})


class Closed:
    """Stands for the error that is raised once no `except` is active."""


def checked(injected: object, kind: type[C]) -> C | None:
    """Return the client that somebody brought, if anybody did.

    Raises:
        ConfigurationError: It is of another kind.
    """
    if injected is None or isinstance(injected, kind):
        return injected
    raise ConfigurationError(f"http_client must be an httpx.{kind.__name__}")


def made(direct: Callable[[], S], over_proxies: type[C]) -> S | C:
    """Make a sender of our own, which is httpx's client where the environment names a proxy.

    Raises:
        ConfigurationError: The environment names what cannot be used.
    """
    try:
        if not has_proxies():
            return direct()
        return over_proxies(limits=_LIMITS, timeout=DEFAULT_TIMEOUT, follow_redirects=False)
    except Exception as error:
        # Certificates or proxies that the environment names and that are not there.
        reason = str(error).rstrip(".")
        raise ConfigurationError(f"httpx cannot be set up: {reason}. Nothing was sent.") from error


def prepared_by(
    client: Sender | AsyncSender, request: HttpRequest, options: ClientOptions
) -> httpx.Request | TransportFailure:
    """Make the httpx request that *client* is to send."""
    dressing = client if isinstance(client, httpx.Client | httpx.AsyncClient) else None
    try:
        return build(dressing, request, options)
    except Get3WError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, nothing was sent
        return TransportFailure("unsent", failure_of(error, options).text, permanent=True)


def pieces(client: Sender, response: httpx.Response) -> Iterable[bytes]:
    """Return the body of *response*, decoded, to be read once; closing it is up to the caller."""
    # The layers that httpx puts around an answer of ours cost more than the answer.
    plain = isinstance(client, PooledTransport) and "content-encoding" not in response.headers
    stream = response.stream
    if plain and isinstance(stream, httpx.SyncByteStream):
        return stream
    return response.iter_bytes() if _may_decode(response) else response.iter_raw()


def pieces_async(client: AsyncSender, response: httpx.Response) -> AsyncIterable[bytes]:
    """Return the body of *response*; see `pieces`."""
    plain = isinstance(client, AsyncPooledTransport) and "content-encoding" not in response.headers
    stream = response.stream
    if plain and isinstance(stream, httpx.AsyncByteStream):
        return stream
    return response.aiter_bytes() if _may_decode(response) else response.aiter_raw()


def _may_decode(response: httpx.Response) -> bool:
    # What was not asked for stays as it is: coded twice, 64 KiB could unfold to 64 GB.
    return response.headers.get("content-encoding", "").strip().lower() in _CODINGS


def failure_with(
    client: Sender | AsyncSender, request: httpx.Request, error: Exception, options: ClientOptions
) -> TransportFailure | Closed:
    """Classify what *client* raised when it was to send *request*."""
    if isinstance(error, PoolClosedError):
        return Closed()
    # The first thing that httpx looks at, so nothing was sent.
    if client.is_closed and isinstance(error, RuntimeError) and "has been closed" in str(error):
        return Closed()
    failure = failure_of(error, options)
    if not isinstance(client, httpx.Client | httpx.AsyncClient):
        return failure
    # A hook for answers may send something of its own, and fail to connect with that.
    if not _is_about(error, request):
        return replace(failure, kind="unknown")
    if failure.kind == "unsent" and has_proxies():
        return replace(failure, text=f"{failure.text}; {_PROXY}")
    return failure


def _is_about(error: Exception, request: httpx.Request) -> bool:
    try:
        return isinstance(error, httpx.RequestError) and error.request is request
    except RuntimeError:  # it is about none
        return False
