"""httpx's own transports over our pool.

They stay subclasses of `httpx.HTTPTransport`, so whatever instruments or mocks that class sees our
requests too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import httpx

from get3w_core.http.pool.aio import AsyncConnectionPool
from get3w_core.http.pool.sync import ConnectionPool

if TYPE_CHECKING:
    import ssl

MAX_CONNECTIONS: Final = 100


class PooledTransport(httpx.HTTPTransport):
    """Sends for threads, directly to the server."""

    # Their `__init__` makes a pool of httpcore's, and nothing else.
    def __init__(self, context: ssl.SSLContext, limit: int = MAX_CONNECTIONS) -> None:
        self._pool: Any = ConnectionPool(context, limit)


class AsyncPooledTransport(httpx.AsyncHTTPTransport):
    """Sends for one event loop, directly to the server."""

    def __init__(self, context: ssl.SSLContext, limit: int = MAX_CONNECTIONS) -> None:
        self._pool: Any = AsyncConnectionPool(context, limit)
