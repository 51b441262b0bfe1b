"""Read rows from JSONL, CSV and Parquet, one at a time."""

from __future__ import annotations

import csv
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO, cast

from get3w_batch.errors import BatchError

if TYPE_CHECKING:
    from collections.abc import Iterator

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
        if source == "-":
            yield from reader(sys.stdin)
            return
        with Path(source).open(encoding="utf-8-sig", newline="") as file:
            yield from reader(file)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BatchError(f"The rows in {source!r} cannot be read: {error}") from error


def _read_lines(file: TextIO) -> Iterator[dict[str, object] | UnreadableRowError]:
    for line in file:
        if not line.strip():
            continue
        try:
            row: object = json.loads(line)
        except ValueError as error:
            yield UnreadableRowError(f"the line is not JSON: {error}")
            continue
        if isinstance(row, dict):
            yield cast("dict[str, object]", row)
        else:
            yield UnreadableRowError("the line is no JSON object")


def _read_csv(file: TextIO) -> Iterator[dict[str, object] | UnreadableRowError]:
    reader = csv.reader(file, strict=True)
    columns = next(reader, list[str]())
    for cells in reader:
        if not cells:
            continue
        if len(cells) > len(columns):
            yield UnreadableRowError(f"it has {len(cells)} cells, and the heading {len(columns)}")
        else:
            # An empty cell means that the parameter is not given.
            yield {name: cell for name, cell in zip(columns, cells, strict=False) if cell}


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
            for batch in file.iter_batches(batch_size=1000):
                yield from batch.to_pylist()
    except ValueError as error:  # pyarrow's own errors of a file that is no Parquet
        raise BatchError(f"The rows in {source!r} cannot be read: {error}") from error
