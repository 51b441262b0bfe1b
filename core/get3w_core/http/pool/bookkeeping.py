"""The bookkeeping of a connection pool: constant time for each request, and no I/O.

httpcore's own pool walks all its connections for each request, so its work grows with the square
of the requests in flight. Here the idle connections of an origin are a stack, the most recently
used on top, and a place that becomes free goes straight to whoever has waited longest.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

C = TypeVar("C")

Origin: TypeAlias = tuple[bytes, bytes, int | None]
"""Scheme, host and port: what a connection is good for."""

# A submit must not ride a connection that the server may just be closing: its end would look like
# an unknown outcome. Servers keep idle connections for 5 s and more.
IDLE_SECONDS: Final = 2.0
MAX_CONNECTIONS: Final = 100


RECORD: Final = "get3w_models"
"""The extension of a request in which the pool finds its `PoolRecord`."""


class PoolRecord:
    """What the pool notes about one request.

    Attributes:
        taken: How many times the request came to the pool: more than once if a tool repeats it.
        sent: Whether bytes of it may have been handed to a socket.
        returns: What gives back each place that the request took, and does nothing the second time.
    """

    __slots__ = ("returns", "sent", "taken")

    def __init__(self) -> None:
        self.taken: int = 0
        self.sent: bool = False
        self.returns: list[Callable[[], None]] = []

    def release(self) -> None:
        """Give back the places that are still in use, and close their connections.

        For whoever made the request, once its answer is read: an exception may have struck where
        nobody else could close the answer.
        """
        while self.returns:
            self.returns[-1]()
            self.returns.pop()


class PoolClosedError(Exception):
    """The pool was closed before the request got a connection; nothing was sent."""


class Place(Generic[C]):
    """One request's place in the pool.

    Attributes:
        origin: Where the request goes.
        connection: The connection that the request has; nobody else has it, nor is it idle.
        is_over: Whether the place was given back, with nothing left to do.
    """

    __slots__ = ("connection", "is_over", "origin")

    def __init__(self, origin: Origin) -> None:
        self.origin: Origin = origin
        self.connection: C | None = None
        self.is_over: bool = False

    def wake(self) -> None:
        """End the wait for the place; it may be called again."""
        raise NotImplementedError


class PoolBook(Generic[C]):
    """Knows which places are in use, the idle connections, and who waits for a place.

    Whoever has a place may take an idle connection or open one, and gives the place back when its
    answer is closed. There is always a free place or nobody waiting.

    An exception of a signal handler may strike after any call. So each step is one that may be
    repeated, and a connection changes hands in two statements with no call between them.

    Args:
        limit: How many connections there may be, idle ones included.
    """

    def __init__(self, limit: int) -> None:
        self.limit: int = limit
        self.closed: bool = False
        self.used: set[Place[C]] = set()
        # Who waits, the longest first.
        self.waiting: dict[Place[C], None] = {}
        # All idle connections, the longest idle first: their origin, and since when.
        self.idle: dict[C, tuple[Origin, float]] = {}
        # Those of each origin. One that is not idle may be left here, and counts for nothing.
        self._stacks: dict[Origin, deque[C]] = {}

    def enter(self, place: Place[C]) -> bool:
        """Take *place*, if one is free; else wait for it."""
        if not self.waiting and len(self.used) < self.limit:
            self.used.add(place)
            return True
        self.waiting[place] = None
        return False

    def leave(self, place: Place[C]) -> None:
        """Give *place* back, or wait for it no more; free places go to those who wait."""
        self.waiting.pop(place, None)
        self.used.discard(place)
        while self.waiting:
            first = next(iter(self.waiting))
            if first not in self.used and len(self.used) >= self.limit:
                return
            self.used.add(first)
            first.wake()
            self.waiting.pop(first, None)

    def take(self, place: Place[C], now: float) -> list[C]:
        """Give *place* the idle connection used last, if there is one; close what is returned.

        Who gets none opens one, for which room is made.
        """
        closing: list[C] = []
        while self.idle and now - next(iter(self.idle.values()))[1] > IDLE_SECONDS:
            closing.append(self._drop_oldest())
        stack = self._stacks.get(place.origin)
        while stack:
            connection = stack.pop()
            if connection in self.idle:
                del self.idle[connection]
                place.connection = connection
                break
        self._tidy(place.origin)
        if place.connection is None:
            while self.idle and len(self.idle) + len(self.used) > self.limit:
                closing.append(self._drop_oldest())
        return closing

    def keep(self, place: Place[C], now: float) -> None:
        """Put the connection of *place* away, just before the place is given back."""
        connection, idle = place.connection, (place.origin, now)
        if connection is not None and place in self.used:
            place.connection = None
            self.idle[connection] = idle
            self._stacks.setdefault(place.origin, deque()).append(connection)

    def close(self) -> tuple[list[C], list[Place[C]]]:
        """Return the idle connections, to be closed, and all who wait, to be woken."""
        self.closed = True
        connections, waiting = list(self.idle), list(self.waiting)
        self.idle.clear()
        self._stacks.clear()
        self.waiting.clear()
        return connections, waiting

    def _drop_oldest(self) -> C:
        connection, (origin, _) = next(iter(self.idle.items()))
        del self.idle[connection]
        # Idle for longest of all, so also of its origin: the bottom of its stack.
        stack = self._stacks.get(origin)
        while stack and stack[0] not in self.idle:
            stack.popleft()
        self._tidy(origin)
        return connection

    def _tidy(self, origin: Origin) -> None:
        if not self._stacks.get(origin):
            self._stacks.pop(origin, None)


def no_place(limit: int, seconds: float | None) -> str:
    """Say that the limit was in the way."""
    return f"all {limit} connections were in use, and none became free within {seconds} s"
