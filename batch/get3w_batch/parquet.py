"""Write `results.parquet`: the lines of `results.jsonl`, with typed columns.

A Parquet file has its directory at its end and cannot be appended to, so the lines are what is
whole at every moment, and this file is made of them at the end of each run, complete or not there.
"""

from __future__ import annotations

import json
import os
from importlib import import_module
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from get3w_batch.journal.report import RESULTS, locked

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PARQUET = "results.parquet"
_GROUP: Final = 10_000  # rows that are in memory at once


def write_parquet(out: Path) -> None:
    """Write `results.parquet` beside `results.jsonl`, in the place of an older one.

    Raises:
        OSError: It cannot be written; the older one is as it was.
    """
    # pyarrow has no types.
    pyarrow: Any = import_module("pyarrow")
    parquet: Any = import_module("pyarrow.parquet")
    text, moment = pyarrow.string(), pyarrow.timestamp("us", tz="UTC")
    schema = pyarrow.schema(
        [
            ("row", pyarrow.int64()),
            pyarrow.field("key", text, nullable=False),
            pyarrow.field("status", text, nullable=False),
            pyarrow.field("model", text, nullable=False),
            ("id", text),
            ("outputs", pyarrow.list_(text)),
            ("files", pyarrow.list_(text)),
            ("error", text),
            ("code", text),
            ("cost", pyarrow.float64()),
            ("sent_at", moment),
            ("finished_at", moment),
        ]
    )
    partial = out / f".{PARQUET}.partial"
    # Of two processes, the one that comes second reads what the first one read, and more.
    with locked(out / f".{PARQUET}.lock"):
        try:
            with parquet.ParquetWriter(partial, schema) as writer:
                lines = _lines(out / RESULTS)
                while group := [_columns(line) for line in islice(lines, _GROUP)]:
                    writer.write_table(pyarrow.Table.from_pylist(group, schema))
            with partial.open("rb+") as file:
                os.fsync(file.fileno())
            partial.replace(out / PARQUET)
        finally:
            partial.unlink(missing_ok=True)


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.endswith("\n"):  # the last one may be on its way
                yield line


def _columns(line: str) -> dict[str, Any]:
    row: dict[str, Any] = json.loads(line)
    for name in ("sent_at", "finished_at"):
        if row[name] is not None:
            row[name] = round(row[name] * 1_000_000)
    row["outputs"] = [
        each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)
        for each in row["outputs"]
    ]
    return row
