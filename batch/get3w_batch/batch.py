"""`Batch`: run many requests as one resumable job; only `retry` sends a paid one again."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from get3w_batch.engine.shared import Settings
from get3w_batch.options import Options, ResultsFormat, RowFile, check
from get3w_batch.run import Run

if TYPE_CHECKING:
    from get3w_core import AsyncClient, ModelRequest

    from get3w_batch.engine.prices import Estimate
    from get3w_batch.engine.webhooks import BatchWebhooks
    from get3w_batch.journal.loading import Retry
    from get3w_batch.on_ray.options import RayCluster
    from get3w_batch.progress import Progress
    from get3w_batch.results import Result, Summary
    from get3w_batch.rows.checking import CheckedRows

_AHEAD = 1_000  # results that may wait for whoever iterates


class Batch:
    """Runs many requests, and resumes where an earlier run with the same journal ended.

    `run()` blocks, `await run_async()` does not, and `async for result in batch` yields each row's
    result as it is known, those of earlier runs first. All requests are checked before the first
    is sent. A request that was sent and not answered is looked for in the account's records, and
    is `unknown` if it is not found; it is never sent again unless `retry` says so.

    Args:
        requests: The requests, in a stable order, or the file of their rows; equal ones are rows of
            their own.
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
        results: "parquet" writes `results.parquet` too, at the end of each run.
        webhooks: Says when tasks ended; without it, they are asked for.
        reconcile_timeout: Seconds in which the task of a row of unknown outcome is looked for.
        outage_timeout: Seconds for which a server or a database that does not answer is tried.
        engine: Where the rows are worked on: on a Ray cluster, or by default in this process.

    Attributes:
        summary: What became of it, once a run is over.
        on_estimate: Called with the estimate and the checked rows before anything is sent.

    Raises:
        BatchError: Neither *journal* nor *out* is given, or options do not go together.
    """

    def __init__(
        self,
        requests: Iterable[ModelRequest] | RowFile,
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
        results: ResultsFormat = "jsonl",
        webhooks: BatchWebhooks | None = None,
        reconcile_timeout: float = 30.0,
        outage_timeout: float = 120.0,
        engine: RayCluster | None = None,
    ) -> None:
        self._requests = requests
        self._run = Run(
            Options(
                journal=journal,
                client=client,
                max_cost=max_cost,
                price=price,
                retry=tuple(retry),
                skip_invalid=skip_invalid,
                results=results,
                webhooks=webhooks,
                engine=engine,
                settings=Settings(
                    out=None if out is None else Path(out),
                    download=download,
                    concurrency=concurrency,
                    reconcile_timeout=reconcile_timeout,
                    outage_timeout=outage_timeout,
                ),
            )
        )
        self.summary: Summary | None = None
        self.on_estimate: Callable[[Estimate, CheckedRows], object] | None = None

    @property
    def started(self) -> bool:
        """Whether something may have been sent."""
        return self._run.started

    @property
    def estimate(self) -> Estimate | None:
        """What it may cost, once all requests are checked."""
        return self._run.estimate

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
        self.summary = await self._run.run(
            lambda: check(self._requests), _ignore, self.on_estimate, replay=False
        )
        return self.summary

    def stop(self, reason: str = "it was asked to stop") -> None:
        """Send nothing more; the run ends once all that is paid for has ended and is saved."""
        self._run.stop(reason)

    def progress(self) -> Progress:
        """Return how far the batch is."""
        return self._run.progress()

    def __aiter__(self) -> AsyncIterator[Result]:
        return self._iterate()

    async def _iterate(self) -> AsyncGenerator[Result, None]:
        waiting: asyncio.Queue[list[Result] | None] = asyncio.Queue(_AHEAD)

        async def run() -> None:
            try:
                self.summary = await self._run.run(
                    lambda: check(self._requests), waiting.put, self.on_estimate, replay=True
                )
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


async def _ignore(_: list[Result]) -> None:
    """Take results that nobody iterates over."""
