"""Print results and notes, for people or as JSON."""

from __future__ import annotations

import os
import sys

from get3w_cli.output.text import cell, safe

TYPE_CHECKING = False  # typing and collections are slow to load
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any, TextIO


class Printer:
    """Where a command prints to.

    Attributes:
        as_json: Whether everything is JSON.
    """

    def __init__(self, *, as_json: bool) -> None:
        self.as_json = as_json

    def result(self, data: object, *lines: str) -> None:
        """Print a result: *data* as one line of JSON, or *lines* for people."""
        if self.as_json:
            _print(_json(data), sys.stdout)
        else:
            for line in lines:
                _print(safe(line), sys.stdout)

    def note(self, event: str, text: str, **more: object) -> None:
        """Print on stderr what is happening."""
        if self.as_json:
            text = _json({"event": event, "message": text, **more})
        _print(safe(text), sys.stderr)

    def error(self, data: Mapping[str, object]) -> None:
        """Print on stderr why a command ends."""
        if self.as_json:
            _print(_json(data), sys.stderr)
        else:
            _print(safe(f"get3w: {data['message']}"), sys.stderr)

    def table(
        self, data: Sequence[Mapping[str, object]], columns: Sequence[str], *, empty: str = ""
    ) -> None:
        """Print rows: a line of JSON each, a table on a terminal, else lines with tabs."""
        if self.as_json:
            for row in data:
                self.result(row)
        elif not data:
            self.note("empty", empty)
        elif is_terminal(sys.stdout) and (draw := _table_drawer()) is not None:
            draw(data, columns)
        else:
            for row in data:
                _print("\t".join(cell(row.get(name)) for name in columns), sys.stdout)


def is_terminal(stream: TextIO) -> bool:
    """Whether *stream* is a terminal that moves its cursor."""
    return stream.isatty() and os.environ.get("TERM") not in {"dumb", None}


def _json(data: object) -> str:
    import json  # slow to load, and a help page needs none of it

    return json.dumps(data, ensure_ascii=False)


def _print(text: str, stream: TextIO) -> None:
    try:
        print(text, file=stream, flush=True)
    except UnicodeEncodeError:
        encoding = stream.encoding or "ascii"
        text = text.encode(encoding, "backslashreplace").decode(encoding)
        print(text, file=stream, flush=True)
    except BrokenPipeError:
        if stream is sys.stdout:
            raise


def _table_drawer() -> Callable[[Sequence[Mapping[str, Any]], Sequence[str]], None] | None:
    """Return what draws a table; None where rich is not installed."""
    try:
        from get3w_cli.output.rich_output import draw_table
    except ModuleNotFoundError:
        return None
    return draw_table
