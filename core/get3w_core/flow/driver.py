"""Run a flow to its result: `run_sync` in this thread, `run_async` in an event loop."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from get3w_core.flow.effects import Send, Work

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from get3w_core.flow.effects import Flow, HttpRequest, Outcome, Sleep

T = TypeVar("T")


def run_sync(
    flow: Flow[T],
    send: Callable[[HttpRequest], Outcome],
    pause: Callable[[float], object],
) -> T:
    """Run *flow* to its result in this thread."""
    try:
        effect = next(flow)
        while True:
            if isinstance(effect, Send):
                try:
                    outcome = send(effect.request)
                except BaseException as error:  # noqa: BLE001 - the flow adds what it knows
                    effect = flow.throw(error)
                else:
                    effect = flow.send(outcome)
            elif isinstance(effect, Work):
                effect.run()
                effect = next(flow)
            else:
                log_pause(effect)
                pause(effect.seconds)
                effect = next(flow)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        flow.close()  # an interrupted flow puts its files away


async def run_async(
    flow: Flow[T],
    send: Callable[[HttpRequest], Awaitable[Outcome]],
    pause: Callable[[float], Awaitable[object]],
) -> T:
    """Run *flow* to its result in the running event loop."""
    try:
        effect = next(flow)
        while True:
            if isinstance(effect, Send):
                try:
                    outcome = await send(effect.request)
                except BaseException as error:  # noqa: BLE001 - the flow adds what it knows
                    effect = flow.throw(error)
                else:
                    effect = flow.send(outcome)
            elif isinstance(effect, Work):
                from get3w_core.flow.threads import call_in_thread  # asyncio is slow to load

                await call_in_thread(effect.run)
                effect = next(flow)
            else:
                log_pause(effect)
                await pause(effect.seconds)
                effect = next(flow)
    except StopIteration as end:
        result: T = end.value
        return result
    finally:
        flow.close()


def log_pause(effect: Sleep) -> None:
    """Log why a flow pauses, and for how long."""
    from get3w_core._common.logging import (
        log,  # logging is loaded by the first call, not by the import
    )

    log(10, "%s; going on in %.2f s", effect.why, effect.seconds)
