"""What rows are estimated to cost, what is reserved, and what the billing records say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, or_, select, update

from get3w_batch.journal.database import read_meta, write_meta
from get3w_batch.journal.moves import BILLABLE
from get3w_batch.journal.tables import MICRO, folders, meta, past, rows

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Money:
    """What a batch costs, in USD.

    Attributes:
        cost: What the records say.
        reserved: The same, with estimates for what has no record.
        unpriced: How many submits have neither.
    """

    cost: float
    reserved: float
    unpriced: int


def set_prices(connection: Connection, prices: Mapping[str, float | None]) -> None:
    """Write the estimates of the rows that were not sent yet, by model."""
    for model, price in prices.items():
        estimate = None if price is None else round(price * MICRO)
        waiting = update(rows).where(rows.c.state.in_(["pending", "refused"]))
        connection.execute(waiting.where(rows.c.model == model).values(estimate=estimate))


def set_cap(connection: Connection, cap: float | None) -> None:
    """Set what the whole batch may cost, and count what is reserved already."""
    if cap is None:
        connection.execute(delete(meta).where(meta.c.name == "cap"))
    else:
        write_meta(connection, "cap", str(round(cap * MICRO)))
    count_reserved(connection)


def count_reserved(connection: Connection) -> None:
    """Count anew what is reserved or spent."""
    read_meta(connection, "reserved", lock=True)
    write_meta(connection, "reserved", str(round(money(connection).reserved * MICRO)))


def money(connection: Connection) -> Money:
    """Return what the batch costs so far."""
    cost, reserved, unpriced = 0, 0, 0
    for table in (rows, past):
        known = func.coalesce(table.c.cost, table.c.estimate)
        query = select(
            func.coalesce(func.sum(table.c.cost), 0),
            func.coalesce(func.sum(known), 0),
            func.count() - func.count(known),
        ).where(table.c.state.in_(BILLABLE))
        one, two, three = connection.execute(query).one()
        cost, reserved, unpriced = cost + int(one), reserved + int(two), unpriced + int(three)
    return Money(cost / MICRO, reserved / MICRO, unpriced)


def unsettled(connection: Connection) -> tuple[int, int]:
    """Return how many tasks have no cost yet, and how many have failed and may be refunded."""
    waiting, failed = 0, 0
    for table in (rows, past):
        count = select(func.count()).where(table.c.task.is_not(None))
        waiting += connection.scalar(count.where(table.c.cost.is_(None))) or 0
        failed += connection.scalar(count.where(table.c.state == "failed")) or 0
    return waiting, failed


def settle(connection: Connection, amounts: Iterable[tuple[str, float]]) -> int:
    """Write what tasks cost, and return how many of these are the batch's and were not known.

    Args:
        connection: The transaction.
        amounts: Tasks, each with the sum of its records; what was paid is negative there.
    """
    changed = 0
    values = [{"of_task": task, "new": -round(amount * MICRO)} for task, amount in amounts]
    for table in (rows, past):
        statement = update(table).where(
            table.c.task == bindparam("of_task"),
            or_(table.c.cost.is_(None), table.c.cost != bindparam("new")),
        )
        if values:
            changed += connection.execute(statement.values(cost=bindparam("new")), values).rowcount
    if changed:
        connection.execute(update(folders).values(stale=True))
        count_reserved(connection)
    return changed
