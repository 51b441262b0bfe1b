"""`history` and `reconcile`: what this machine has submitted, and what became of it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from get3w_cli._common import exits
from get3w_cli._common.exits import UnknownOutcomeError, UsageError
from get3w_cli.commands.context import Context
from get3w_cli.commands.reporting import data_of
from get3w_cli.commands.taking_up import look_up
from get3w_cli.history import store
from get3w_cli.history.store import Submission

_OPEN = {store.SENDING, store.UNKNOWN}


def history(context: Context) -> int:
    """List what this machine has submitted, newest first."""
    options = context.parse()
    folder = str(Path.cwd()) if options.here else None
    rows = [_row(each) for each in context.history().latest(options.limit or 50, folder)]
    columns = ["row", "time", "model", "prediction_id", "state", "status", "base_price_usd"]
    context.printer.table(rows, columns, empty="Nothing was submitted from this machine.")
    return exits.DONE


def _row(submission: Submission) -> dict[str, object]:
    moment = datetime.fromtimestamp(submission.created, UTC)
    return {
        "row": submission.row,
        "time": moment.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "model": submission.model,
        "prediction_id": submission.prediction_id,
        "state": submission.state,
        "status": submission.status,
        "base_price_usd": submission.price,
        "name": submission.name,
        "folder": submission.folder,
    }


def reconcile(context: Context) -> int:
    """Look for the tasks of submissions whose outcome is unknown; 3 if one stays unknown."""
    options = context.parse()
    found = [_named(context, each) for each in options.operand] or context.history().unknown()
    if options.forget and not options.operand:
        raise UsageError("--forget gives up what is named: get3w reconcile ROW --forget")
    within = 30.0 if options.within is None else options.within
    left = 0
    for submission in found:
        try:
            prediction = look_up(context, submission, within)
        except UnknownOutcomeError as error:
            if options.forget:
                context.history().note(submission, store.FORGOTTEN)
                context.printer.note("forgotten", f"Submission {submission.row} is given up")
                continue
            left += 1
            context.printer.note("unknown", error.message, row=submission.row)
        else:
            context.printer.result(
                {"row": submission.row, **data_of(prediction)},
                f"{submission.row}\t{prediction.id}\t{prediction.status}",
            )
    return exits.UNKNOWN if left else exits.DONE


def _named(context: Context, row: str) -> Submission:
    submission = context.history().of_row(row)
    if submission is None:
        raise UsageError(f"The history has no submission {row!r}; `get3w history` lists them")
    if submission.state not in _OPEN:
        raise UsageError(f"Submission {row} is {submission.state}, so there is nothing to look for")
    return submission
