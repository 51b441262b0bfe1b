"""One limit for the account: how many tasks run at once, over all workers of a journal.

The limit follows the server's refusals: each accepted task lets one more run, until the first
refusal; from then on a round of accepted tasks does. A refusal halves it, once for all that was
sent before it was known, and nothing is sent for a while: as long as the server asked, or for a
pause that doubles.

Each worker has a share of the limit, and sends only within that. One transaction at a time changes
a share, and none takes more than the others leave; so the shares add up to the limit at most. What
runs already when the limit falls, or when its worker dies, stays counted until it ends.
"""

from __future__ import annotations

import json
import random
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Final

from sqlalchemy import func, select, update

from get3w_batch.journal.database import clock, read_meta, write_meta
from get3w_batch.journal.tables import rows, workers

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from get3w_batch.journal.workers import Identity

_FIRST: Final = 4.0
_PAUSE: Final = 0.5
_LONGEST: Final = 30.0  # before up to a quarter is added by chance


@dataclass(slots=True)
class AccountLimit:
    """How many tasks the account seems to allow at once.

    Attributes:
        value: So many.
        careful: Whether the server refused something: from then on it grows slowly.
        pause: Seconds that the last refusal without Retry-After asked to wait; the next doubles it.
        halved_at: When it was last halved, by the journal's clock.
        resume_at: Until when nothing may be sent, by the journal's clock.
        seen_at: When it was last looked at, by the journal's clock.
    """

    value: float = _FIRST
    careful: bool = False
    pause: float = _PAUSE
    halved_at: float = 0.0
    resume_at: float = 0.0
    seen_at: float = 0.0

    def look(self, now: float) -> None:
        """Note the time; where the clock was put back, what is to come stays as far away."""
        back = max(0.0, self.seen_at - now)
        self.halved_at -= back
        self.resume_at -= back
        self.seen_at = now

    def accepted(self, count: int, most: int) -> None:
        """Note that the server took *count* tasks; the value stays within 1 and *most*."""
        if count:
            self.pause = _PAUSE
        for _ in range(count):
            self.value += 1 / self.value if self.careful else 1
        self.value = max(1.0, min(self.value, most))

    def refused(
        self, sent_at: float, now: float, in_flight: int, retry_after: float | None
    ) -> None:
        """Note that the server refused what was sent at *sent_at*, with so many in flight."""
        if sent_at > self.halved_at:
            self.halved_at = now
            self.value = max(1.0, min(self.value, in_flight) / 2)
            self.pause = min(self.pause * 2, _LONGEST)
        self.careful = True
        wait = self.pause if retry_after is None else retry_after
        wait *= 1 + random.random() / 4  # noqa: S311 - spreads those that wait, and guards nothing
        self.resume_at = max(self.resume_at, now + wait)


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refusal for want of room.

    Attributes:
        age: How many seconds ago the refused submit was sent.
        retry_after: How many seconds the server asked to wait, or None.
    """

    age: float
    retry_after: float | None


@dataclass(frozen=True, slots=True)
class News:
    """What a worker says of itself when it asks for a share.

    Attributes:
        busy: How many tasks it has under way.
        most: How many tasks it would let run at once, over all workers.
        takes_part: Whether it has anything to send or to wait for.
        accepted: How many tasks were accepted since it last asked.
        refusals: The refusals since then.
    """

    busy: int
    most: int
    takes_part: bool
    accepted: int = 0
    refusals: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Share:
    """What a worker may do.

    Attributes:
        limit: How many tasks the account seems to allow.
        share: How many of them this worker may have under way; it may have more from before.
        pause: Seconds until anything may be sent.
    """

    limit: float
    share: int
    pause: float


def take_share(connection: Connection, me: Identity, news: News) -> Share:
    """Take in what a worker says, and return its share; its lease must be its own still."""
    limit = AccountLimit(**json.loads(read_meta(connection, "limit", lock=True) or "{}"))
    known = select(workers.c.id, workers.c.share).where(workers.c.share.is_not(None))
    shares = {str(worker): int(share) for worker, share in connection.execute(known)}
    now = float(connection.scalar(select(clock(connection))) or 0)
    limit.look(now)
    if news.takes_part and not shares:  # nobody was at it: what was learnt may be old
        limit = AccountLimit(resume_at=limit.resume_at, seen_at=now)
    limit.accepted(news.accepted, news.most)
    for refusal in news.refusals:
        there = _open_tasks(connection)
        limit.refused(now - refusal.age, now, there, refusal.retry_after)
    write_meta(connection, "limit", json.dumps(asdict(limit)))
    others = {worker: share for worker, share in shares.items() if worker != me.id}
    share = 0
    if news.takes_part:
        each, rest = divmod(int(limit.value), len(others) + 1)
        fair = each + (sum(other < me.id for other in others) < rest)
        left = int(limit.value) - sum(others.values()) - _in_no_hands(connection)
        share = max(0, min(fair, left))
    taken = max(share, news.busy) if news.takes_part else None
    mine = update(workers).where(workers.c.id == me.id)
    connection.execute(mine.values(share=taken, busy=news.busy))
    return Share(limit.value, share, max(0.0, limit.resume_at - now))


def current_limit(connection: Connection) -> tuple[float, int]:
    """Return how many tasks the account seems to allow, and how many all workers have."""
    limit = AccountLimit(**json.loads(read_meta(connection, "limit") or "{}"))
    return limit.value, connection.scalar(select(func.sum(workers.c.busy))) or 0


def _open_tasks(connection: Connection) -> int:
    """Return how many rows are being sent, or have a task that was not seen to end."""
    query = select(func.count()).where(rows.c.state.in_(["sending", "accepted"]))
    return connection.scalar(query) or 0


def _in_no_hands(connection: Connection) -> int:
    """Return how many tasks were left by workers that died, and are nobody's yet."""
    query = select(func.count()).where(rows.c.state == "accepted", rows.c.worker.is_(None))
    return connection.scalar(query) or 0
