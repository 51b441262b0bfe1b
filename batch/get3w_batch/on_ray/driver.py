"""The driver: starts workers on Ray, writes their results, and waits for their end."""

from __future__ import annotations

import asyncio
import logging
import os
import uuid
from contextlib import suppress
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from get3w_batch.engine.failures import first_of
from get3w_batch.engine.reporting import Reporter
from get3w_batch.errors import BatchError, JournalError
from get3w_batch.journal.limit import current_limit
from get3w_batch.journal.report import count_states
from get3w_batch.journal.workers import free_rows_of_dead_workers, renew
from get3w_batch.on_ray.worker import Ended, Ready, Worker

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from sqlalchemy import Connection

    from get3w_batch.engine.shared import Shared
    from get3w_batch.on_ray.options import Orders, RayCluster
    from get3w_batch.results import Result

_TICK: Final = 0.5
_STARTING: Final = 120.0  # seconds in which a cluster has to find room for the workers
_OPEN: Final = ("pending", "sending", "accepted")
# Ray never runs anything twice: a lost worker's rows follow the journal's rules. A worker mostly
# waits, so it reserves little; that it reserves something keeps it off a head without processors.
_OPTIONS: Final = {
    "max_restarts": 0,
    "max_task_retries": 0,
    "num_cpus": 0.1,
    "scheduling_strategy": "SPREAD",
}
_MEMORY: Final = 100 * 2**20  # no data goes through Ray's store, so it need not be large

_logger = logging.getLogger(__name__)


def start_worker(ray: Any) -> Any:
    """Return the handle of a new actor."""
    return ray.remote(**_OPTIONS)(Worker).remote()


