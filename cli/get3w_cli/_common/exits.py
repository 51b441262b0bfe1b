"""The exit statuses of `get3w`, and the errors that are about its use."""

from __future__ import annotations

DONE = 0
FAILED = 1
MISUSED = 2
UNKNOWN = 3
RUNNING = 4
INTERRUPTED = 130
CLOSED = 141

MEANINGS = (
    (DONE, "done"),
    (FAILED, "the task failed, or the server refused or could not be reached"),
    (MISUSED, "wrong use; nothing was sent"),
    (UNKNOWN, "whether the task was accepted is unknown; nothing was sent again"),
    (RUNNING, "the time is up and the task still runs"),
    (INTERRUPTED, "interrupted"),
)


class CommandError(Exception):
    """A command ends with a reason of its own.

    Attributes:
        message: What is wrong, where, and what to do.
        status: The exit status.
        code: What it is, for programs.
        prediction_id: The task that it is about.
    """

    status = FAILED
    code = "failed"

    def __init__(self, message: str, *, prediction_id: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.prediction_id = prediction_id


class UsageError(CommandError):
    """The command was used wrongly; nothing was sent."""

    status = MISUSED
    code = "usage"


class UnknownOutcomeError(CommandError):
    """Whether a submission was accepted is still unknown after it was looked for."""

    status = UNKNOWN
    code = "submit_outcome_unknown"
