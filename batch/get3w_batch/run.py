"""A run of a batch: from its rows to its summary."""

from __future__ import annotations

import asyncio
import threading
import time
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import replace
from typing import TYPE_CHECKING, TypeVar

from get3w_core import AsyncClient, Get3WError

from get3w_batch.engine.engine import Engine
from get3w_batch.engine.limiter import Limiter
from get3w_batch.engine.prices import Estimate, estimate, settle_costs
from get3w_batch.engine.shared import Shared, words_of
from get3w_batch.errors import BatchError
from get3w_batch.journal.journal import Journal
from get3w_batch.journal.loading import enter_folder, load_rows, names_local_files, retry
from get3w_batch.journal.money import Money, money, set_cap, set_prices
from get3w_batch.journal.report import count_states, folder_id, report, reported
from get3w_batch.journal.workers import free_rows_of_dead_workers, register
from get3w_batch.options import Options
from get3w_batch.parquet import write_parquet
from get3w_batch.progress import Progress
from get3w_batch.results import SETTLED, Result, Summary
from get3w_batch.rows.checking import CheckedRows

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from sqlalchemy import Connection

    from get3w_batch.results import State

    Deliver = Callable[[list[Result]], Awaitable[None]]
    OnEstimate = Callable[[Estimate, CheckedRows], object]

_PAGE = 500
T = TypeVar("T")


async def _in_thread(work: Callable[[], T]) -> T:
    """Run *work* in a thread that nobody waits for at the end: standard input may never end."""
    loop, result = asyncio.get_running_loop(), Future[T]()

    def run() -> None:
        try:
            result.set_result(work())
        except BaseException as error:  # noqa: BLE001 - it belongs to whoever waits
            result.set_exception(error)

    threading.Thread(target=run, name="get3w-batch rows", daemon=True).start()
    return await asyncio.wrap_future(result, loop=loop)


