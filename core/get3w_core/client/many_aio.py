"""Wait for many predictions at once with asyncio; see `many`."""

# The modules of this room use each other's members that users never need:
# pyright: reportPrivateUsage=false

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, TypeVar

from get3w_core._common.arguments import check_flag, check_hook, check_patience
from get3w_core.client.poller import IN_FLIGHT, Poller, Watched, checked_handles, failures_of
from get3w_core.client.prediction import DEFAULT_WAIT, AsyncPrediction
from get3w_core.client.progress import shown
from get3w_core.errors.base import Get3WError
from get3w_core.flow.effects import sleep

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Callable, Iterable

P = TypeVar("P", bound=AsyncPrediction)


async def wait_all_async(
    predictions: Iterable[P],
    *,
    timeout: float | None = DEFAULT_WAIT,  # noqa: ASYNC109 - the same name as in the sync one
    on_update: Callable[[P], object] | None = None,
    raise_failures: bool = False,
    progress: bool = False,
) -> list[P]:
    """Wait until every prediction has ended, and return the handles in order; see `wait_all`."""
    handles = checked_handles(predictions, AsyncPrediction)
    check_flag("progress", progress)
    with shown(handles, progress):
        async for _ in as_completed_async(handles, timeout=timeout, on_update=on_update):
            pass
    failures = failures_of(handles) if raise_failures else None
    if failures is not None:
        raise failures
    return handles


async def as_completed_async(
    predictions: Iterable[P],
    *,
    timeout: float | None = DEFAULT_WAIT,  # noqa: ASYNC109 - the same name as in the sync one
    on_update: Callable[[P], object] | None = None,
) -> AsyncGenerator[P, None]:
    """Yield each prediction as soon as it has ended; see `as_completed`.

    A few polls are under way at a time, whatever the number of predictions. Whoever leaves the
    loop early ends them with `async with contextlib.aclosing(...)`, else the event loop does.
    """
    handles = checked_handles(predictions, AsyncPrediction)
    check_patience(timeout)
    check_hook("on_update", on_update)
    distinct = list({id(handle): handle for handle in handles}.values())
    unfinished = [handle for handle in distinct if not handle.done]
    poller: Poller[AsyncPrediction] | None = None
    if unfinished:
        poller = Poller(list(handles), unfinished[0]._session.context(), timeout)
    if on_update is not None:
        for handle in distinct:
            on_update(handle)
    for handle in distinct:
        if handle.done:
            yield handle
    if poller is None:
        return
    by_handle = {id(handle): handle for handle in unfinished}
    running: set[asyncio.Task[Watched[AsyncPrediction]]] = set()
    try:
        while True:
            pause = poller.pause()
            while pause == 0 and len(running) < IN_FLIGHT:
                running.add(asyncio.create_task(_poll(poller, poller.take())))
                pause = poller.pause()
            if not running:
                if pause is None:
                    break
                waiting = sleep(pause, f"waiting for {len(by_handle)} predictions")
                await unfinished[0]._session.run(waiting)
                continue
            # Whichever comes first: an answer, or the time to ask for another prediction.
            wake = pause if len(running) < IN_FLIGHT else None
            answered, _ = await asyncio.wait(
                running, timeout=wake, return_when=asyncio.FIRST_COMPLETED
            )
            running -= answered
            for watched in [task.result() for task in answered]:
                handle = by_handle[id(watched.handle)]
                if on_update is not None and watched.changed:
                    on_update(handle)
                if handle.done:
                    del by_handle[id(handle)]
                    yield handle
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
    poller.conclude()


async def _poll(
    poller: Poller[AsyncPrediction], watched: Watched[AsyncPrediction]
) -> Watched[AsyncPrediction]:
    try:
        session = watched.handle._session
        await session.run(poller.poll(watched, session.context()))
    except Get3WError as error:  # the client was closed, or belongs elsewhere
        poller.give_up(watched, error)
    return watched
