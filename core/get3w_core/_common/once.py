"""Make a value at first use: once, whichever thread comes first, and anew after a fork."""

from __future__ import annotations

import os
import threading
import weakref
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from get3w_core.errors.base import ClientClosedError

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

CLOSED = "The client was closed before this call; nothing was sent."


class _Forgetful(Protocol):
    def forget(self) -> None: ...


_boxes: weakref.WeakSet[_Forgetful] = weakref.WeakSet()


class Lazily(Generic[T]):
    """Makes its content when it is first asked for."""

    def __init__(self, make: Callable[[], T]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._content: T | None = None
        self._closed = False
        _boxes.add(self)

    def get(self) -> T:
        """Return the content.

        Raises:
            ClientClosedError: `close` was called.
        """
        content = self._content
        if content is None:
            with self._lock:
                content = self._content
                if self._closed:
                    raise ClientClosedError(CLOSED)
                if content is None:
                    content = self._content = self._make()
        return content

    def close(self) -> T | None:
        """Give the content away, if there is one, and make no other."""
        with self._lock:
            self._closed = True
            content, self._content = self._content, None
        return content

    def forget(self) -> None:
        """Start anew in a forked child.

        Its sockets are the parent's too, and a thread that held the lock is not here to free it.
        """
        self._lock = threading.Lock()
        self._content = None


def _after_fork() -> None:
    for box in list(_boxes):
        box.forget()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
