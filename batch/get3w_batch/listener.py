"""A small HTTP server for deliveries, beside a batch that a command runs."""

from __future__ import annotations

import secrets
import socket
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from get3w_batch.errors import BatchError
from get3w_batch.journal.report import made_once

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Generator, MutableMapping
    from pathlib import Path

    from get3w_batch.engine.webhooks import BatchWebhooks

_LARGEST_BODY: Final = 32 * 2**20  # outputs may be in it, as base64
_MOST_CONNECTIONS: Final = 1_000
_SECRET: Final = ".webhook-secret"  # noqa: S105 - the name of a file


def kept_secret(out: Path) -> str:
    """Return the secret of a batch's callback addresses: the same in each run, and for nobody else.

    Raises:
        BatchError: It cannot be kept.
    """
    try:
        return made_once(out / _SECRET, secrets.token_urlsafe(32), 0o600)
    except OSError as error:
        raise BatchError(f"The secret of the webhooks cannot be kept: {error}") from error


@contextmanager
def listening(address: str, webhooks: BatchWebhooks) -> Generator[None]:
    """Take deliveries at HOST:PORT, in a thread of its own.

    Raises:
        BatchError: The server is not installed, or nothing can listen there.
    """
    try:
        import uvicorn
    except ImportError:
        raise BatchError('--listen needs uvicorn: pip install "get3w-models[batch]"') from None
    taken = _socket(address)
    config = uvicorn.Config(
        _app(webhooks),
        loop="asyncio",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,  # it would hold the tokens
        server_header=False,
        limit_concurrency=_MOST_CONNECTIONS,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([taken],), name="get3w-batch listener")
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
        taken.close()


def _socket(address: str) -> socket.socket:
    host, _, port = address.rpartition(":")
    host = host.strip("[]")
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        return socket.create_server((host, int(port)), family=family)
    except (OSError, OverflowError, ValueError) as error:
        raise BatchError(
            f"Nothing can listen on {address!r}: {error}; give --listen HOST:PORT, such as"
            " 127.0.0.1:8000"
        ) from error


def _app(
    webhooks: BatchWebhooks,
) -> Callable[[MutableMapping[str, Any], Any, Any], Awaitable[None]]:
    async def app(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        status = 405 if scope["method"] != "POST" else await _take(scope, receive, webhooks)
        headers = [(b"content-length", b"0")]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body"})

    return app


async def _take(scope: MutableMapping[str, Any], receive: Any, webhooks: BatchWebhooks) -> int:
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return 400
        body += message.get("body", b"")
        if len(body) > _LARGEST_BODY:
            return 413
        if not message.get("more_body"):
            break
    headers = dict[str, str]()
    for name, value in scope["headers"]:
        text = name.decode("latin-1")
        before = f"{headers[text]}, " if text in headers else ""
        headers[text] = before + value.decode("latin-1")
    query = scope["query_string"].decode("latin-1")
    return webhooks.deliver(url=f"?{query}", headers=headers, body=bytes(body))
