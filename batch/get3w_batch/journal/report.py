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

from sqlalchemy import BindParameter, bindparam, func, select, update

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
    return "none" if folder is None else made_once(folder / ".batch", uuid.uuid4().hex)


def made_once(path: Path, text: str, mode: int = 0o666) -> str:
    """Return what a file holds, which is made with *text* in it if it is not there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Another name until it is whole: two processes may begin at once.
    partial = path.with_name(f"{path.name}.{uuid.uuid4().hex}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
    try:
        with contextlib.suppress(FileExistsError):
            os.link(partial, path)
    finally:
        partial.unlink()
    return path.read_text("ascii")


def report(connection: Connection, folder: Path | None, name: str) -> list[Result]:
    """Append the rows that were settled since, and return their results; a few at a time.

    Raises:
        OSError: The file cannot be written; nothing is lost, and it may be done later.
    """
    with contextlib.nullcontext() if folder is None else locked(folder / ".batch"):
        known, stale = connection.execute(_FOLDER, {"of_folder": name}).one()
        size = known
        path = None if folder is None else folder / RESULTS
        if path is not None:
            there = path.stat().st_size if path.exists() else -1
            if stale or there < size:
                size = _write_anew(connection, path, name)
            elif there > size:
                os.truncate(path, size)
        found = connection.execute(_WAITING, {"of_folder": name, "count": _MOST}).all()
        results = results_of(connection, found)
        if path is not None and results:
            lines = "".join(f"{result.to_json()}\n" for result in results).encode()
            with path.open("ab") as file:
                file.write(lines)
            size += len(lines)
        if results:
            connection.execute(_REPORTED, {"keys": [result.key for result in results]})
        if size != known or stale:
            connection.execute(_WHOLE, {"of_folder": name, "new_size": size})
    return results


def reported(connection: Connection, name: str, after: str, count: int) -> list[Result]:
    """Return results that are in the file already, in the order of their keys after *after*."""
    query = _SETTLED.where(rows.c.reported.is_(True), rows.c.key > after)
    query = query.order_by(rows.c.key).limit(count)
    return results_of(connection, connection.execute(query, {"of_folder": name}).all())


# Built once: building a statement takes longer than running it.
_SETTLED = select(rows).where(rows.c.folder == bindparam("of_folder"), rows.c.state.in_(SETTLED))
_WAITING = (
    _SETTLED.where(rows.c.reported.is_(False))
    .order_by(rows.c.finished_at)
    .limit(bindparam("count"))
)
_OF_KEYS: BindParameter[Any] = bindparam("keys", expanding=True)
_REPORTED = update(rows).where(rows.c.key.in_(_OF_KEYS)).values(reported=True)
_FOLDER = (
    select(folders.c.size, folders.c.stale)
    .where(folders.c.id == bindparam("of_folder"))
    .with_for_update()
)
_WHOLE = (
    update(folders)
    .where(folders.c.id == bindparam("of_folder"))
    .values(size=bindparam("new_size"), stale=False)
)
_SPENT = (
    select(past.c.key, func.sum(past.c.cost)).where(past.c.key.in_(_OF_KEYS)).group_by(past.c.key)
)


def results_of(connection: Connection, found: Sequence[Row[Any]]) -> list[Result]:
    """Return rows of the journal as results."""
    earlier: defaultdict[str, int] = defaultdict(int)
    keys = [row.key for row in found]
    if keys:
        for key, cost in connection.execute(_SPENT, {"keys": keys}):
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
    query = _SETTLED.where(rows.c.reported.is_(True)).order_by(rows.c.finished_at)
    with partial.open("wb") as file:
        query = query.execution_options(yield_per=_MOST)
        found = connection.execute(query, {"of_folder": name})
        for some in found.partitions():
            for result in results_of(connection, some):
                file.write(f"{result.to_json()}\n".encode())
        size = file.tell()
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
    return size


@contextlib.contextmanager
def locked(path: Path) -> Generator[None]:
    """Keep other processes away from what a file stands for, which is made if it is not there."""
    with path.open("ab") as file:
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
