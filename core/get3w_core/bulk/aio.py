"""`submit_all_async`: many submits, by tasks of the running event loop."""

# Runs the flows of the clients, by members that users never need:
# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, cast

from get3w_core._common.arguments import check_hook
from get3w_core.bulk.batch import DEFAULT_CONCURRENCY, Batch, check_concurrency, iterator_of
from get3w_core.client.default import default_async_client
from get3w_core.client.session import AsyncSession, session_of
from get3w_core.errors.base import Get3WError
from get3w_core.flow.driver import run_async

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from get3w_core.bulk.batch import Item
    from get3w_core.client.aio import AsyncClient
    from get3w_core.client.prediction import AsyncPrediction
    from get3w_core.flow.effects import HttpRequest, Outcome
    from get3w_core.outputs.kinds import OutputT
    from get3w_core.request.base import ModelRequest


async def submit_all_async(
    requests: Iterable[ModelRequest[OutputT]],
    *,
    client: AsyncClient | None = None,
    concurrency: int = DEFAULT_CONCURRENCY,
    on_result: Callable[[int, AsyncPrediction[OutputT] | Get3WError], object] | None = None,
) -> list[AsyncPrediction[OutputT] | Get3WError]:
    """Submit every request, and return a handle or an error for each; see `submit_all`.

    When it is cancelled, submits that are on their way still get their answers, for as long as the
    client's `timeout`, and the `CancelledError` leaves afterwards. Cancelled once more, it gives
    them up.
    """
    check_concurrency(concurrency)
    check_hook("on_result", on_result)
    chosen = default_async_client() if client is None else client
    session = session_of(chosen, AsyncSession, "AsyncClient")
    session.context()  # without a key, every request would fail in the same way
    take = partial(next, iterator_of(requests, "submit_all_async"))
    # Each handle fits its own request, which is more than a type can say of a batch.
    keep = cast("Callable[[int, AsyncPrediction | Get3WError], object] | None", on_result)
    batch: Batch[AsyncPrediction] = Batch(chosen, take, keep, concurrency)
    tasks: dict[asyncio.Task[None], Item] = {}
    try:
        while True:
            while (item := batch.take()) is not None:
                tasks[asyncio.create_task(_submit(batch, session, item))] = item
            if not tasks:
                return cast("list[AsyncPrediction[OutputT] | Get3WError]", batch.all_results())
            await _go_on(batch, tasks)
    except BaseException as stop:
        batch.stopped = True
        while tasks:
            for task, item in tasks.items():
                if not item.sending:
                    task.cancel()
            try:
                with suppress(Exception):  # of `on_result`; the first one is raised
                    await _go_on(batch, tasks)
            except BaseException:  # noqa: BLE001 - as above
                for item in tasks.values():
                    item.sending = False  # so those too are ended that are on their way
        batch.keep_results(stop)
        raise


async def _go_on(batch: Batch[AsyncPrediction], tasks: dict[asyncio.Task[None], Item]) -> None:
    """Wait until a submit has ended, and keep what came of it."""
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in done:
        _end(batch, task, tasks.pop(task))


async def _submit(batch: Batch[AsyncPrediction], session: AsyncSession, item: Item) -> None:
    def check() -> None:
        if batch.stopped:
            raise asyncio.CancelledError

    async def send(request: HttpRequest) -> Outcome:
        check()
        item.sending = request.part is None  # an upload costs nothing
        try:
            return await session.send(request)
        finally:
            item.sending = False

    async def pause(seconds: float) -> None:
        check()
        await asyncio.sleep(seconds)

    try:
        item.accepted = await run_async(batch.flow(item), send, pause)
    except Get3WError as error:
        item.failed = error


def _end(batch: Batch[AsyncPrediction], task: asyncio.Task[None], item: Item) -> None:
    """Keep what came of the submit of *item*.

    Raises:
        BaseException: What is no error of this package, and ended the task.
    """
    error = None if task.cancelled() else task.exception()
    if task.cancelled() or error is not None:
        batch.abandon(item)
    elif item.accepted is not None:
        batch.accept(item, item.accepted)
    elif item.failed is not None:
        batch.fail(item, item.failed)
    if error is not None:
        raise error
