"""Watch a request over httpcore: its `trace` feeds the evidence and a deadline for the headers.

httpx counts each read of the headers by itself, so that a server which sends a byte now and then
would be waited for without end. httpcore reports its steps to the `trace` of a request, which is
where the time begins: what it takes to connect and to send is bounded by itself. Our own pool
bounds the headers, and traces nothing. `trace_aio` is its counterpart in an event loop.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from contextlib import contextmanager
from heapq import heapify, heappop, heappush
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import httpx

from get3w_core._common.once import Lazily

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping

    from get3w_core.http.evidence import Evidence

Info: TypeAlias = "Mapping[str, Any]"

HEADERS = "receive_response_headers"


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
            raise too_late(seconds, request) from None
        raise
    finally:
        watch.stop()


class _Watch:
    """Ends the connection of a request whose headers do not end in time."""

    __slots__ = ("_dog", "_seconds", "_stream", "at", "over", "struck")

    def __init__(self, seconds: float | None) -> None:
        self._seconds = seconds
        # Asked for before anything is sent: a system may have no thread to give.
        self._dog = None if seconds is None else _watchdog.get()
        self._stream: Any = None
        self.at = 0.0
        self.over = False
        self.struck = False

    def trace(self, name: str, info: Info) -> None:
        if self._dog is None or self._seconds is None:
            return
        made = info.get("return_value")
        if hasattr(made, "get_extra_info"):
            self._stream = made  # the last one is the one that is read from
        elif name == f"http11.{HEADERS}.started":
            self.at = time.monotonic() + self._seconds
            self._dog.queue.put(self)
        elif f".{HEADERS}." in name:
            self.stop()

    def stop(self) -> None:
        self.over = True
        self._stream = None

    def strike(self) -> None:
        stream = self._stream
        connection = None if stream is None else stream.get_extra_info("socket")
        if isinstance(connection, socket.socket) and not self.over:
            self.struck = True
            # That of a TLS socket would let go of its state, which the other thread reads with.
            with contextlib.suppress(OSError):
                socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _Watchdog:
    """One thread for all watches.

    Callers take no lock: an exception that another thread raises in them could leave it locked.
    """

    def __init__(self) -> None:
        self.queue: SimpleQueue[_Watch] = SimpleQueue()
        threading.Thread(target=self._run, name="get3w-headers", daemon=True).start()

    def _run(self) -> None:
        waiting: list[tuple[float, int, _Watch]] = []
        while True:
            left = max(0.0, waiting[0][0] - time.monotonic()) if waiting else None
            with contextlib.suppress(Empty):
                watch = self.queue.get(timeout=left)
                heappush(waiting, (watch.at, id(watch), watch))
            while waiting and (waiting[0][2].over or waiting[0][0] <= time.monotonic()):
                heappop(waiting)[2].strike()
            if len(waiting) > _MANY:
                waiting = [each for each in waiting if not each[2].over]
                heapify(waiting)


# More than requests under way: those that are over are thrown out.
_MANY: Final = 4096
_watchdog: Final = Lazily(_Watchdog)


def read_time(request: httpx.Request) -> float | None:
    """Return how long *request* may wait for a piece of its answer."""
    timeouts: Mapping[str, float | None] = request.extensions.get("timeout", {})
    return timeouts.get("read")


def too_late(seconds: float | None, request: httpx.Request) -> httpx.ReadTimeout:
    """Return the error of headers that did not end in time."""
    return httpx.ReadTimeout(f"the headers did not end within {seconds:g} s", request=request)
