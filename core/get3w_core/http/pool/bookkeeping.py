"""The bookkeeping of a connection pool: constant time for each request, and no I/O.

httpcore's own pool walks all its connections for each request, so its work grows with the square
of the requests in flight. Here the idle connections of an origin are a stack, the most recently
used on top, and a place that becomes free goes straight to whoever has waited longest.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Final, Generic, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Hashable

C = TypeVar("C", bound="Hashable")
W = TypeVar("W")

Origin: TypeAlias = tuple[bytes, bytes, int | None]
"""Scheme, host and port: what a connection is good for."""

# A submit must not ride a connection that the server may just be closing: its end would look like
# an unknown outcome. Servers keep idle connections for 5 s and more.
IDLE_SECONDS: Final = 2.0


RECORD: Final = "get3w_models"
"""The extension of a request in which the pool finds its `PoolRecord`."""


class PoolRecord:
    """What the pool notes about one request.

    Attributes:
        taken: How many times the request came to the pool: more than once if a tool repeats it.
        sent: Whether bytes of it may have been handed to a socket.
    """

    __slots__ = ("sent", "taken")

    def __init__(self) -> None:
        self.taken: int = 0
        self.sent: bool = False


class PoolClosedError(Exception):
    """The pool was closed before the request got a connection; nothing was sent."""


class PoolBook(Generic[C, W]):
    """Counts the places in use, and knows the idle connections and who waits for a place.

    Whoever has a place may take an idle connection or open one, and gives the place back when its
    answer is closed. There is always a free place or nobody waiting.

    Args:
        limit: How many connections there may be, idle ones included.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.closed: bool = False
        self.in_use: int = 0
        self.waiting: deque[W] = deque()
        # All idle connections, the longest idle first: their origin, and since when.
        self._idle: dict[C, tuple[Origin, float]] = {}
        self._stacks: dict[Origin, deque[C]] = {}

    @property
    def idle(self) -> int:
        """How many connections lie idle."""
        return len(self._idle)

    def enter(self) -> bool:
        """Take a place, if one is free."""
        if self.in_use >= self.limit:
            return False
        self.in_use += 1
        return True

    def leave(self) -> W | None:
        """Give a place back: to the waiter that is returned, if there is one."""
        if self.waiting:
            return self.waiting.popleft()
        self.in_use -= 1
        return None

    def take(self, origin: Origin, now: float) -> tuple[C | None, list[C]]:
        """Take the idle connection used last, if there is one; the others given are to be closed.

        Who gets none opens one, for which room is made.
        """
        closing: list[C] = []
        while self._idle and now - next(iter(self._idle.values()))[1] > IDLE_SECONDS:
            closing.append(self._drop_oldest())
        stack = self._stacks.get(origin)
        if stack:  # one that is struck before it is tidied away is empty
            connection = stack.pop()
            del self._idle[connection]
            self._tidy(origin, stack)
            return connection, closing
        while self._idle and len(self._idle) + self.in_use > self.limit:
            closing.append(self._drop_oldest())
        return None, closing

    def keep(self, origin: Origin, connection: C, now: float) -> None:
        """Put a connection away, just before its place is given back."""
        self._idle[connection] = (origin, now)
        self._stacks.setdefault(origin, deque()).append(connection)

    def close(self) -> tuple[list[C], list[W]]:
        """Give out the idle connections, to be closed, and all who wait, to be told."""
        self.closed = True
        connections, waiters = list(self._idle), list(self.waiting)
        self._idle.clear()
        self._stacks.clear()
        self.waiting.clear()
        return connections, waiters

    def _drop_oldest(self) -> C:
        connection, (origin, _) = next(iter(self._idle.items()))
        del self._idle[connection]
        # Idle for longest of all, so also of its origin: the bottom of its stack.
        stack = self._stacks[origin]
        stack.popleft()
        self._tidy(origin, stack)
        return connection

    def _tidy(self, origin: Origin, stack: deque[C]) -> None:
        if not stack:
            del self._stacks[origin]


def no_place(limit: int, seconds: float | None) -> str:
    """Say that the limit was in the way."""
    return f"all {limit} connections were in use, and none became free within {seconds} s"
