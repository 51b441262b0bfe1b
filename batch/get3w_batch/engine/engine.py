"""Run a batch: rows out of the journal, one task of asyncio for each that is under way."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections import deque
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from get3w_core import AsyncPrediction

from get3w_batch.engine.failures import first_of
from get3w_batch.engine.reconciler import Reconciler
from get3w_batch.engine.reporting import Reporter
from get3w_batch.engine.sender import Sender
from get3w_batch.engine.shared import Shared
from get3w_batch.engine.waiter import Waiter
from get3w_batch.journal.claims import Claimed, claim_unknown, claim_work
from get3w_batch.journal.limit import Share, take_share
from get3w_batch.journal.report import count_states
from get3w_batch.journal.workers import free_rows_of_dead_workers, renew

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy import Connection

    from get3w_batch.results import Result

_TICK: Final = 1.0
_BETWEEN: Final = 0.1  # two ticks are not closer than this
_LOOKING: Final = 4  # rows of unknown outcome that are looked for at once
_FEWEST: Final = 4  # rows that are claimed at once, at least
_MOST_TAKEN_OVER: Final = 64
_OPEN: Final = ("pending", "sending", "accepted")


class Engine:
    """Runs the rows of a journal until all are settled, or it is stopped.

    Args:
        shared: The state of the run.
        deliver: Takes the results, in the order in which they are written; without it, another
            process writes them.
    """

    def __init__(
        self,
        shared: Shared,
        deliver: Callable[[list[Result]], Awaitable[None]] | None = None,
    ) -> None:
        self._shared = shared
        self._reporter = None if deliver is None else Reporter(shared, deliver)
        self._sender, self._waiter = Sender(shared), Waiter(shared)
        self._reconciler = Reconciler(shared)
        self._claimed: deque[Claimed] = deque()
        self._coming: asyncio.Future[list[Claimed]] | None = None  # claimed before they are needed
        self._again: deque[Claimed] = deque()
        self._under_way = 0
        self._takes_part = False  # whether there is a row to send or to wait for
        self._unsaved = 0  # rows whose task ended, and whose files the next run has to save
        self._changed = asyncio.Event()
        most = shared.settings.concurrency + shared.settings.downloads * 8
        self._bounded = asyncio.Semaphore(most)  # those whose files are waiting, included
        self._saving = asyncio.Semaphore(shared.settings.downloads)
        self._looking = asyncio.Semaphore(_LOOKING)

    async def run(self) -> None:
        """Run until nothing is left to do.

        Raises:
            JournalError: The journal cannot be written; what is known is in the error's notes.
        """
        reporter = self._reporter
        try:
            await self._tick()
            async with asyncio.TaskGroup() as helpers:
                ticking = helpers.create_task(self._tick_always())
                if reporter is not None:
                    helpers.create_task(reporter.run())
                async with asyncio.TaskGroup() as group:
                    await self._feed(group)
                ticking.cancel()
                if reporter is not None:
                    reporter.end()
        except BaseExceptionGroup as group:
            raise first_of(group) from group
        finally:
            if self._coming is not None:
                self._coming.cancel()
        if reporter is not None:
            await reporter.write()

    async def _feed(self, group: asyncio.TaskGroup) -> None:
        """Start a task for each row that may be worked on, until there is none."""
        look_at = 0.0
        looking: asyncio.Task[int] | None = None
        while True:
            row = await self._next()
            self._takes_part = row is not None
            if row is None and self._under_way == 0:
                if not await self._look_around(group) and await self._is_over():
                    return
            elif time.monotonic() >= look_at and (looking is None or looking.done()):
                # Beside the sending, which would wait for the journal twice.
                looking = group.create_task(self._look_around(group))
                look_at = time.monotonic() + _TICK
            if row is None:
                await self._wait()
                continue
            await self._bounded.acquire()
            if row.state == "accepted":
                self._shared.limiter.adopt()
                self._start(group, row, self._resume)
            elif await self._has_room():
                self._start(group, row, self._send)
            else:
                self._bounded.release()
                self._again.appendleft(row)

    async def _look_around(self, group: asyncio.TaskGroup) -> int:
        """Start what others left, and return how many rows of unknown outcome are reconciled."""
        await self._take_over(group)
        unknown = await self._next_unknown()
        for each in unknown:
            self._start(group, each, self._reconcile)
        return len(unknown)

    async def _take_over(self, group: asyncio.TaskGroup) -> None:
        """Wait for tasks that nobody waits for, also while there is no room to send anything."""
        found = await self._claim(_MOST_TAKEN_OVER, new=False)
        for _ in found:  # all of them run, also while some wait for their turn here
            self._shared.limiter.adopt()
        for row in found:
            await self._bounded.acquire()
            self._start(group, row, self._resume)

    async def _has_room(self) -> bool:
        """Wait for room on the account; false if there is none for long, or sending stopped."""
        shared = self._shared
        if shared.limiter.has_room and not shared.stopping.is_set():
            shared.limiter.adopt()
            return True
        room = asyncio.ensure_future(shared.limiter.acquire())
        stop = asyncio.ensure_future(shared.stopping.wait())
        try:
            waited = {room, stop}
            await asyncio.wait(waited, timeout=_TICK, return_when=asyncio.FIRST_COMPLETED)
            taken = room.done()
        finally:
            stop.cancel()
            room.cancel()
        if taken and shared.stopping.is_set():
            shared.limiter.release()
            return False
        return taken

    def _start(
        self, group: asyncio.TaskGroup, row: Claimed, work: Callable[[Claimed], Awaitable[None]]
    ) -> None:
        async def run() -> None:
            try:
                await work(row)
            finally:
                self._under_way -= 1
                self._changed.set()

        self._under_way += 1
        group.create_task(run())

    async def _send(self, row: Claimed) -> None:
        row = replace(row, attempt=uuid.uuid4().hex)
        try:
            found = await self._sender.send(row)
        except BaseException:
            self._free()
            raise
        if isinstance(found, AsyncPrediction):
            await self._finish(row, found)
            return
        self._free()
        if found == "pending":
            self._again.append(row)

    def _free(self) -> None:
        self._shared.limiter.release()
        self._bounded.release()

    async def _resume(self, row: Claimed) -> None:
        assert row.handle is not None, "an accepted row has a handle"
        await self._finish(row, AsyncPrediction.from_json(row.handle, self._shared.client))

    async def _reconcile(self, row: Claimed) -> None:
        async with self._looking:
            handle = await self._reconciler.reconcile(row)
        if handle is not None:
            self._shared.limiter.adopt()
            await self._bounded.acquire()
            await self._finish(row, handle)

    async def _finish(self, row: Claimed, handle: AsyncPrediction) -> None:
        try:
            try:
                state, values = await self._waiter.wait(row, handle)
            finally:
                self._shared.limiter.release()
            if state == "completed":
                async with self._saving:
                    state, more = await self._waiter.save(row, handle)
                values |= more
            await self._waiter.settle(row, state, values)
            if state == "accepted" and row.position is not None:
                self._unsaved += 1
        finally:
            self._bounded.release()

    async def _next(self) -> Claimed | None:
        shared = self._shared
        sending = not shared.stopping.is_set()
        if sending and self._again:
            return self._again.popleft()
        if self._claimed and not sending:
            self._claimed = deque(row for row in self._claimed if row.state == "accepted")
        if not self._claimed:
            coming = self._coming or self._claim_more(new=sending)
            self._coming = None
            self._claimed.extend(await coming)
            return await self._next() if self._claimed else None
        row = self._claimed.popleft()
        if sending and self._coming is None and len(self._claimed) * 2 < shared.limiter.share:
            self._coming = self._claim_more(new=True)
        return row

    def _claim_more(self, *, new: bool) -> asyncio.Future[list[Claimed]]:
        count = max(_FEWEST, self._shared.limiter.share)  # no more: others have room too
        return asyncio.ensure_future(self._claim(count, new=new))

    async def _claim(self, count: int, *, new: bool) -> list[Claimed]:
        journal = self._shared.journal
        return await journal.call(
            lambda connection: claim_work(connection, journal.me, count, new=new)
        )

    async def _next_unknown(self) -> list[Claimed]:
        """Take rows of unknown outcome that this run has not looked for yet."""
        shared, journal = self._shared, self._shared.journal
        return await journal.call(
            lambda connection: claim_unknown(connection, journal.me, _LOOKING * 4, shared.began)
        )

    async def _is_over(self) -> bool:
        """Whether nothing is left for this process: all is settled, or it was stopped."""
        counts, _ = await self._shared.journal.call(count_states)
        if self._shared.stopping.is_set():
            return True
        return sum(counts.get(state, 0) for state in _OPEN) <= self._unsaved

    async def _wait(self) -> None:
        self._changed.clear()
        try:
            await asyncio.wait_for(self._changed.wait(), _TICK)
        except TimeoutError:
            return

    async def _tick(self) -> None:
        """Keep the lease, take the rows of those that died, and share the limit with the others."""
        shared, me = self._shared, self._shared.journal.me
        waiting = sum(row.state == "accepted" for row in self._claimed)
        news = shared.limiter.news(more=waiting, takes_part=self._takes_part)

        def tick(connection: Connection) -> Share | None:
            if not renew(connection, me):
                return None
            free_rows_of_dead_workers(connection, me)
            return take_share(connection, me, news)

        share = await shared.journal.call(tick)
        if share is None:
            shared.stop("this process did not write for so long that others took its rows")
        else:
            shared.limiter.take(share)

    async def _tick_always(self) -> None:
        """Tick each second, and sooner where a new share is needed."""
        asking = self._shared.limiter.asking
        while True:
            await asyncio.sleep(_BETWEEN)
            with suppress(TimeoutError):
                await asyncio.wait_for(asking.wait(), _TICK)
            asking.clear()
            await self._tick()
