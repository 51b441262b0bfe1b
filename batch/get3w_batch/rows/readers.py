"""Read rows from JSONL, CSV and Parquet, one at a time."""

from __future__ import annotations

import csv
import json
import sys
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from get3w_batch.errors import BatchError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

_LONGEST_CELL = 2**31 - 1
FORMATS = ("jsonl", "csv", "parquet")
_ENDINGS = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".csv": "csv",
    ".parquet": "parquet",
    ".pq": "parquet",
}


class UnreadableRowError(ValueError):
    """A line that is no row; reading goes on after it."""


def format_of(source: str, given: str | None) -> str:
    """Return the format of *source*: the one given, else that of its name; `-` is JSONL.

    Raises:
        BatchError: The name says nothing.
    """
    if given is not None:
        return given
    found = "jsonl" if source == "-" else _ENDINGS.get(Path(source).suffix.lower())
    if found is None:
        raise BatchError(
            f"The name {source!r} does not say what it holds: give --format jsonl, csv or parquet"
        )
    return found


def read_rows(source: str, kind: str) -> Iterator[dict[str, object] | UnreadableRowError]:
    """Yield the rows of a file, or of standard input for `-`, as cells by column.

    Raises:
        BatchError: It cannot be read.
    """
    try:
        if kind == "parquet":
            yield from _read_parquet(source)
            return
        reader = _read_csv if kind == "csv" else _read_lines
        with _opened(source) as file:
            yield from reader(file)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BatchError(f"The rows in {source!r} cannot be read: {error}") from error


@contextmanager
def _opened(source: str) -> Generator[TextIO]:
    """Open a file of text, or standard input, whose bytes mean the same as a file's."""
    if source != "-":
        with Path(source).open(encoding="utf-8-sig", newline="") as file:
            yield file
        return
    if sys.stdin is None:  # pyright: ignore[reportUnnecessaryComparison] - it may be closed
        raise BatchError("The rows were to come from standard input, which is closed")
    # A reader of its own: Python waits for sys.stdin's at its end, also where nothing comes.
    with open(sys.stdin.fileno(), encoding="utf-8-sig", newline="", closefd=False) as file:
        yield file


def _read_lines(file: TextIO) -> Iterator[dict[str, object] | UnreadableRowError]:
    for line in file:
        if not line.strip():
            continue
        try:
            row: object = json.loads(line, object_pairs_hook=_without_repeats)
        except RecursionError:
            yield UnreadableRowError("the line is nested too deeply")
            continue
        except ValueError as error:
            yield UnreadableRowError(f"the line is not JSON: {error}")
            continue
        if isinstance(row, dict):
            yield cast("dict[str, object]", row)
        else:
            yield UnreadableRowError("the line is no JSON object")


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """Return a JSON object; of two values for one name, neither is chosen by chance."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError(f"an object names {_repeated([name for name, _ in pairs])!r} twice")
    return found


def _repeated(names: Sequence[str]) -> str | None:
    return next((name for name in names if name and names.count(name) > 1), None)


def _check_heading(columns: Sequence[str]) -> None:
    if (repeated := _repeated(columns)) is not None:
        raise BatchError(f"Two columns of the rows are called {repeated!r}")


def _read_csv(file: TextIO) -> Iterator[dict[str, object] | UnreadableRowError]:
    reader = csv.reader(file, strict=True)
    usual = csv.field_size_limit(_LONGEST_CELL)  # a picture in a data: address is long
    try:
        columns = next(reader, list[str]())
        _check_heading(columns)
        for cells in reader:
            if not cells:
                continue
            if len(cells) != len(columns):
                # Fewer too: such a line may be cut off, or lack a comma in its middle.
                words = f"it has {len(cells)} cells, and the heading {len(columns)}"
                yield UnreadableRowError(words)
            else:
                # An empty cell means that the parameter is not given.
                yield {name: cell for name, cell in zip(columns, cells, strict=True) if cell}
    except csv.Error as error:
        raise csv.Error(f"line {reader.line_num}: {error}") from error
    finally:
        csv.field_size_limit(usual)


def _read_parquet(source: str) -> Iterator[dict[str, object]]:
    try:
        parquet: Any = import_module("pyarrow.parquet")  # it has no types
    except ImportError:
        raise BatchError(
            'Parquet needs pyarrow: pip install "get3w-models[batch-parquet]"'
        ) from None
    if source == "-":
        raise BatchError("Parquet is read from a file, not from standard input")
    try:
        with parquet.ParquetFile(source) as file:
            _check_heading(file.schema_arrow.names)
            for batch in file.iter_batches(batch_size=1000):
                for row in batch.to_pylist():
                    yield {name: _without_nulls(cell) for name, cell in row.items()}
    except (ValueError, NotImplementedError) as error:  # pyarrow's own are of these classes
        raise BatchError(f"The rows in {source!r} cannot be read: {error}") from error


def _without_nulls(cell: Any) -> Any:
    """Return *cell* without the fields that it does not give: a struct always has all of them."""
    if isinstance(cell, dict):
        fields = cast("dict[str, object]", cell)
        return {name: _without_nulls(each) for name, each in fields.items() if each is not None}
    if isinstance(cell, list):
        return [_without_nulls(each) for each in cast("list[object]", cell)]
    return cell
