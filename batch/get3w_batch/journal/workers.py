"""Who is at work on a batch: leases, and what is done with the rows of those that died."""

from __future__ import annotations

import functools
import os
import time
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Float, bindparam, delete, insert, select, update

from get3w_batch.journal.database import clock, database_clock
from get3w_batch.journal.tables import rows, workers

if TYPE_CHECKING:
    from sqlalchemy import Connection, Row, Update

LEASE: Final = 30.0
"""Seconds after which a worker that wrote nothing is taken for dead."""


@dataclass(frozen=True, slots=True)
class Identity:
    """A process, so that others on its machine see at once that it died.

    Attributes:
        id: The worker's name, made up.
        host: Names the running machine and its space of process ids; empty where that is not known.
        pid: The process id.
        born: When the process began, in ticks since the machine started.
    """

    id: str
    host: str
    pid: int
    born: str


def own_identity() -> Identity:
    """Return a new identity for a worker in this process."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        host = f"{boot} {Path('/proc/self/ns/pid').readlink()}"
    except OSError:
        host = ""  # not Linux: a dead worker is known by its lease alone
    return Identity(uuid.uuid4().hex, host, os.getpid(), _born(os.getpid()) or "")


def _born(pid: int) -> str | None:
    """Return when a process began; None if there is none, or a zombie."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in "ZX" else fields[19]


def register(connection: Connection, me: Identity) -> None:
    """Enter a worker that has no rows, also anew: others may have taken it for dead meanwhile."""
    connection.execute(delete(workers).where(workers.c.id == me.id))
    connection.execute(
        insert(workers).values(
            id=me.id, lease=clock(connection) + LEASE, host=me.host, pid=me.pid, born=me.born
        )
    )


def renew(connection: Connection, me: Identity) -> bool:
    """Prolong a worker's lease, also a late one; false if others took its rows over meanwhile.

    The lease stays locked until the end of the transaction, so nobody takes the rows meanwhile.
    """
    statement, values = _renewal(connection.dialect.name), {"me": me.id, "now": time.time()}
    return connection.execute(statement, values).rowcount == 1


@functools.cache
def _renewal(dialect: str) -> Update:
    """Return the statement; building it each time would take longer than running it."""
    now = bindparam("now", type_=Float) if dialect == "sqlite" else database_clock()
    mine = update(workers).where(workers.c.id == bindparam("me"))
    return mine.values(lease=now + LEASE)


def leave(connection: Connection, me: Identity) -> None:
    """Give a worker's rows back at its end."""
    _give_up(connection, me.id, None)


def free_rows_of_dead_workers(connection: Connection, me: Identity) -> int:
    """Take the rows from workers that died, and return how many workers did.

    A row that was being sent may have a task, so it is `unknown` and never `pending`.
    """
    query = select(workers, (workers.c.lease < clock(connection)).label("over"))
    others = query.where(workers.c.id != me.id)
    seen = [worker.id for worker in connection.execute(others) if _is_dead(worker, me)]
    # Only the dead are locked, and looked at again: two that lock each other would block both.
    locked = others.where(workers.c.id.in_(seen)).with_for_update(skip_locked=True)
    dead = [worker for worker in connection.execute(locked) if _is_dead(worker, me)] if seen else []
    for worker in dead:
        _give_up(connection, worker.id, worker.lease)
    return len(dead)


def _is_dead(worker: Row[Any], me: Identity) -> bool:
    here = worker.host and worker.host == me.host
    return bool(worker.over or (here and _born(worker.pid) != worker.born))


def _give_up(connection: Connection, worker: str, lease: float | None) -> None:
    theirs = rows.c.worker == worker
    sending = update(rows).where(theirs, rows.c.state == "sending")
    ended = clock(connection) if lease is None else lease
    connection.execute(
        sending.values(
            state="unknown",
            ended_at=ended,
            error="the process ended while this row was being sent",
            checked_at=None,
        )
    )
    connection.execute(update(rows).where(theirs).values(worker=None))
    connection.execute(delete(workers).where(workers.c.id == worker))
