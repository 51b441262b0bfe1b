"""The line of `wait(progress=True)`: how a wait is getting on, wherever it is written.

A thread of its own writes it, so that the seconds run between two polls. It reads the handles and
nothing else; a stream that cannot be written to is no error.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
import time
from collections import Counter
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Final, TextIO

from get3w_core._common.prediction_data import COMPLETED
from get3w_core.errors.printable import printable

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from get3w_core.errors.task import AnyPrediction

LIVE_SECONDS: Final = 0.2
LOG_SECONDS: Final = 10.0
_WIDTH: Final = 100  # where the stream has none
_GREEN, _RED, _PLAIN, _TO_THE_END = "\x1b[32m", "\x1b[31m", "\x1b[0m", "\x1b[K"


@contextmanager
def shown(predictions: Sequence[AnyPrediction], progress: bool) -> Generator[None]:
    """Show how *predictions* are getting on while the block runs, if *progress* says so."""
    stream = _stream() if progress and predictions else None
    if stream is None:
        yield
        return
    line, over = Line(predictions, stream), threading.Event()

    def tick() -> None:
        while not over.wait(line.seconds):
            line.write()

    line.write()
    ticker = threading.Thread(target=tick, name="get3w-progress", daemon=True)
    with suppress(RuntimeError):  # no more threads: then only the first line and the last
        ticker.start()
    try:
        yield
    finally:
        over.set()
        if ticker.ident is not None:
            ticker.join()
        line.write(last=True)


class Line:
    """One line that is written again in its place, or a line after the other in a log.

    Attributes:
        seconds: How often it is to be written.
    """

    def __init__(self, predictions: Sequence[AnyPrediction], stream: TextIO) -> None:
        self._predictions = predictions
        self._stream = stream
        self._started = time.monotonic()
        terminal = _is_terminal(stream)
        self._live: bool = terminal or _is_notebook(stream)
        self._width = shutil.get_terminal_size((_WIDTH, 24)).columns - 1 if terminal else _WIDTH
        self._escapes: bool = terminal
        self._colours: bool = terminal and not os.environ.get("NO_COLOR")
        self.seconds: float = LIVE_SECONDS if self._live else LOG_SECONDS

    def write(self, *, last: bool = False) -> None:
        """Write the line as it is now; the *last* one stays."""
        text = describe(self._predictions, time.monotonic() - self._started)[: self._width]
        if not self._live:
            text = f"{text}\n"
        else:
            end = _TO_THE_END if self._escapes else " " * (self._width - len(text))
            text = f"\r{self._coloured(text)}{end}" + ("\n" if last else "")
        with suppress(OSError, ValueError):  # closed, or gone, or without these letters
            self._stream.write(text)
            self._stream.flush()

    def _coloured(self, text: str) -> str:
        if not self._colours or not all(each.done for each in self._predictions):
            return text
        failed = any(each.status.lower() != COMPLETED for each in self._predictions)
        return f"{_RED if failed else _GREEN}{text}{_PLAIN}"


def describe(predictions: Sequence[AnyPrediction], seconds: float) -> str:
    """Return how *predictions* are getting on after so many seconds, in one printable line."""
    if len(predictions) == 1:
        [one] = predictions
        of = f"{printable(one.model, 60)}: " if one.model else ""
        return f"{of}{printable(one.status, 40)}, {seconds:.0f} s ({printable(one.id)})"
    running = Counter(printable(each.status, 40) for each in predictions if not each.done)
    done = [each for each in predictions if each.done]
    failed = sum(each.status.lower() != COMPLETED for each in done)
    parts = [f"{len(done)} of {len(predictions)} done"]
    parts += [f"{failed} failed"] if failed else []
    parts += [f"{count} {status}" for status, count in running.most_common(3)]
    return f"{', '.join(parts)}, {seconds:.0f} s"


def _stream() -> TextIO | None:
    """Return where to write: beside the results of a program, in a notebook among them."""
    out: TextIO | None = sys.stdout  # None in a program without a console
    return out if out is not None and _is_notebook(out) else sys.stderr


def _is_notebook(stream: TextIO) -> bool:
    """Whether it is the stream of a Jupyter kernel, which knows a return but no escapes."""
    return type(stream).__module__.partition(".")[0] == "ipykernel"


def _is_terminal(stream: TextIO) -> bool:
    with suppress(OSError, ValueError):
        return stream.isatty() and os.environ.get("TERM") != "dumb"
    return False
