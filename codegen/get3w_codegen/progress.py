"""Show the progress of a long run on a terminal."""

import sys
import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")

# Seconds: a short run shows nothing, and a line that changes more often cannot be read.
_PATIENCE = 0.5
_PAUSE = 0.1

_CLEAR = "\r\x1b[K"


def counted(items: Iterable[T], total: int) -> Iterator[T]:
    """Yield *items*, and show on a terminal how many of *total* there have been."""
    if not sys.stderr.isatty():
        yield from items
        return
    due = time.monotonic() + _PATIENCE
    shown = False
    try:
        for number, item in enumerate(items, 1):
            yield item
            if time.monotonic() >= due:
                _show(f"{_CLEAR}{number} of {total} models")
                due = time.monotonic() + _PAUSE
                shown = True
    finally:
        if shown:
            _show(_CLEAR)


def _show(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
