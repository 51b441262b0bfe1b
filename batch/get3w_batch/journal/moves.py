"""Move rows from state to state: the one place that writes a row's state while a batch runs.

    pending   -> sending    only by the worker that has the row, within the cap on cost
    sending   -> pending    the server said "not now", or nothing was sent
    sending   -> refused    the server said no
    sending   -> unknown    no clear answer came
    sending   -> accepted   the answer named a task; from unknown too, for news that come late
    unknown   -> accepted   the task was found
    accepted  -> completed, failed

A move that was made already may be made again: after a commit whose answer was lost, all of the
transaction is repeated.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Literal, TypeAlias

from sqlalchemy import bindparam, select, update

from get3w_batch.journal.tables import folders, meta, rows
from get3w_batch.journal.workers import Identity, renew

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Connection, Row, Update

    from get3w_batch.results import State

Verdict: TypeAlias = Literal["done", "over the cap", "not ours"]
"""What a move came to. *not ours*: the row is another worker's, or moved on since."""

_FROM: Final[dict[str, frozenset[str]]] = {
    "sending": frozenset({"pending"}),
    "pending": frozenset({"sending", "pending"}),
    "refused": frozenset({"sending", "pending"}),
    "unknown": frozenset({"sending", "unknown"}),
    "accepted": frozenset({"sending", "unknown", "accepted"}),
    "completed": frozenset({"accepted"}),
    "failed": frozenset({"accepted"}),
}
# Moves to these change what is reserved.
_CHANGES_AMOUNTS: Final = frozenset({"sending", "pending", "refused"})
# States in which a submit may have cost something.
BILLABLE: Final = frozenset({"sending", "accepted", "completed", "failed", "unknown"})


@dataclass(frozen=True, slots=True)
class Move:
    """A row's move to another state.

    Attributes:
        key: The row.
        state: Where to.
        attempt: The submit that this is about; None before there is one.
        values: What else is written.
    """

    key: str
    state: State
    attempt: str | None
    values: dict[str, Any] = field(default_factory=dict[str, Any])


def apply_moves(connection: Connection, me: Identity, moves: Sequence[Move]) -> list[Verdict]:
    """Make moves in the transaction of *connection*, and return what each came to."""
    alive = renew(connection, me)
    keys = sorted({move.key for move in moves})
    found = {row.key: row for row in connection.execute(_FOUND, {"keys": keys})}
    amounts = dict[str, int]()
    if any(move.state in _CHANGES_AMOUNTS for move in moves):
        amounts = {row.name: int(row.value) for row in connection.execute(_AMOUNTS)}
    reserved, cap = amounts.get("reserved", 0), amounts.get("cap")
    before = reserved
    verdicts = list[Verdict]()
    changes: defaultdict[tuple[str, ...], list[dict[str, Any]]] = defaultdict(list)
    for move in moves:
        row = found.get(move.key)
        verdict = "not ours" if row is None else _judge(row, move, me, alive=alive)
        if verdict == "done" and row is not None and row.state != move.state:
            estimate = row.estimate or 0
            if move.state == "sending":
                if cap is not None and reserved + estimate > cap:
                    verdicts.append("over the cap")
                    continue
                reserved += estimate
            elif move.state not in BILLABLE and row.state in BILLABLE:
                reserved -= estimate
        if verdict == "done" and row is not None:
            values = {"state": move.state, "attempt": move.attempt, **move.values}
            if row.reported:  # a line of the results is no longer true
                values["reported"] = False
                connection.execute(_STALE, {"of_folder": row.folder})
            changes[(*sorted(values),)].append({**values, "of_key": move.key})
        verdicts.append(verdict)
    for names, changed in changes.items():
        connection.execute(_change(names), changed)
    if reserved != before:
        connection.execute(_RESERVE, {"amount": str(reserved)})
    return verdicts


# Built once: building a statement takes longer than running it.
_FOUND = (
    select(
        *(rows.c.key, rows.c.state, rows.c.attempt, rows.c.worker),
        *(rows.c.estimate, rows.c.folder, rows.c.reported),
    )
    .where(rows.c.key.in_(bindparam("keys", expanding=True)))
    .with_for_update()
)
_AMOUNTS = select(meta).where(meta.c.name.in_(["reserved", "cap"])).with_for_update()
_STALE = update(folders).where(folders.c.id == bindparam("of_folder")).values(stale=True)
_RESERVE = update(meta).where(meta.c.name == "reserved").values(value=bindparam("amount"))


@functools.cache
def _change(names: tuple[str, ...]) -> Update:
    statement = update(rows).where(rows.c.key == bindparam("of_key"))
    return statement.values({name: bindparam(name) for name in names})


def _judge(row: Row[*tuple[Any, ...]], move: Move, me: Identity, *, alive: bool) -> Verdict:
    if row.state == move.state and row.attempt == move.attempt:
        return "done"
    if row.state not in _FROM[move.state]:
        return "not ours"
    mine = alive and row.worker == me.id
    if row.state == "pending":  # no attempt counts yet
        return "done" if mine else "not ours"
    if move.state == "pending" and not mine:
        return "not ours"  # who took it over judges it
    return "done" if row.attempt == move.attempt else "not ours"
