"""`Batch`: many submits as one, resumable, each paid for at most once."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from get3w_core import AsyncClient, Get3WError, ModelRequest

from get3w_batch.engine.engine import Engine
from get3w_batch.engine.limiter import Limiter
from get3w_batch.engine.prices import Estimate, estimate, settle_costs
from get3w_batch.engine.shared import Settings, Shared, words_of
from get3w_batch.errors import BatchError
from get3w_batch.journal.journal import Journal
from get3w_batch.journal.loading import (
    Retry,
    enter_folder,
    load_rows,
    names_local_files,
    retry,
)
from get3w_batch.journal.money import Money, money, set_cap, set_prices
from get3w_batch.journal.report import count_states, folder_id, report, reported
from get3w_batch.journal.workers import bury_the_dead, register
from get3w_batch.progress import Progress
from get3w_batch.results import Result, Summary
from get3w_batch.rows.checking import CheckedRows, check_file, check_requests

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from get3w_batch.on_ray.options import RayCluster
    from get3w_batch.results import State
    from get3w_batch.rows.bodies import Columns

T = TypeVar("T")

_AHEAD = 1_000  # results that may wait for whoever iterates
_SETTLED = ("completed", "failed", "refused", "unknown")


class Batch:
    """Runs many requests, and resumes where an earlier run with the same journal ended.

    `run()` blocks, `await run_async()` does not, and `async for result in batch` yields each row's
    result as it is known, those of earlier runs first. All requests are checked before the first
    is sent. A request that was sent and not answered is looked for in the account's records, and
    is `unknown` if it is not found; it is never sent again unless `retry` says so.

    Args:
        requests: The requests, in a stable order; equal ones are rows of their own.
        journal: The journal: a path of an SQLite file, or an address such as
            `postgresql://user@host/name`; by default `journal.sqlite` in *out*.
        out: The folder for `results.jsonl` and `files/`; without one, nothing is saved but the
            journal.
        client: The client to send with; by default one of the environment's settings.
        concurrency: How many tasks run at once at most, over all processes of the batch.
        max_cost: What the whole batch may cost in USD; a row is reserved for by its estimate.
        price: The price of each row in USD, where the list of models has none or a wrong one.
        retry: States of which the rows are sent again: "failed", "refused", "unknown".
        skip_invalid: Go on without rows that do not fit their model; they count as refused.
        download: Whether outputs are saved under *out*.
        within: Seconds in which the task of a row of unknown outcome is looked for.
        patience: Seconds for which a server or a database that does not answer is tried.
        engine: Where the rows are worked on: on a Ray cluster, or by default in this process.

    Attributes:
        started: Whether something may have been sent.
        summary: What became of it, once a run is over.
        estimate: What it may cost, once all requests are checked.
        on_estimate: Called with that before anything is sent.

    Raises:
        BatchError: Neither *journal* nor *out* is given, or *engine* cannot work with the rest.
    """

    def __init__(
        self,
        requests: Iterable[ModelRequest],
        *,
        journal: str | Path | None = None,
        out: str | Path | None = None,
        client: AsyncClient | None = None,
        concurrency: int = 64,
        max_cost: float | None = None,
        price: float | None = None,
        retry: Iterable[Retry] = (),
        skip_invalid: bool = False,
        download: bool = True,
        within: float = 30.0,
        patience: float = 120.0,
        engine: RayCluster | None = None,
    ) -> None:
        if journal is None and out is None:
            raise BatchError("A batch needs journal= or out=: where what it does is written down")
        folder = None if out is None else Path(out)
        self._journal_place = journal or Path(out or "") / "journal.sqlite"
        self._engine = engine
        if engine is not None:
            engine.check(self._journal_place)
            if client is not None:
                raise BatchError(
                    "On Ray each worker makes a client of its own: set GET3W_API_KEY and"
                    " GET3W_BASE_URL, and give no client="
                )
        self._settings = Settings(
            out=folder,
            download=download,
            concurrency=max(1, concurrency),
            within=within,
            patience=patience,
        )
        self._check: Callable[[], CheckedRows] = lambda: check_requests(requests)
        self._given_client = client
        self._max_cost, self._price = max_cost, price
        self._retry, self._skip_invalid = tuple(retry), skip_invalid
        self._stop: str | None = None
        self._shared: Shared | None = None
        self._rows, self._began, self._before = 0, time.monotonic(), dict[str, int]()
        self._money = Money(0.0, 0.0, 0)
        self.started: bool = False
        self.summary: Summary | None = None
        self.estimate: Estimate | None = None
        self.on_estimate: Callable[[Estimate, CheckedRows], object] | None = None

    @classmethod
    def from_file(
        cls,
        source: str,
        columns: Columns,
        *,
        given_format: str | None = None,
        journal: str | Path | None = None,
        out: str | Path | None = None,
        client: AsyncClient | None = None,
        concurrency: int = 64,
        max_cost: float | None = None,
        price: float | None = None,
        retry: Iterable[Retry] = (),
        skip_invalid: bool = False,
        download: bool = True,
        within: float = 30.0,
        patience: float = 120.0,
        engine: RayCluster | None = None,
    ) -> Batch:
        """Return the batch of the rows of a file; see the class for the other arguments.

        Args:
            source: A file of JSONL, CSV or Parquet, or `-` for standard input.
            columns: How its columns become parameters.
            given_format: The format, where the name does not say it.
            journal: As for the class.
            out: As for the class.
            client: As for the class.
            concurrency: As for the class.
            max_cost: As for the class.
            price: As for the class.
            retry: As for the class.
            skip_invalid: As for the class.
            download: As for the class.
            within: As for the class.
            patience: As for the class.
            engine: As for the class.
        """
        batch = cls(
            (),
            journal=journal,
            out=out,
            client=client,
            concurrency=concurrency,
            max_cost=max_cost,
            price=price,
            retry=retry,
            skip_invalid=skip_invalid,
            download=download,
            within=within,
            patience=patience,
            engine=engine,
        )
        batch._check = lambda: check_file(source, columns, given_format)
        return batch

    def run(self) -> Summary:
        """Run until every row is settled or the batch is stopped, and return what became of it.

        Raises:
            RowsError: Some rows do not fit their models; nothing was sent.
            BatchError: It cannot be run as it was asked for; nothing was sent.
            JournalError: The journal cannot be used.
            ConfigurationError: The client has no key.
        """
        return asyncio.run(self.run_async())

    async def run_async(self) -> Summary:
        """Run like `run`, with asyncio."""
        return await self._run(_ignore, replay=False)

    def stop(self, reason: str = "it was asked to stop") -> None:
        """Send nothing more; the run ends once all that is paid for has ended and is saved."""
        self._stop = reason
        if self._shared is not None:
            self._shared.stop(reason)

    def progress(self) -> Progress:
        """Return how far the batch is."""
        shared = self._shared
        done = {} if shared is None else shared.done
        counts = {state: self._before.get(state, 0) + done.get(state, 0) for state in _SETTLED}
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

    def __aiter__(self) -> AsyncIterator[Result]:
        return self._iterate()

    async def _iterate(self) -> AsyncGenerator[Result, None]:
        waiting: asyncio.Queue[list[Result] | None] = asyncio.Queue(_AHEAD)

        async def run() -> None:
            try:
                await self._run(waiting.put, replay=True)
            finally:
                await waiting.put(None)

        running = asyncio.create_task(run())
        try:
            while (results := await waiting.get()) is not None:
                for result in results:
                    yield result
            await running
        finally:
            running.cancel()
            with suppress(asyncio.CancelledError):
                await running

    async def _run(
        self, deliver: Callable[[list[Result]], Awaitable[None]], *, replay: bool
    ) -> Summary:
        client = self._given_client or AsyncClient()
        try:
            with await asyncio.to_thread(self._check) as checked:
                if not self._skip_invalid:
                    checked.raise_problems()
                self._rows = checked.count
                self.estimate = await self._estimate(client, checked)
                journal = await asyncio.to_thread(
                    lambda: Journal(self._journal_place, patience=self._settings.patience)
                )
                try:
                    return await self._run_with(client, journal, checked, deliver, replay=replay)
                finally:
                    await asyncio.to_thread(journal.close)
        finally:
            if self._given_client is None:
                await client.aclose()

    async def _estimate(self, client: AsyncClient, checked: CheckedRows) -> Estimate:
        found = await estimate(client, checked, self._price)
        if self._max_cost is not None and found.unknown:
            raise BatchError(
                f"No price is known of {', '.join(found.unknown)}, so max_cost cannot be kept:"
                " give price= (--price), the USD that a row costs"
            )
        if self.on_estimate is not None:
            self.on_estimate(found, checked)
        return found

    async def _run_with(
        self,
        client: AsyncClient,
        journal: Journal,
        checked: CheckedRows,
        deliver: Callable[[list[Result]], Awaitable[None]],
        *,
        replay: bool,
    ) -> Summary:
        out = self._settings.out
        folder = await asyncio.to_thread(folder_id, out)
        prices: Mapping[str, float | None] = {}
        if self.estimate is not None:
            prices = self.estimate.prices

        def prepare(connection: Connection) -> dict[State, int]:
            bury_the_dead(connection, journal.me)
            enter_folder(connection, folder)
            load_rows(connection, journal.me, checked, client.base_url, folder)
            for state in self._retry:
                retry(connection, state)
            set_prices(connection, prices)
            set_cap(connection, self._max_cost)
            register(connection, journal.me)  # many rows take longer to load than a lease lasts
            return count_states(connection)[0]

        counts = await journal.call(prepare)
        self._before = {state: count for state, count in counts.items() if state != "unknown"}
        self._began, self.started = time.monotonic(), True
        self._shared = shared = Shared(
            settings=self._settings,
            # Attempts are this package's own, so that what is under way is in the journal.
            client=client.with_options(submit_deadline=0),
            journal=journal,
            folder=folder,
            limiter=Limiter(self._settings.concurrency),
            types=checked.types,
        )
        if self._stop is not None:
            shared.stop(self._stop)
        if replay:
            await self._replay(journal, folder, deliver)
        if self._engine is None:
            await Engine(shared, deliver).run()
        else:
            await self._run_on_ray(self._engine, shared, deliver)
        with suppress(Get3WError):  # what is not known is said by the summary
            await settle_costs(client, journal)
        self.summary = await self._summary(journal, folder, shared.stopped)
        return self.summary

    async def _run_on_ray(
        self,
        cluster: RayCluster,
        shared: Shared,
        deliver: Callable[[list[Result]], Awaitable[None]],
    ) -> None:
        # Ray is loaded by these alone, so that a batch in this process needs none.
        from get3w_batch.on_ray.driver import Driver
        from get3w_batch.on_ray.options import Orders

        settings = self._settings
        if settings.out is not None:
            settings = replace(settings, out=settings.out.absolute())
        local_files = await shared.journal.call(names_local_files)
        orders = Orders(
            journal=str(self._journal_place),
            base_url=shared.client.base_url,
            settings=settings,
            folder=shared.folder,
            types=dict(shared.types),
            needs_folder=settings.out is not None and (settings.download or local_files),
        )
        await Driver(shared, deliver, cluster, orders).run()

    async def _replay(
        self,
        journal: Journal,
        folder: str,
        deliver: Callable[[list[Result]], Awaitable[None]],
    ) -> None:
        """Deliver the results of earlier runs, but for those that are looked into anew."""
        after = ""

        def read(connection: Connection) -> list[Result]:
            return reported(connection, folder, after, 500)

        while results := await journal.call(read):
            after = results[-1].key
            known = [each for each in results if each.status != "unknown" and each.row is not None]
            await deliver(known)

    async def _summary(self, journal: Journal, folder: str, stopped: str | None) -> Summary:
        def read(connection: Connection) -> tuple[dict[State, int], int, Money]:
            if self._settings.out is not None:
                report(connection, self._settings.out, folder)  # with the costs that are known now
            return *count_states(connection), money(connection)

        try:
            counts, incomplete, cost = await journal.call(read)
        except OSError as error:
            stopped = stopped or words_of(error)
            counts, incomplete = await journal.call(count_states)
            cost = await journal.call(money)
        self._money = cost
        return Summary(
            rows=sum(counts.values()),
            counts=counts,
            incomplete=incomplete,
            cost=cost.cost,
            reserved=cost.reserved,
            unpriced=cost.unpriced,
            stopped=stopped,
        )


async def _ignore(_: list[Result]) -> None:
    """Take results that nobody iterates over."""
