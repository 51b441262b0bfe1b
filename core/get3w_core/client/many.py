"""Wait for many predictions at once; see `many_aio` for asyncio."""

# The modules of this room use each other's members that users never need:
# pyright: reportPrivateUsage=false

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from get3w_core._common.arguments import check_flag, check_hook, check_patience
from get3w_core.client.poller import Poller, checked_handles, failures_of
from get3w_core.client.prediction import DEFAULT_WAIT, Prediction
from get3w_core.client.progress import shown
from get3w_core.errors.base import Get3WError
from get3w_core.flow.effects import sleep

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

P = TypeVar("P", bound=Prediction)


def wait_all(
    predictions: Iterable[P],
    *,
    timeout: float | None = DEFAULT_WAIT,
    on_update: Callable[[P], object] | None = None,
    raise_failures: bool = False,
    progress: bool = False,
) -> list[P]:
    """Wait until every prediction has ended, and return the handles in the same order.

    A task that failed does not stop the wait for the others, and is not raised: look at `status`,
    or say *raise_failures*. The handles are updated in place, so whatever is raised, those that
    were completed are completed.

    Args:
        predictions: The handles.
        timeout: Seconds for all of them together; None waits for ever.
        on_update: Called with each handle at first and whenever its status changed.
        raise_failures: Whether to raise in the end if any task failed.
        progress: Whether to show a line with how many are done, on stderr.

    Raises:
        WaitTimeoutError: Some still run; `unfinished` holds them.
        WaitAllError: The key was refused or some are lastingly not found, or, with
            *raise_failures*, some failed; all others have ended.
    """
    handles = checked_handles(predictions, Prediction)
    check_flag("progress", progress)
    with shown(handles, progress):
        for _ in as_completed(handles, timeout=timeout, on_update=on_update):
            pass
    failures = failures_of(handles) if raise_failures else None
    if failures is not None:
        raise failures
    return handles


def as_completed(
    predictions: Iterable[P],
    *,
    timeout: float | None = DEFAULT_WAIT,
    on_update: Callable[[P], object] | None = None,
) -> Iterator[P]:
    """Yield each prediction as soon as it has ended, completed or failed.

    One poll is under way at a time, in the calling thread, and only while the next prediction is
    asked for. What the caller does in between counts for *timeout*.

    Args:
        predictions: The handles.
        timeout: Seconds for all of them together; None waits for ever.
        on_update: Called with each handle at first and whenever its status changed.

    Raises:
        WaitTimeoutError: Some still run; `unfinished` holds them.
        WaitAllError: The key was refused or some are lastingly not found; all others were yielded.
    """
    handles = checked_handles(predictions, Prediction)
    check_patience(timeout)
    check_hook("on_update", on_update)
    distinct = list({id(handle): handle for handle in handles}.values())
    unfinished = [handle for handle in distinct if not handle.done]
    poller: Poller[Prediction] | None = None
    if unfinished:
        poller = Poller(list(handles), unfinished[0]._session.context(), timeout)
    if on_update is not None:
        for handle in distinct:
            on_update(handle)
    yield from (handle for handle in distinct if handle.done)
    if poller is None:
        return
    by_handle = {id(handle): handle for handle in unfinished}
    while (pause := poller.pause()) is not None:
        if pause:
            waiting = sleep(pause, f"waiting for {len(by_handle)} predictions")
            unfinished[0]._session.run(waiting)
        watched = poller.take()
        handle = by_handle[id(watched.handle)]
        try:
            session = handle._session
            session.run(poller.poll(watched, session.context()))
        except Get3WError as error:  # the client was closed, or belongs elsewhere
            poller.give_up(watched, error)
        if on_update is not None and watched.changed:
            on_update(handle)
        if handle.done:
            del by_handle[id(handle)]
            yield handle
    poller.conclude()
