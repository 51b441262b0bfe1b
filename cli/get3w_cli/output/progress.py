"""Show progress on stderr, if it is a terminal: rich bars, or without rich notes of a wait."""

from __future__ import annotations

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from get3w_cli.output.printer import Printer, is_terminal
from get3w_cli.output.text import safe

if TYPE_CHECKING:
    from rich.progress import TaskID

Say = Callable[[str], object]
Move = Callable[[Path, int, int | None], object]


def _ignore(*_: object) -> None:
    return None


@contextmanager
def waiting(printer: Printer, text: str) -> Generator[Say]:
    """Show a line with a status and the seconds so far.

    Yields:
        What changes the text of the line.
    """
    if printer.as_json or not is_terminal(sys.stderr):
        yield _ignore
        return
    try:
        from get3w_cli.output.rich_output import waiting_progress
    except ModuleNotFoundError:
        yield lambda changed: printer.note("status", changed)
        return
    with waiting_progress() as progress:
        task = progress.add_task(safe(text), total=None)
        yield lambda changed: progress.update(task, description=safe(changed))


@contextmanager
def transferring(printer: Printer) -> Generator[Move]:
    """Show a bar with sizes for each file.

    Yields:
        What takes a file, the bytes so far, and their total if it is known.
    """
    if printer.as_json or not is_terminal(sys.stderr):
        yield _ignore
        return
    try:
        from get3w_cli.output.rich_output import transfer_progress
    except ModuleNotFoundError:
        yield _ignore
        return
    with transfer_progress() as progress:
        tasks: dict[Path, TaskID] = {}

        def move(path: Path, done: int, total: int | None) -> None:
            if path not in tasks:
                tasks[path] = progress.add_task(safe(path.name), total=total)
            progress.update(tasks[path], completed=done, total=total)

        yield move
