"""Wait for tasks, store their outputs, and say what became of them."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from get3w_cli._common.exits import CommandError
from get3w_cli.commands.context import Context
from get3w_cli.commands.submitting import Interrupted, going_on
from get3w_cli.output.progress import transferring, waiting

if TYPE_CHECKING:
    from get3w_core import Prediction

DEFAULT_WAIT = 3600.0


def wait_for(context: Context, prediction: Prediction, timeout: float | None) -> None:
    """Wait for the end of a task, showing how it goes on.

    Raises:
        Interrupted: Ctrl-C; the task goes on.
        Get3WError: It failed, or the time is up.
    """
    try:
        with waiting(context.printer, _line(prediction)) as say:
            prediction.wait(
                DEFAULT_WAIT if timeout is None else timeout,
                on_update=lambda update: say(_line(update)),
            )
    except KeyboardInterrupt:
        raise Interrupted(going_on(prediction.id), prediction_id=prediction.id) from None
    finally:
        note_status(context, prediction)


def note_status(context: Context, prediction: Prediction) -> None:
    """Note in the history, where there is one, in which state a task was seen."""
    history = context.opened_history
    if history is not None:
        with suppress(CommandError):  # the task itself went as it went
            history.note_status(prediction.id, prediction.status, prediction.to_json())


def stored(context: Context, prediction: Prediction, folder: str) -> list[Path]:
    """Store the outputs of a task, and return the files."""
    with transferring(context.printer) as move:
        return prediction.download(folder, on_progress=move)


def data_of(prediction: Prediction, files: list[Path] | None = None) -> dict[str, object]:
    """Return a task as JSON data."""
    data: dict[str, object] = {**prediction.data.to_wire()}
    if files is not None:
        data["files"] = [str(each) for each in files]
    return data


def lines_of(prediction: Prediction, files: list[Path] | None = None) -> list[str]:
    """Return what a task made, a line each: the files that were stored, else its outputs."""
    if files is not None:
        return [str(each) for each in files]
    return [
        each if isinstance(each, str) else json.dumps(each, ensure_ascii=False)
        for each in prediction.data.outputs
    ]


def _line(prediction: Prediction) -> str:
    return f"{prediction.id} {prediction.status}"
