"""The thread that a batch's journal is written in: what many rows wait for is one transaction."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections import deque
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from get3w_batch.errors import JournalError
from get3w_batch.journal.database import is_lost, open_database, reason, shown
from get3w_batch.journal.moves import Move, Verdict, apply_moves
from get3w_batch.journal.turns import short_turns
from get3w_batch.journal.workers import LEASE, leave, own_identity, register, renew

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from sqlalchemy import Connection

T = TypeVar("T")

_MOST_AT_ONCE: Final = 500
_PAUSE: Final = 0.5
_OUTAGE_TIMEOUT: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Call(Generic[T]):
    work: Callable[[Connection], T]
    future: asyncio.Future[T] | None


@dataclass(frozen=True, slots=True)
class _Moving:
    move: Move
    future: asyncio.Future[Verdict]


class Journal:
    """A journal that is open, with a worker of its own in it.

    Attributes:
        me: The worker.

    Args:
        place: A path of an SQLite file, or an address of PostgreSQL.
        outage_timeout: Seconds for which a database that does not answer is asked again.

    Raises:
        JournalError: It cannot be opened, or is of a newer version.
    """

    def __init__(self, place: str | Path, *, outage_timeout: float = _OUTAGE_TIMEOUT) -> None:
        self.me = own_identity()
        self._name = shown(place)
        self._outage_timeout = outage_timeout
        self._renewed = time.monotonic()
        self._engine = open_database(place, partial(register, me=self.me))
        self._queue: queue.SimpleQueue[_Call[Any] | _Moving | None] = queue.SimpleQueue()
        self._connection: Connection | None = None
        self._thread = threading.Thread(target=self._work, name="get3w-batch journal", daemon=True)
        self._thread.start()
        short_turns.begin()

    @property
    def is_fresh(self) -> bool:
        """Whether the lease holds for long enough to send what was just committed."""
        return time.monotonic() - self._renewed < LEASE / 2

    async def move(self, move: Move) -> Verdict:
        """Make a move; it is on disk when this returns.

        Raises:
            JournalError: The database does not answer.
        """
        future: asyncio.Future[Verdict] = asyncio.get_running_loop().create_future()
        self._queue.put(_Moving(move, future))
        return await future

    async def call(self, work: Callable[[Connection], T]) -> T:
        """Run *work* in a transaction of its own; it may be run again after a lost commit.

        Raises:
            JournalError: The database does not answer.
        """
        future: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._queue.put(_Call(work, future))
        return await future

    def close(self) -> None:
        """Write what is waiting, give the rows back, and close the database."""
        self._queue.put(_Call(lambda connection: leave(connection, self.me), None))
        self._queue.put(None)
        self._thread.join()
        short_turns.end()
        self._disconnect()
        self._engine.dispose()

    def _work(self) -> None:
        waiting: deque[_Call[Any] | _Moving | None] = deque()
        while True:
            waiting.append(self._queue.get())
            with contextlib.suppress(queue.Empty):
                while len(waiting) < _MOST_AT_ONCE:
                    waiting.append(self._queue.get_nowait())
            while waiting:
                item = waiting.popleft()
                if item is None:
                    return
                if isinstance(item, _Call):
                    self._run(item)
                    continue
                moving = [item]
                while waiting and isinstance(waiting[0], _Moving):
                    moving.append(cast("_Moving", waiting.popleft()))
                self._make(moving)

    def _make(self, moving: list[_Moving]) -> None:
        moves, begun = [each.move for each in moving], time.monotonic()
        try:
            verdicts = self._commit(lambda connection: apply_moves(connection, self.me, moves))
        except IntegrityError:
            for each in moving:  # one of them names the task of another row: that one alone fails
                move = each.move if len(moving) > 1 else _contested(each.move)
                self._make([_Moving(move, each.future)])
        except Exception as error:  # noqa: BLE001 - it belongs to those that wait
            _answer([(each.future, self._explained(error)) for each in moving])
        else:
            self._renewed = begun
            _answer([(each.future, to) for each, to in zip(moving, verdicts, strict=True)])

    def _run(self, call: _Call[Any]) -> None:
        try:
            result = self._commit(call.work)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits
            result = self._explained(error)
        if call.future is not None:
            _answer([(call.future, result)])

    def _commit(self, work: Callable[[Connection], T]) -> T:
        """Run *work* in a transaction, and again while the database does not answer."""
        deadline = time.monotonic() + self._outage_timeout
        while True:
            try:
                if self._connection is None:
                    self._connection = self._engine.connect()
                with self._connection.begin():
                    begun, result = time.monotonic(), work(self._connection)
                    if time.monotonic() - begun > LEASE / 4:  # nobody else could write so long
                        renew(self._connection, self.me)
                    return result
            except SQLAlchemyError as error:
                self._disconnect()
                if not is_lost(error):
                    raise
                if time.monotonic() + _PAUSE > deadline:
                    self._outage_timeout = 0.0  # whoever comes next need not wait for as long
                    raise
            time.sleep(_PAUSE)

    def _disconnect(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(SQLAlchemyError):
                self._connection.close()
            self._connection = None

    def _explained(self, error: Exception) -> Exception:
        if not isinstance(error, SQLAlchemyError):
            return error
        return JournalError(f"The journal {self._name} cannot be written: {reason(error)}")


def _contested(move: Move) -> Move:
    """Return what is left of a move to a task that is another row's already."""
    error = f"the task {move.values.get('task')!r} that was named is another row's already"
    return Move(move.key, "unknown", move.attempt, {"error": error, "worker": None})


def _answer(answers: Sequence[tuple[asyncio.Future[Any], object]]) -> None:
    """Hand results, or the errors that they are, to those that wait, waking their loop once."""
    with contextlib.suppress(RuntimeError):  # the loop is closed: nobody waits any more
        answers[0][0].get_loop().call_soon_threadsafe(_settle, answers)


def _settle(answers: Sequence[tuple[asyncio.Future[Any], object]]) -> None:
    for future, result in answers:
        if future.done():  # whoever waited was cancelled
            continue
        if isinstance(result, Exception):
            future.set_exception(result)
        else:
            future.set_result(result)
