"""A server that accepts every submit, in a process of its own: about 90 bytes in, 250 out.

python -m bench.common.server [--seconds THAT_EACH_ANSWER_TAKES] [--certificate FILE]
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import socket
import sys
from functools import partial
from typing import TYPE_CHECKING, Any

from bench.common.processes import printing_server

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator
    from pathlib import Path

ANSWER = (
    b'{"code":200,"message":"success","data":{"id":"pred_0123456789abcdef","status":"created",'
    b'"model":"get3w/flux-dev","outputs":[],"urls":{"get":"http://127.0.0.1/api/v3/predictions/'
    b'pred_0123456789abcdef/result"},"created_at":"2026-01-01T00:00:00Z"}}'
)
HEADERS = [
    (b"content-type", b"application/json"),
    (b"content-length", str(len(ANSWER)).encode()),
]


async def application(
    seconds: float,
    scope: dict[str, Any],
    receive: Callable[[], Awaitable[dict[str, Any]]],
    send: Callable[[dict[str, Any]], Awaitable[None]],
) -> None:
    """Read the request and say that it was accepted."""
    if scope["type"] != "http":
        return
    while (await receive()).get("more_body"):
        pass
    if seconds:
        await asyncio.sleep(seconds)
    await send({"type": "http.response.start", "status": 200, "headers": HEADERS})
    await send({"type": "http.response.body", "body": ANSWER})


@contextlib.contextmanager
def running(seconds: float = 0.0, certificate: Path | None = None) -> Iterator[str]:
    """Run a server whose answers take *seconds* in a process of its own, and give its origin."""
    command = [sys.executable, "-m", "bench.common.server", "--seconds", str(seconds)]
    if certificate is not None:
        command += ["--certificate", str(certificate)]
    with printing_server(command) as (origin, _):
        yield origin


def main() -> None:
    """Serve on a free port, and print the origin once connections are taken."""
    import uvicorn

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=0.0)
    parser.add_argument("--certificate")
    chosen = parser.parse_args()
    # With its protocol named, asyncio turns Nagle's algorithm off: each answer is two writes, and
    # the second would wait 40 ms for the first to be acknowledged.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1024)
        scheme = "https" if chosen.certificate else "http"
        print(f"{scheme}://127.0.0.1:{listener.getsockname()[1]}", flush=True)
        # uvicorn closes what was idle for 5 s, and just as long does httpx keep it: now and then a
        # bare client loses a request to that race, which is not what is measured here.
        config = uvicorn.Config(
            partial(application, chosen.seconds),
            log_level="warning",
            access_log=False,
            interface="asgi3",
            timeout_keep_alive=75,
            ssl_certfile=chosen.certificate,
        )
        uvicorn.Server(config).run(sockets=[listener])


if __name__ == "__main__":
    main()
