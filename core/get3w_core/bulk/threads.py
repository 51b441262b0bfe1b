"""A few threads that make calls. The interpreter does not wait for them when it ends."""

from __future__ import annotations

import threading
from contextvars import copy_context
from queue import SimpleQueue
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable


class Threads:
    """Makes calls in up to *most* threads, which end with the block once they are free.

    `concurrent.futures` would wait at the end of the program for a call that was given up.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._started = 0
        self._calls: SimpleQueue[Callable[[], object] | None] = SimpleQueue()

    def call(self, call: Callable[[], object]) -> None:
        """Make *call*, which raises nothing, in a thread; here if none can be had."""
        context = copy_context()

        def in_context() -> object:
            return context.run(call)

        if self._started < self._most:
            thread = threading.Thread(target=self._work, name="get3w-submit", daemon=True)
            try:
                thread.start()
                self._started += 1
            except RuntimeError:  # the system's limit, or the interpreter shuts down
                if not self._started:
                    in_context()
                    return
        self._calls.put(in_context)

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            call()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        for _ in range(self._started):
            self._calls.put(None)
