"""`run` and `submit`: submit a task, and wait for its end or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from get3w_cli._common import exits
from get3w_cli.commands.context import Context
from get3w_cli.commands.estimate import check_cost
from get3w_cli.commands.prepared import Prepared
from get3w_cli.commands.reporting import data_of, lines_of, stored, wait_for

if TYPE_CHECKING:
    from get3w_core import Prediction


def run(context: Context) -> int:
    """Submit a task, wait for its end, and print its outputs."""
    prepared, prediction = _submitted(context)
    options = prepared.options
    wait_for(context, prediction, options.timeout)
    files = None if options.download is None else stored(context, prediction, options.download)
    context.printer.result(data_of(prediction, files), *lines_of(prediction, files))
    return exits.DONE


def submit(context: Context) -> int:
    """Submit a task and print its id."""
    _, prediction = _submitted(context)
    context.printer.result(data_of(prediction), prediction.id)
    return exits.DONE


def _submitted(context: Context) -> tuple[Prepared, Prediction]:
    from get3w_cli.commands.submitting import submit as submit_once

    prepared = Prepared(context)
    check_cost(context, prepared)
    return prepared, submit_once(context, prepared)
