"""Ctrl-C as something to look at between two steps, not as an exception in the middle of one."""

from __future__ import annotations

import math
import signal
import threading
import weakref
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType

P = ParamSpec("P")
T = TypeVar("T")


class Interrupts:
    """Counts Ctrl-C while its block runs, where Python would raise `KeyboardInterrupt` anywhere.

    A handler of the program's own stays, and in another thread there is nothing to do.

    Args:
        wake: Called with each Ctrl-C, in the signal handler.
        tolerated: After so many that were not raised yet, the next is raised at once.
    """

    def __init__(
        self, wake: Callable[[], object] | None = None, *, tolerated: float = math.inf
    ) -> None:
        self._wake = wake
        self._seen = 0
        self._raised = 0
        self._tolerated = tolerated
        self._installed = False

    def __enter__(self) -> Self:
        main = threading.current_thread() is threading.main_thread()
        if main and _is_free(signal.getsignal(signal.SIGINT)):
            self._installed = True
            signal.signal(signal.SIGINT, _Handler(self))
        return self

    def __exit__(self, *exception: object) -> None:
        if self._installed:
            try:
                signal.signal(signal.SIGINT, signal.default_int_handler)
            except BaseException:  # another signal's handler raised it, before this was set
                signal.signal(signal.SIGINT, signal.default_int_handler)
                raise

    @property
    def pending(self) -> bool:
        """Whether there was a Ctrl-C that was not raised yet."""
        return self._raised < self._seen

    def check(self) -> None:
        """Raise each Ctrl-C that was not raised yet.

        Raises:
            KeyboardInterrupt: There was one.
        """
        if self.pending:
            self._raised += 1
            raise KeyboardInterrupt

    def during(self, call: Callable[P, T], tolerated: int) -> Callable[P, T]:
        """Return *call* as one that Ctrl-C ends at once, after so many that it does not.

        For code of the program's own, which may take its time.
        """

        def interruptible(*args: P.args, **kwargs: P.kwargs) -> T:
            before, self._tolerated = self._tolerated, tolerated
            try:
                return call(*args, **kwargs)
            finally:
                self._tolerated = before

        return interruptible

    def note(self) -> None:
        """Count one Ctrl-C.

        Raises:
            KeyboardInterrupt: It is one more than was tolerated.
        """
        self._seen += 1
        if self._seen - self._raised > self._tolerated:
            self._raised = self._seen
            raise KeyboardInterrupt
        if self._wake is not None:
            self._wake()


class _Handler:
    """Hands Ctrl-C to a block while that exists.

    An exception that another signal's handler raises may leave a block before its end; what is left
    of it then does as Python's own handler.
    """

    __slots__ = ("_block",)

    def __init__(self, block: Interrupts) -> None:
        self._block = weakref.ref(block)

    @property
    def is_left(self) -> bool:
        """Whether the block is gone."""
        return self._block() is None

    def __call__(self, number: int, frame: FrameType | None) -> None:
        block = self._block()
        if block is None:
            signal.default_int_handler(number, frame)
        else:
            block.note()


def _is_free(handler: object) -> bool:
    """Tell whether nothing but Python's own handling would be replaced."""
    return handler is signal.default_int_handler or (
        isinstance(handler, _Handler) and handler.is_left
    )
