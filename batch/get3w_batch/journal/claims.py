"""Take rows to work on: each is one worker's at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import bindparam, or_, select, update

from get3w_batch.journal.tables import past, rows
from get3w_batch.journal.workers import Identity, renew

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection, Executable

    from get3w_batch.results import State


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that this worker has.

    Attributes:
        key: What names it.
        position: Its place in the input, or None.
        model: The model id.
        body: The input as JSON, with marks for local files.
        content: The digest of both.
        state: `pending`, `accepted` or `unknown`.
        attempt: The latest submit, if there was one.
        sent_body: What was sent, where uploads changed the body.
        sent_at: When it was sent.
        ended_at: When it was given up, for `unknown`.
        submission: What the core knows of a submit without a clear answer, as JSON.
        handle: The handle of its task as JSON, for `accepted`.
    """

    key: str
    position: int | None
    model: str
    body: str
    content: str
    state: State
    attempt: str | None
    sent_body: str | None
    sent_at: float | None
    ended_at: float | None
    submission: str | None
    handle: str | None


_COLUMNS = [rows.c[name] for name in Claimed.__dataclass_fields__]


def claim_work(connection: Connection, me: Identity, count: int, *, new: bool) -> list[Claimed]:
    """Take up to *count* rows: tasks to wait for first, then rows to send unless *new* is false."""
    found = _claim(connection, me, _ACCEPTED, count)
    if new and len(found) < count:
        found += _claim(connection, me, _PENDING, count - len(found))
    return found


def claim_unknown(connection: Connection, me: Identity, count: int, before: float) -> list[Claimed]:
    """Take rows of unknown outcome that nobody has looked for since *before*."""
    return _claim(connection, me, _UNKNOWN, count, before=before)


def _claim(
    connection: Connection, me: Identity, query: Executable, count: int, **values: object
) -> list[Claimed]:
    if not renew(connection, me):
        return []
    found = [
        Claimed(*cast("tuple[Any, ...]", row))
        for row in connection.execute(query, {"count": count, **values})
    ]
    if found:
        connection.execute(_TAKE, {"keys": [row.key for row in found], "me": me.id})
    return found


def _free(*which: ColumnElement[bool]) -> Executable:
    """Return the query for rows that nobody is at; building it takes longer than running it."""
    query = select(*_COLUMNS).where(*which, rows.c.worker.is_(None)).order_by(rows.c.position)
    return query.limit(bindparam("count")).with_for_update(skip_locked=True)


_ACCEPTED = _free(rows.c.state == "accepted")
_PENDING = _free(rows.c.state == "pending", rows.c.position.is_not(None))
_UNKNOWN = _free(
    rows.c.state == "unknown",
    or_(rows.c.checked_at.is_(None), rows.c.checked_at < bindparam("before")),
)
_TAKE = (
    update(rows)
    .where(rows.c.key.in_(bindparam("keys", expanding=True)))
    .values(worker=bindparam("me"))
)


@dataclass(frozen=True, slots=True)
class Neighbours:
    """What else may be confused with the task of a row.

    Attributes:
        rivals: Rows with the same input that may have been sent and have no task yet.
        taken: Tasks that belong to other rows and were accepted at about the same time.
    """

    rivals: list[Claimed]
    taken: list[str]


_AROUND = 120.0
_MOST_TAKEN = 9_000


def neighbours(connection: Connection, row: Claimed) -> Neighbours:
    """Return what else may be confused with the task of *row*."""
    rivals = select(*_COLUMNS).where(
        rows.c.content == row.content,
        rows.c.key != row.key,
        rows.c.state.in_(["sending", "unknown"]),
    )
    begin, end = (row.sent_at or 0) - _AROUND, (row.ended_at or row.sent_at or 0) + _AROUND
    taken = select(rows.c.task).where(
        rows.c.key != row.key, rows.c.task.is_not(None), rows.c.sent_at.between(begin, end)
    )
    earlier = select(past.c.task).where(past.c.task.is_not(None)).limit(_MOST_TAKEN)
    newest = taken.order_by(rows.c.sent_at.desc()).limit(_MOST_TAKEN)
    return Neighbours(
        [Claimed(*cast("tuple[Any, ...]", each)) for each in connection.execute(rivals)],
        [*connection.scalars(newest), *connection.scalars(earlier)],
    )


def owner_of(connection: Connection, task: str) -> str | None:
    """Return the key of the row that a task belongs to."""
    owner = connection.scalar(select(rows.c.key).where(rows.c.task == task))
    return owner or connection.scalar(select(past.c.key).where(past.c.task == task))