class Run:
    """Runs a batch, and knows how far it is.

    Args:
        options: What the batch is asked for.

    Attributes:
        started: Whether something may have been sent.
        estimate: What it may cost, once all rows are checked.
    """

    def __init__(self, options: Options) -> None:
        self._options = options
        self._stop: str | None = None
        self._shared: Shared | None = None
        self._rows, self._began, self._before = 0, time.monotonic(), dict[str, int]()
        self._money = Money(0.0, 0.0, 0)
        self.started: bool = False
        self.estimate: Estimate | None = None

    def stop(self, reason: str) -> None:
        """Send nothing more, in this run and in any later one of this object."""
        self._stop = reason
        if self._shared is not None:
            self._shared.stop(reason)

    def progress(self) -> Progress:
        """Return how far it is."""
        shared = self._shared
        done = {} if shared is None else shared.done
        counts: dict[str, int] = {
            state: self._before.get(state, 0) + done.get(state, 0) for state in SETTLED
        }
        return Progress(
            rows=self._rows,
            settled=sum(counts.values()),
            now=sum(done.values()),
            seconds=time.monotonic() - self._began,
            in_flight=0 if shared is None else shared.limiter.busy,
            limit=0 if shared is None else int(shared.limiter.limit),
            counts=counts,
            cost=self._money.reserved,
        )

    async def run(
        self,
        check: Callable[[], CheckedRows],
        deliver: Deliver,
        on_estimate: OnEstimate | None,
        *,
        replay: bool,
    ) -> Summary:
        """Run until every row is settled or the batch is stopped.

        Args:
            check: Reads the rows and checks them.
            deliver: Takes the results, in the order in which they are written.
            on_estimate: Called with the estimate before anything is sent.
            replay: Whether the results of earlier runs are delivered first.
        """
        options = self._options
        client = options.client or AsyncClient()
        try:
            with await _in_thread(check) as checked:
                if not options.skip_invalid:
                    checked.raise_problems()
                self._rows = checked.count
                self.estimate = await self._estimate(client, checked)
                journal = await asyncio.to_thread(
                    lambda: Journal(options.place, outage_timeout=options.settings.outage_timeout)
                )
                try:
                    shared = await self._begin(client, journal, checked, self.estimate.prices)
                    if on_estimate is not None:
                        on_estimate(self.estimate, checked)
                    if replay:
                        await self._replay(shared, deliver)
                    await self._work(shared, deliver)
                    with suppress(Get3WError):  # what is not known is said by the summary
                        await settle_costs(client, journal)
                    return await self._summary(shared)
                finally:
                    await asyncio.to_thread(journal.close)
        finally:
            if options.client is None:
                await client.aclose()

    async def _estimate(self, client: AsyncClient, checked: CheckedRows) -> Estimate:
        found = await estimate(client, checked, self._options.price)
        if self._options.max_cost is not None and found.unknown:
            raise BatchError(
                f"No price is known of {', '.join(found.unknown)}, so max_cost cannot be kept:"
                " give price= (--price), the USD that a row costs"
            )
        return found

    async def _begin(
        self,
        client: AsyncClient,
        journal: Journal,
        checked: CheckedRows,
        prices: Mapping[str, float | None],
    ) -> Shared:
        """Bring the rows into the journal, and return what the engine works with."""
        options = self._options
        try:
            folder = await asyncio.to_thread(folder_id, options.settings.out)
        except OSError as error:
            raise BatchError(f"Nothing can be written to the folder of results: {error}") from error

        def prepare(connection: Connection) -> dict[State, int]:
            free_rows_of_dead_workers(connection, journal.me)
            enter_folder(connection, folder, options.settings.out)
            load_rows(connection, journal.me, checked, client.base_url, folder)
            for state in options.retry:
                retry(connection, state)
            set_prices(connection, prices)
            set_cap(connection, options.max_cost)
            register(connection, journal.me)  # many rows take longer to load than a lease lasts
            return count_states(connection)[0]

        counts = await journal.call(prepare)
        self._before = {state: count for state, count in counts.items() if state != "unknown"}
        self._began, self.started = time.monotonic(), True
        self._shared = shared = Shared(
            settings=options.settings,
            # Attempts are this package's own, so that what is under way is in the journal.
            client=client.with_options(submit_deadline=0),
            journal=journal,
            folder=folder,
            limiter=Limiter(options.settings.concurrency),
            types=checked.types,
            webhooks=options.webhooks,
        )
        if self._stop is not None:
            shared.stop(self._stop)
        return shared

    async def _replay(self, shared: Shared, deliver: Deliver) -> None:
        """Deliver the results of earlier runs, but for those that are reconciled again."""
        after = ""

        def read(connection: Connection) -> list[Result]:
            return reported(connection, shared.folder, after, _PAGE)

        while results := await shared.journal.call(read):
            after = results[-1].key
            known = [each for each in results if each.status != "unknown" and each.row is not None]
            await deliver(known)

    async def _work(self, shared: Shared, deliver: Deliver) -> None:
        options = self._options
        if options.engine is None:
            await Engine(shared, deliver).run()
            return
        # Ray is loaded by these alone, so that a batch in this process needs none.
        from get3w_batch.on_ray.driver import Driver
        from get3w_batch.on_ray.options import Orders

        settings = options.settings
        if settings.out is not None:
            settings = replace(settings, out=settings.out.absolute())
        local_files = await shared.journal.call(names_local_files)
        orders = Orders(
            journal=str(options.place),
            base_url=shared.client.base_url,
            settings=settings,
            folder=shared.folder,
            types=dict(shared.types),
            needs_folder=settings.out is not None and (settings.download or local_files),
        )
        await Driver(shared, deliver, options.engine, orders).run()

    async def _summary(self, shared: Shared) -> Summary:
        journal, out = shared.journal, self._options.settings.out
        stopped, written = shared.stopped, True
        try:
            if out is not None:  # once more, with the costs that are known now
                await journal.call(lambda connection: report(connection, out, shared.folder))
                if self._options.results == "parquet":
                    await asyncio.to_thread(write_parquet, out)
        except OSError as error:
            written = False
            stopped = stopped or f"results cannot be written: {words_of(error)}"
        counts, incomplete = await journal.call(count_states)
        self._money = cost = await journal.call(money)
        return Summary(
            rows=sum(counts.values()),
            counts=counts,
            incomplete=incomplete,
            cost=cost.cost,
            reserved=cost.reserved,
            unpriced=cost.unpriced,
            stopped=stopped,
            written=written,
        )
