"""`result`, `wait`, `download` and `delete`: tasks that were submitted before, by their ids."""

from __future__ import annotations

from typing import TYPE_CHECKING

from get3w_cli._common import exits
from get3w_cli.commands.context import Context
from get3w_cli.commands.reporting import (
    DEFAULT_WAIT,
    data_of,
    lines_of,
    note_status,
    stored,
)
from get3w_cli.commands.submitting import Interrupted, going_on
from get3w_cli.commands.taking_up import handle_of
from get3w_cli.output.failures import failure_of
from get3w_cli.output.progress import waiting

if TYPE_CHECKING:
    from get3w_core import Prediction


def result(context: Context) -> int:
    """Print the present state of tasks."""
    options = context.parse()
    for prediction_id in options.operand:
        prediction = handle_of(context, prediction_id, options.surface).refresh()
        note_status(context, prediction)
        lines = [f"{prediction.id} {prediction.status}", *lines_of(prediction)]
        error = [prediction.error] if prediction.error else []
        context.printer.result(data_of(prediction), *lines, *error)
    return exits.DONE


def wait(context: Context) -> int:
    """Wait for tasks, and print each as it ends; 1 if one failed."""
    from get3w_core import as_completed

    options = context.parse()
    handles = [handle_of(context, each, options.surface) for each in options.operand]
    open_ids = {each.id: each.status for each in handles}
    failed = False
    text = " ".join(open_ids)
    timeout = DEFAULT_WAIT if options.timeout is None else options.timeout
    try:
        with waiting(context.printer, text) as say:

            def updated(update: Prediction) -> None:
                open_ids[update.id] = update.status
                say("  ".join(f"{name} {status}" for name, status in open_ids.items()))

            for prediction in as_completed(handles, timeout=timeout, on_update=updated):
                open_ids.pop(prediction.id, None)
                note_status(context, prediction)
                failed = _print_end(context, prediction, several=len(handles) > 1) or failed
    except KeyboardInterrupt:
        raise Interrupted(going_on(*open_ids)) from None
    return exits.FAILED if failed else exits.DONE


def _print_end(context: Context, prediction: Prediction, *, several: bool) -> bool:
    """Print a task that ended, and return whether it failed."""
    from get3w_core import PredictionFailedError

    if prediction.data.failed:
        failure = failure_of(PredictionFailedError(prediction))
        assert failure is not None
        context.printer.error(failure.data)
        if context.printer.as_json and several:
            context.printer.result(data_of(prediction))
        return True
    before = f"{prediction.id}\t" if several else ""
    context.printer.result(
        data_of(prediction), *(f"{before}{line}" for line in lines_of(prediction))
    )
    return False


def download(context: Context) -> int:
    """Store the outputs of tasks, and print the paths."""
    options = context.parse()
    for prediction_id in options.operand:
        prediction = handle_of(context, prediction_id, options.surface)
        if not prediction.done:
            prediction.refresh()
        files = stored(context, prediction, options.to or ".")
        note_status(context, prediction)
        context.printer.result(data_of(prediction, files), *lines_of(prediction, files))
    return exits.DONE


def delete(context: Context) -> int:
    """Delete tasks on the server."""
    options = context.parse()
    for prediction_id in options.operand:
        context.client().delete(prediction_id)
        context.printer.result({"id": prediction_id, "deleted": True}, f"{prediction_id} deleted")
    return exits.DONE
