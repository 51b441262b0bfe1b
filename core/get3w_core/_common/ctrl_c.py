"""Ctrl-C as something to look at between two steps, not as an exception in the middle of one."""

from __future__ import annotations

import math
import signal
import threading
from typing import TYPE_CHECKING, ParamSpec, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import FrameType, TracebackType

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
        if main and signal.getsignal(signal.SIGINT) is signal.default_int_handler:
            signal.signal(signal.SIGINT, self._note)
            self._installed = True
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._installed:
            signal.signal(signal.SIGINT, signal.default_int_handler)

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

    def _note(self, _number: int, _frame: FrameType | None) -> None:
        self._seen += 1
        if self._seen - self._raised > self._tolerated:
            self._raised = self._seen
            raise KeyboardInterrupt
        if self._wake is not None:
            self._wake()
