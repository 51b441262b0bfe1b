"""Report events: to the log, and to the hook of `Client(on_event=...)`."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from get3w_core.flow.events import Completed, Event, Polled, Retried, SubmitFailed, Submitted

if TYPE_CHECKING:
    from get3w_core._common.prediction_data import PredictionData
    from get3w_core.flow.context import Context


def emit(ctx: Context, event: Event) -> None:
    """Log *event* and tell the client's hook, which cannot break the call."""
    from get3w_core._common.logging import (
        log,  # logging is loaded by the first call, not by the import
    )

    _log(event)
    hook = ctx.options.on_event
    if hook is None:
        return
    outer = sys.exception()
    try:
        hook(event)
    except Exception as error:
        from get3w_core._common.interruptions import is_interruption  # rarely needed

        if is_interruption(error, outer):
            raise
        # A paid task does not end because of a broken hook.
        log(30, "on_event failed for %s", type(event).__name__, exc_info=True)


def tell_polled(
    ctx: Context, data: PredictionData, attempt: int, elapsed: float, *, was_done: bool = False
) -> None:
    """Tell what a poll has shown, and that the prediction ended, if that is news."""
    emit(
        ctx,
        Polled(
            model=data.model,
            prediction_id=data.id,
            elapsed=elapsed,
            status=data.status,
            attempt=attempt,
        ),
    )
    if data.done and not was_done:
        tell_completed(ctx, data, elapsed)


def tell_completed(ctx: Context, data: PredictionData, elapsed: float) -> None:
    """Tell that a prediction was seen to have ended."""
    emit(
        ctx,
        Completed(
            model=data.model,
            prediction_id=data.id,
            elapsed=elapsed,
            status=data.status,
            failed=data.failed,
            code=data.code,
        ),
    )


def _log(event: Event) -> None:
    from get3w_core._common.logging import log

    about = event.prediction_id or "no prediction"
    match event:
        case Submitted():
            log(
                20,
                "%s: submitted as %s, %r after %d attempt(s) and %.2f s",
                *(event.model, about, event.status, event.attempts, event.elapsed),
            )
        case Completed():
            log(20, "%s: %s ended as %r", event.model, about, event.status)
        case SubmitFailed():
            unknown = event.verdict == "unknown"
            log(
                30 if unknown else 20,
                "%s: submit %s after %d attempt(s) and %.2f s: %s",
                *(event.model, "outcome unknown" if unknown else event.verdict, event.attempts),
                *(event.elapsed, type(event.error).__name__),
            )
        case Retried():
            # One warning for each call: who does not know why it takes so long is told once.
            log(
                30 if event.attempt == 1 else 20,
                "%s %s: %s (%s), attempt %d; again in %.2f s, %s",
                *(event.method, event.url, event.verdict, event.reason),
                *(event.attempt, event.delay, event.limit),
            )
        case Polled():
            log(10, "%s: %s is %r", event.model, about, event.status)
        case _:
            log(10, "%r", event)
