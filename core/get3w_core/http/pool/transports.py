"""httpx's own transports over our pool.

They stay subclasses of `httpx.HTTPTransport`, so whatever instruments that class, as
OpenTelemetry does, sees our requests too.
"""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Any, Final
from urllib.request import getproxies

import httpx

from get3w_core.http.pool.aio import AsyncConnectionPool
from get3w_core.http.pool.sync import ConnectionPool

if TYPE_CHECKING:
    import ssl

MAX_CONNECTIONS: Final = 100
# What httpx reads when it makes a context.
_TLS_VARIABLES: Final = ("SSL_CERT_FILE", "SSL_CERT_DIR", "SSLKEYLOGFILE")


class PooledTransport(httpx.HTTPTransport):
    """Sends for threads, directly to the server."""

    # Their `__init__` makes a pool of httpcore's, and nothing else.
    def __init__(self, limit: int = MAX_CONNECTIONS) -> None:
        self._pool: Any = ConnectionPool(_tls_context(), limit)

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        closed: bool = self._pool.is_closed
        return closed


class AsyncPooledTransport(httpx.AsyncHTTPTransport):
    """Sends for one event loop, directly to the server."""

    def __init__(self, limit: int = MAX_CONNECTIONS) -> None:
        self._pool: Any = AsyncConnectionPool(_tls_context(), limit)

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        closed: bool = self._pool.is_closed
        return closed


def has_proxies() -> bool:
    """Tell whether the environment names a proxy; httpx's own client knows what to do then."""
    proxies = getproxies()
    return any(proxies.get(scheme) for scheme in ("http", "https", "all"))


def _tls_context() -> ssl.SSLContext:
    return _made_tls_context(*map(os.environ.get, _TLS_VARIABLES))


# Loading the certificates takes 20 ms and 1 MB; all clients and event loops can share them.
@functools.lru_cache(maxsize=4)
def _made_tls_context(*variables: str | None) -> ssl.SSLContext:  # noqa: ARG001 - the cache's key
    context = httpx.create_ssl_context()
    context.set_alpn_protocols(["http/1.1"])
    return context