class Driver:
    """Runs the rows of a journal on Ray until all are settled, or it is stopped.

    Args:
        shared: The state of the run; this process sends nothing itself.
        deliver: Takes the results, in the order in which they are written.
        cluster: Where the workers run.
        orders: What they are told.
    """

    def __init__(
        self,
        shared: Shared,
        deliver: Callable[[list[Result]], Awaitable[None]],
        cluster: RayCluster,
        orders: Orders,
    ) -> None:
        self._shared = shared
        self._deliver = deliver
        self._reporter = Reporter(shared, self._count)
        self._cluster = cluster
        self._orders = replace(orders, key_digest=orders.digest_of_own_key())
        self._ray: Any = None
        self._workers: list[Any] = []
        self._ended: list[Ended] = []
        self._over = asyncio.Event()

    async def run(self) -> None:
        """Run until the workers have nothing left to do, or none is left.

        Raises:
            BatchError: The workers cannot be started; nothing was sent.
            JournalError: The journal cannot be written.
        """
        ray: Any = import_module("ray")  # its types are there only where it is installed
        self._ray = ray
        own = not ray.is_initialized()
        # What an earlier run settled and did not write was counted before this one began.
        await Reporter(self._shared, self._deliver).write()
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._tick_always())
                if own:
                    await self._connect()
                await self._start()
                passing = group.create_task(self._pass_on_the_stop())
                await asyncio.gather(*(self._run_worker(each) for each in self._workers))
                passing.cancel()
                self._over.set()  # cancelled in its writing, it would lose results
        except BaseExceptionGroup as group:
            error = first_of(group)
            if isinstance(error, ray.exceptions.RayError):
                raise BatchError(f"Ray cannot be used: {error}") from error
            raise error from group
        finally:
            for worker in self._workers:
                with suppress(ray.exceptions.RayError):  # it is gone already
                    ray.kill(worker)
            if own:
                await asyncio.to_thread(ray.shutdown)
        await self._reporter.write()
        await self._judge()

    async def _connect(self) -> None:
        address = self._cluster.address or os.environ.get("RAY_ADDRESS") or "local"
        options: dict[str, Any] = {"log_to_driver": False, "logging_level": logging.ERROR}
        if address == "local":
            os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
            options |= {"include_dashboard": False, "object_store_memory": _MEMORY}
        try:
            # In a thread of its own, where Ray leaves this program's signal handlers alone.
            await asyncio.to_thread(self._ray.init, address, **options)
        except (OSError, RuntimeError, ValueError) as error:
            raise BatchError(f"Ray at {address!r} cannot be used: {error}") from error

    async def _start(self) -> None:
        """Start the workers, and see that each can work before the first sends anything."""
        ray, shared = self._ray, self._shared
        self._workers = [start_worker(ray) for _ in range(self._cluster.workers)]
        probes = [f".probe.{uuid.uuid4().hex}" for _ in self._workers]
        preparing = [
            _result(worker.prepare.remote(self._orders, probe))
            for worker, probe in zip(self._workers, probes, strict=True)
        ]
        try:
            async with asyncio.timeout(_STARTING):
                ready: list[Ready] = await asyncio.gather(*preparing)
            problems = [f"on {each.place}: {each.problem}" for each in ready if each.problem]
            if self._orders.needs_folder and not problems:
                unseen = await asyncio.to_thread(self._unseen, probes)
                problems = [
                    f"on {each.place}: what it writes to {str(shared.settings.out)!r} is not seen"
                    " by the driver: --out has to be a folder that all machines share"
                    for each, probe in zip(ready, probes, strict=True)
                    if probe in unseen
                ]
        except TimeoutError:
            raise BatchError(
                f"Ray did not start {len(self._workers)} workers within {_STARTING:.0f} s: is there"
                " room for them on the cluster?"
            ) from None
        finally:
            await asyncio.to_thread(self._remove, probes)
        if problems:
            raise BatchError("A worker cannot work, so nothing was sent: " + "; ".join(problems))

    def _unseen(self, probes: list[str]) -> set[str]:
        out = self._shared.settings.out
        return {probe for probe in probes if out is None or not (out / probe).exists()}

    def _remove(self, probes: list[str]) -> None:
        out = self._shared.settings.out
        if out is not None:
            for probe in probes:
                (out / probe).unlink(missing_ok=True)

    async def _run_worker(self, worker: Any) -> None:
        try:
            ended: Ended = await _result(worker.run.remote())
        except self._ray.exceptions.RayError as error:
            words = str(error).strip().partition("\n")[0]
            ended = Ended("Ray", error=f"a worker was lost: {words}")
        self._ended.append(ended)
        if ended.error is not None:
            _logger.warning("A worker ended early, and others take its rows: %s", ended.error)
            for note in ended.notes:
                _logger.warning("%s", note)

    async def _pass_on_the_stop(self) -> None:
        await self._shared.stopping.wait()
        for worker in self._workers:
            worker.stop.remote(self._shared.stopped or "")

    async def _tick_always(self) -> None:
        """Keep the lease, take the rows of workers that died, and write results."""
        shared, me = self._shared, self._shared.journal.me

        def tick(connection: Connection) -> tuple[float, int]:
            if renew(connection, me):
                free_rows_of_dead_workers(connection, me)
            return current_limit(connection)

        while not self._over.is_set():
            shared.limiter.limit, shared.limiter.busy = await shared.journal.call(tick)
            await self._reporter.write()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._over.wait(), _TICK)

    async def _count(self, results: list[Result]) -> None:
        for result in results:
            self._shared.count(result.status)
        await self._deliver(results)

    async def _judge(self) -> None:
        """Say why rows are still open, where they are."""
        shared = self._shared
        counts, _ = await shared.journal.call(count_states)
        if not any(counts.get(state, 0) for state in _OPEN):
            return
        errors = [each for each in self._ended if each.error is not None]
        notes = [note for each in errors for note in each.notes]
        if notes:
            failure = JournalError(errors[0].error or "")
            for note in notes:
                failure.add_note(note)
            raise failure
        reasons = [each.stopped or each.error for each in self._ended]
        shared.stop(next((reason for reason in reasons if reason), "the workers ended"))


async def _result(reference: Any) -> Any:
    """Return what a call of an actor returns, which Ray lets one wait for."""
    return await reference
