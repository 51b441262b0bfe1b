"""The thread that a batch's journal is written in: what many rows wait for is one transaction."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
import time
from collections import deque
from concurrent.futures import Future
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar, cast

from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from get3w_batch.errors import JournalError
from get3w_batch.journal.database import is_lost, open_database, reason, shown
from get3w_batch.journal.moves import Move, Verdict, apply_moves
from get3w_batch.journal.workers import LEASE, leave, own_identity, register

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sqlalchemy import Connection

T = TypeVar("T")

_MOST_AT_ONCE: Final = 500
_PAUSE: Final = 0.5
_PATIENCE: Final = 60.0


@dataclass(frozen=True, slots=True)
class _Call(Generic[T]):
    work: Callable[[Connection], T]
    future: Future[T]


@dataclass(frozen=True, slots=True)
class _Moving:
    move: Move
    future: Future[Verdict]


class Journal:
    """A journal that is open, with a worker of its own in it.

    Attributes:
        me: The worker.

    Args:
        place: A path of an SQLite file, or an address of PostgreSQL.
        patience: Seconds for which a database that does not answer is asked again.

    Raises:
        JournalError: It cannot be opened, or is of a newer version.
    """

    def __init__(self, place: str | Path, *, patience: float = _PATIENCE) -> None:
        self.me = own_identity()
        self._name = shown(place)
        self._patience = patience
        self._engine = open_database(place)
        self._queue: queue.SimpleQueue[_Call[Any] | _Moving | None] = queue.SimpleQueue()
        self._renewed = time.monotonic()
        with self._engine.begin() as connection:
            register(connection, self.me)
        self._thread = threading.Thread(target=self._work, name="get3w-batch journal", daemon=True)
        self._thread.start()

    @property
    def is_fresh(self) -> bool:
        """Whether the lease holds for long enough to send what was just committed."""
        return time.monotonic() - self._renewed < LEASE / 2

    async def move(self, move: Move) -> Verdict:
        """Make a move; it is on disk when this returns.

        Raises:
            JournalError: The database does not answer.
        """
        future: Future[Verdict] = Future()
        self._queue.put(_Moving(move, future))
        return await asyncio.wrap_future(future)

    async def call(self, work: Callable[[Connection], T]) -> T:
        """Run *work* in a transaction of its own; it may be run again after a lost commit.

        Raises:
            JournalError: The database does not answer.
        """
        future: Future[T] = Future()
        self._queue.put(_Call(work, future))
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Write what is waiting, give the rows back, and close the database."""
        self._queue.put(_Call(lambda connection: leave(connection, self.me), Future()))
        self._queue.put(None)
        self._thread.join()
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
                    self._answer(item)
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
            for each in moving:
                _fail(each.future, self._explained(error))
        else:
            self._renewed = begun
            for each, verdict in zip(moving, verdicts, strict=True):
                _settle(each.future, verdict)

    def _answer(self, call: _Call[Any]) -> None:
        try:
            result = self._commit(call.work)
        except Exception as error:  # noqa: BLE001 - it belongs to whoever waits
            _fail(call.future, self._explained(error))
        else:
            _settle(call.future, result)

    def _commit(self, work: Callable[[Connection], T]) -> T:
        """Run *work* in a transaction, and again while the database does not answer."""
        deadline = time.monotonic() + self._patience
        while True:
            try:
                with self._engine.begin() as connection:
                    return work(connection)
            except SQLAlchemyError as error:
                if not is_lost(error):
                    raise
                if time.monotonic() + _PAUSE > deadline:
                    self._patience = 0.0  # whoever comes next need not wait for as long
                    raise
            time.sleep(_PAUSE)

    def _explained(self, error: Exception) -> Exception:
        if not isinstance(error, SQLAlchemyError):
            return error
        return JournalError(f"The journal {self._name} cannot be written: {reason(error)}")


def _contested(move: Move) -> Move:
    """Return what is left of a move to a task that is another row's already."""
    error = f"the task {move.values.get('task')!r} that was named is another row's already"
    return Move(move.key, "unknown", move.attempt, {"error": error, "worker": None})


def _settle(future: Future[T], result: T) -> None:
    if future.set_running_or_notify_cancel():
        future.set_result(result)


def _fail(future: Future[Any], error: Exception) -> None:
    if future.set_running_or_notify_cancel():
        future.set_exception(error)
