"""Keep `results.jsonl` in step with the journal: whole and readable at every moment.

The journal says how many bytes of the file are known to be whole, in the transaction that says
which rows are in them. What stands behind that is of a writer who was killed, and is cut off.
"""

from __future__ import annotations

import contextlib
import json
import os
import uuid
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import func, select, update

from get3w_batch.journal.tables import MICRO, folders, past, rows
from get3w_batch.results import SETTLED, Result

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from sqlalchemy import Connection, Row

    from get3w_batch.results import State

_MOST = 500
RESULTS = "results.jsonl"


def folder_id(folder: Path | None) -> str:
    """Return the name of a folder of results in a journal, which all who write to it share."""
    if folder is None:
        return "none"
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / ".batch"
    with contextlib.suppress(FileExistsError):
        # Hidden until it is whole: two processes may begin at once.
        partial = folder / f".batch.{uuid.uuid4().hex}"
        partial.write_text(uuid.uuid4().hex, "ascii")
        try:
            os.link(partial, path)
        finally:
            partial.unlink()
    return path.read_text("ascii")


def report(connection: Connection, folder: Path | None, name: str) -> list[Result]:
    """Append the rows that were settled since, and return their results; a few at a time.

    Raises:
        OSError: The file cannot be written; nothing is lost, and it may be done later.
    """
    with _locked(folder):
        size, stale = connection.execute(
            select(folders.c.size, folders.c.stale).where(folders.c.id == name).with_for_update()
        ).one()
        path = None if folder is None else folder / RESULTS
        if path is not None:
            there = path.stat().st_size if path.exists() else -1
            if stale or there < size:
                size = _write_anew(connection, path, name)
            elif there > size:
                os.truncate(path, size)
        waiting = _settled(name).where(rows.c.reported.is_(False))
        found = connection.execute(waiting.order_by(rows.c.finished_at).limit(_MOST)).all()
        results = results_of(connection, found)
        if path is not None and results:
            lines = "".join(f"{result.to_json()}\n" for result in results).encode()
            with path.open("ab") as file:
                file.write(lines)
            size += len(lines)
        keys = [result.key for result in results]
        connection.execute(update(rows).where(rows.c.key.in_(keys)).values(reported=True))
        connection.execute(
            update(folders).where(folders.c.id == name).values(size=size, stale=False)
        )
    return results


def reported(connection: Connection, name: str, after: str, count: int) -> list[Result]:
    """Return results that are in the file already, in the order of their keys after *after*."""
    query = _settled(name).where(rows.c.reported.is_(True), rows.c.key > after)
    found = connection.execute(query.order_by(rows.c.key).limit(count)).all()
    return results_of(connection, found)


def _settled(name: str) -> Any:
    return select(rows).where(rows.c.folder == name, rows.c.state.in_(SETTLED))


def results_of(connection: Connection, found: Sequence[Row[Any]]) -> list[Result]:
    """Return rows of the journal as results."""
    earlier: defaultdict[str, int] = defaultdict(int)
    keys = [row.key for row in found]
    if keys:
        spent = select(past.c.key, func.sum(past.c.cost)).where(past.c.key.in_(keys))
        for key, cost in connection.execute(spent.group_by(past.c.key)):
            earlier[key] = int(cost or 0)
    return [_result(row, earlier) for row in found]


def _result(row: Row[Any], earlier: defaultdict[str, int]) -> Result:
    spent = row.key in earlier
    cost = None if row.cost is None and not spent else (row.cost or 0) + earlier[row.key]
    return Result(
        row=row.position,
        key=row.key,
        status=row.state,
        model=row.model,
        id=row.task,
        outputs=json.loads(row.outputs or "[]"),
        files=json.loads(row.files or "[]"),
        error=row.error,
        code=row.code,
        cost=None if cost is None else cost / MICRO,
        sent_at=row.sent_at,
        finished_at=row.finished_at,
    )


def _write_anew(connection: Connection, path: Path, name: str) -> int:
    """Write the file from the journal, beside the old one, and return its size."""
    partial = path.with_name(f".{RESULTS}.partial")
    query = _settled(name).where(rows.c.reported.is_(True)).order_by(rows.c.finished_at)
    with partial.open("wb") as file:
        found = connection.execute(query.execution_options(yield_per=_MOST))
        for some in found.partitions():
            for result in results_of(connection, some):
                file.write(f"{result.to_json()}\n".encode())
        size = file.tell()
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return size


@contextlib.contextmanager
def _locked(folder: Path | None) -> Generator[None]:
    """Keep other processes away from a folder's results."""
    if folder is None:
        yield
        return
    with (folder / ".batch").open("rb+") as file:
        try:
            import fcntl
        except ImportError:  # Windows: the journal's own lock keeps others of this machine away
            yield
            return
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def count_states(connection: Connection) -> tuple[dict[State, int], int]:
    """Return how many rows of the input are in each state, and how many lack their files."""
    of_input = rows.c.position.is_not(None)
    query = select(rows.c.state, func.count()).where(of_input).group_by(rows.c.state)
    counts: dict[State, int] = {
        cast("State", state): int(count) for state, count in connection.execute(query)
    }
    lacking = select(func.count()).where(
        of_input, rows.c.state == "completed", rows.c.error.is_not(None)
    )
    return counts, connection.scalar(lacking) or 0
