"""Watch a request over httpcore: its `trace` feeds the evidence and a deadline for the headers.

httpx counts each read of the headers by itself, so that a server which sends a byte now and then
would be waited for without end. httpcore reports its steps to the `trace` of a request, which is
where the time begins: what it takes to connect and to send is bounded by itself. Our own pool
bounds the headers, and traces nothing.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping

    from get3w_core.http.evidence import Evidence

Info: TypeAlias = "Mapping[str, Any]"

_HEADERS = "receive_response_headers"


@contextmanager
def watched(request: httpx.Request, evidence: Evidence) -> Generator[None]:
    """Feed *evidence*, and end the block with a timeout if the headers take longer than one read.

    A blocked read of a thread can only be ended by ending its connection. Over HTTP/2 other calls
    may be on that, so there is no deadline there.
    """
    seconds = read_time(request)
    watch = _Watch(seconds)
    others: Callable[[str, Info], object] | None = request.extensions.get("trace")

    def trace(name: str, info: Info) -> None:
        evidence.note(name, info)
        watch.trace(name, info)
        if others is not None:
            others(name, info)

    request.extensions["trace"] = trace
    try:
        yield
    except Exception:
        if watch.struck:
            raise _too_late(seconds, request) from None
        raise
    finally:
        watch.stop()


@asynccontextmanager
async def watched_async(request: httpx.Request, evidence: Evidence) -> AsyncGenerator[None]:
    """Do as `watched`, in an event loop."""
    seconds = read_time(request)
    loop = asyncio.get_running_loop()
    limit = asyncio.timeout(None)
    others: Callable[[str, Info], Awaitable[object]] | None = request.extensions.get("trace")

    async def trace(name: str, info: Info) -> None:
        evidence.note(name, info)
        if seconds is not None and name.endswith(f".{_HEADERS}.started"):
            limit.reschedule(loop.time() + seconds)
        elif f".{_HEADERS}." in name:
            limit.reschedule(None)
        if others is not None:
            await others(name, info)

    request.extensions["trace"] = trace
    try:
        async with limit:
            yield
    except TimeoutError:
        if limit.expired():
            raise _too_late(seconds, request) from None
        raise


class _Watch:
    """Ends the connection of a request whose headers do not end in time."""

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        self._stream: Any = None
        self._timer: threading.Timer | None = None
        self.struck = False

    def trace(self, name: str, info: Info) -> None:
        if self._seconds is None:
            return
        made = info.get("return_value")
        if hasattr(made, "get_extra_info"):
            self._stream = made  # the last one is the one that is read from
        elif name == f"http11.{_HEADERS}.started":
            self._timer = threading.Timer(self._seconds, self._strike)
            self._timer.daemon = True
            self._timer.start()
        elif f".{_HEADERS}." in name:
            self.stop()

    def stop(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _strike(self) -> None:
        connection = None if self._stream is None else self._stream.get_extra_info("socket")
        if isinstance(connection, socket.socket):
            self.struck = True
            # That of a TLS socket would let go of its state, which the other thread reads with.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


def read_time(request: httpx.Request) -> float | None:
    """Return how long *request* may wait for a piece of its answer."""
    timeouts: Mapping[str, float | None] = request.extensions.get("timeout", {})
    return timeouts.get("read")


def _too_late(seconds: float | None, request: httpx.Request) -> httpx.ReadTimeout:
    return httpx.ReadTimeout(f"the headers did not end within {seconds:g} s", request=request)
