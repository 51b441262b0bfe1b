"""Bring the rows of an input into the journal."""

from __future__ import annotations

import json
from itertools import islice
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from sqlalchemy import and_, case, func, insert, or_, select, update

from get3w_batch.errors import BatchError, JournalError
from get3w_batch.journal.database import clock, read_meta, upsert, write_meta
from get3w_batch.journal.report import RESULTS
from get3w_batch.journal.tables import folders, past, rows, workers
from get3w_batch.journal.workers import Identity
from get3w_batch.rows.media import MARK

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sqlalchemy import Connection

    from get3w_batch.rows.checking import CheckedRows, Row

Retry: TypeAlias = Literal["failed", "refused", "unknown"]
"""The states that a run may take up again."""

_CHUNK = 500


def load_rows(
    connection: Connection, me: Identity, checked: CheckedRows, origin: str, folder: str
) -> None:
    """Make the journal hold the rows of an input in their order.

    A row that is known keeps its state, so only new ones are sent. One that the input no longer
    holds is not sent; what was paid for is still waited for.

    Raises:
        JournalError: It belongs to another server, its rows are named in another way, or somebody
            is at work on other rows.
    """
    known = read_meta(connection, "origin", lock=True)
    if known not in {None, origin}:
        raise JournalError(
            f"The journal is of submits to {known}, and this client's key is for {origin}:"
            " use another journal"
        )
    write_meta(connection, "origin", origin)
    if read_meta(connection, "input") == checked.digest:
        return
    named_by = json.dumps(checked.key)
    before = read_meta(connection, "key")
    if before not in {None, named_by}:
        raise JournalError(
            f"The rows of this journal are named by {_naming(before)}, and now by"
            f" {_naming(named_by)}, so all would be new and be paid for again: give --key as"
            " before, or another journal and folder"
        )
    write_meta(connection, "key", named_by)
    others = select(workers.c.id).where(workers.c.id != me.id, workers.c.lease >= clock(connection))
    if connection.scalar(select(rows.c.key).limit(1)) and connection.scalar(others.limit(1)):
        raise JournalError(
            "Another process is at work on this batch with other rows: wait for its end, or give"
            " both the same rows"
        )
    connection.execute(update(rows).where(rows.c.position.is_not(None)).values(position=None))
    for chunk in _chunks(checked):
        _load(connection, chunk, folder)
    write_meta(connection, "input", checked.digest)
    connection.execute(update(folders).values(stale=True))


def _naming(column: str | None) -> str:
    name: str | None = json.loads(column or "null")
    return "their content" if name is None else f"the column {name!r}"


def _load(connection: Connection, chunk: list[Row], folder: str) -> None:
    statement = upsert(connection, rows)
    new = statement.excluded
    # Only what was never accepted takes a changed input; for the rest the key says it is the same.
    mended = and_(rows.c.code == "invalid", new.code.is_(None))
    again = or_(rows.c.state == "pending", rows.c.code == "invalid")
    body = or_(again, rows.c.state == "failed", rows.c.state == "refused")
    changed: dict[str, Any] = {
        "position": new.position,
        "model": case((body, new.model), else_=rows.c.model),
        "body": case((body, new.body), else_=rows.c.body),
        "content": case((body, new.content), else_=rows.c.content),
        "state": case((again, new.state), else_=rows.c.state),
        "error": case((again, new.error), else_=rows.c.error),
        "code": case((again, new.code), else_=rows.c.code),
        "folder": case((again, new.folder), else_=rows.c.folder),
        "reported": case((mended, False), else_=rows.c.reported),
    }
    connection.execute(
        statement.on_conflict_do_update(index_elements=[rows.c.key], set_=changed),
        [
            {
                "key": row.key,
                "position": row.position,
                "model": row.model,
                "body": row.body,
                "content": row.content,
                "state": "pending" if row.error is None else "refused",
                "error": row.error,
                "code": None if row.error is None else "invalid",
                "folder": None if row.error is None else folder,
                "reported": False,
            }
            for row in chunk
        ],
    )


def _chunks(rows_: Iterable[Row]) -> Iterable[list[Row]]:
    left = iter(rows_)
    while chunk := list(islice(left, _CHUNK)):
        yield chunk


def retry(connection: Connection, state: Retry) -> int:
    """Make the rows in *state* pending again, and return how many; what they cost is kept.

    A row that does not fit its model stays refused.
    """
    chosen = and_(
        rows.c.state == state,
        rows.c.worker.is_(None),
        rows.c.position.is_not(None),
        func.coalesce(rows.c.code, "") != "invalid",
    )
    if state != "refused":
        kept = (rows.c.key, rows.c.state, rows.c.task, rows.c.error, rows.c.estimate, rows.c.cost)
        names = [column.name for column in kept]
        connection.execute(insert(past).from_select(names, select(*kept).where(chosen)))
    done = connection.execute(
        update(rows)
        .where(chosen)
        .values(
            state="pending",
            reported=False,
            **dict.fromkeys(
                (
                    *("attempt", "sent_body", "sent_at", "ended_at", "submission", "checked_at"),
                    *("task", "handle", "outputs", "files", "error", "code", "cost"),
                    *("finished_at", "folder"),
                )
            ),
        )
    )
    if done.rowcount:
        connection.execute(update(folders).values(stale=True))
    return done.rowcount


def names_local_files(connection: Connection) -> bool:
    """Whether a row that may be sent yet names a local file."""
    waiting = select(rows.c.key).where(rows.c.state == "pending", rows.c.body.contains(MARK))
    return connection.scalar(waiting.limit(1)) is not None


def enter_folder(connection: Connection, folder: str, out: Path | None) -> None:
    """Make a folder of results known; another process may do so at the same time.

    Raises:
        BatchError: It holds results that this journal knows nothing of.
    """
    new = upsert(connection, folders).values(id=folder, size=0, stale=True)
    is_new = connection.execute(new.on_conflict_do_nothing()).rowcount == 1
    there = None if out is None else out / RESULTS
    if is_new and there is not None and there.is_file() and there.stat().st_size:
        raise BatchError(
            f"{str(there)!r} holds results of another journal, or of one that is gone. Rows that"
            " are paid for there would be paid for again here. Give the --journal that was used"
            " before, or another --out; to begin anew, move these results away"
        )
