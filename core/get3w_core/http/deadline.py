"""A deadline for the headers of an answer over an httpx client that was passed in.

httpx counts each read of the headers by itself, so that a server which sends a byte now and then
would be waited for without end. httpcore tells its steps to the `trace` of a request, which is
where the time begins: what it takes to connect and to send is bounded by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncGenerator, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager

import httpcore
import httpx

_HEADERS = "receive_response_headers"


@contextmanager
def headers_within(request: httpx.Request) -> Generator[None]:
    """End the block with `httpx.ReadTimeout` if the headers take longer than one read may.

    A blocked read of a thread can only be ended by ending its connection. Over HTTP/2 other calls
    may be on that, so there is no deadline there.
    """
    seconds = _seconds(request)
    if seconds is None:
        yield
        return
    watch = _Watch(seconds)
    request.extensions["trace"] = watch.trace
    try:
        yield
    except httpx.TransportError:
        if watch.struck:
            raise _too_late(seconds, request) from None
        raise
    finally:
        watch.stop()


@asynccontextmanager
async def headers_within_async(request: httpx.Request) -> AsyncGenerator[None]:
    """End the block with `httpx.ReadTimeout` if the headers take longer than one read may."""
    seconds = _seconds(request)
    if seconds is None:
        yield
        return
    loop = asyncio.get_running_loop()
    limit = asyncio.timeout(None)

    async def trace(name: str, info: Mapping[str, object]) -> None:  # noqa: ARG001 - httpcore's
        if name.endswith(f".{_HEADERS}.started"):
            limit.reschedule(loop.time() + seconds)
        elif f".{_HEADERS}." in name:
            limit.reschedule(None)

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

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._stream: httpcore.NetworkStream | None = None
        self._timer: threading.Timer | None = None
        self.struck = False

    def trace(self, name: str, info: Mapping[str, object]) -> None:
        made = info.get("return_value")
        if isinstance(made, httpcore.NetworkStream):
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


def _seconds(request: httpx.Request) -> float | None:
    if "trace" in request.extensions:
        return None  # it is somebody else's
    timeouts: Mapping[str, float | None] = request.extensions.get("timeout", {})
    return timeouts.get("read")


def _too_late(seconds: float, request: httpx.Request) -> httpx.ReadTimeout:
    return httpx.ReadTimeout(f"the headers did not end within {seconds:g} s", request=request)
