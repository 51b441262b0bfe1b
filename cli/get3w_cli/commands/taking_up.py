"""Get the handle of a task that was submitted before, and look for one of unknown outcome."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from get3w_cli._common.exits import CommandError, UnknownOutcomeError
from get3w_cli.commands.context import Context
from get3w_cli.history import store
from get3w_cli.history.store import Submission

if TYPE_CHECKING:
    from get3w_core import Prediction, SurfaceName

# A record may be late; who wants to be patient says `get3w reconcile --within`.
_PATIENCE = 5.0


def take_up(context: Context, submission: Submission) -> Prediction:
    """Return the task of an earlier submission.

    Raises:
        UnknownOutcomeError: Whether there is one is not known.
    """
    when = datetime.fromtimestamp(submission.created).astimezone().isoformat(" ", "seconds")
    if submission.state == store.ACCEPTED and submission.prediction_id is not None:
        prediction = handle_of(context, submission.prediction_id)
    else:
        prediction = look_up(context, submission, _PATIENCE)
    context.printer.note(
        "taken_up",
        f"Submitted before, at {when}: {prediction.id}",
        prediction_id=prediction.id,
        model=submission.model,
    )
    return prediction


def look_up(context: Context, submission: Submission, within: float) -> Prediction:
    """Look for the task of a submission whose outcome is unknown, and note it.

    Raises:
        UnknownOutcomeError: Nothing proves that there is one, or which it is.
    """
    from get3w_core import Accepted, Ambiguous, SavedSubmission

    history = context.history()
    if submission.saved is None:
        raise _unknown(submission, "what was sent is not on record")
    saved = SavedSubmission.from_json(submission.saved)
    origin = context.client().base_url
    if saved.origin != origin:
        raise _unknown(submission, f"it went to {saved.origin}, and GET3W_BASE_URL is {origin}")
    others = [
        SavedSubmission.from_json(each.saved)
        for each in history.unknown()
        if each.row != submission.row and each.saved is not None
    ]
    same_server = [each for each in others if each.origin == saved.origin]
    context.printer.note(
        "looking",
        f"Looking for the task of submission {submission.row} ({submission.model}), whose outcome"
        " is unknown",
    )
    found = context.client().reconcile(saved, within=within, others=same_server)
    if isinstance(found, Accepted):
        prediction = found.prediction
        known = history.of_id(prediction.id)
        if known is None or known.row == submission.row:
            history.note(
                submission,
                store.ACCEPTED,
                prediction_id=prediction.id,
                handle=prediction.to_json(),
                status=prediction.status,
            )
            return prediction
        raise _unknown(
            submission, f"the only task that fits is {prediction.id}, of submission {known.row}"
        )
    if isinstance(found, Ambiguous):
        ids = ", ".join(each.id for each in found.candidates)
        raise _unknown(submission, f"it may be one of {ids}, {found.reason}")
    raise _unknown(submission, f"no task of it is on record ({found.report})")


def _unknown(submission: Submission, found: str) -> UnknownOutcomeError:
    return UnknownOutcomeError(
        f"Whether submission {submission.row} of {submission.model} was accepted is unknown:"
        f" {found}. Nothing was sent again. Look again later with"
        f" `get3w reconcile {submission.row} --within 60`; to give it up, and be billed again if it"
        f" was accepted after all: `get3w reconcile {submission.row} --forget`"
    )


def handle_of(
    context: Context, prediction_id: str, surface: SurfaceName | None = None
) -> Prediction:
    """Return the handle of a task: as the history has it, else as the server shows it.

    Raises:
        Get3WError: The server does not know it.
    """
    from get3w_core import NotFoundError, Prediction, SavedSubmission

    client = context.client()
    known = None
    if surface is None:
        history = context.history_if_usable()
        known = None if history is None else history.of_id(prediction_id)
    if known is not None and known.handle is not None:
        return Prediction.from_json(known.handle, client)
    if known is not None and known.saved is not None:  # killed before it had the whole answer
        surface = SavedSubmission.from_json(known.saved).surface
    try:
        return client.prediction(prediction_id, surface=surface)
    except NotFoundError as error:
        if surface is not None or known is not None:
            raise
        raise _NotFoundHere(
            f"{error} A task of a model on v1 is asked for with --surface v1",
            prediction_id=prediction_id,
        ) from None


class _NotFoundHere(CommandError):  # noqa: N818 - a private name
    """The server does not know a task."""

    code = "not_found"
