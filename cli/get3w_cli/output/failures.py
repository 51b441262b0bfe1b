"""What an error is to the caller of the command: exit status, code, words, whether to retry."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from get3w_cli._common import exits
from get3w_cli._common.exits import CommandError

if TYPE_CHECKING:
    from get3w_core import Get3WError

_BEFORE_CAPITAL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
# Codes of a failed task after which submitting again later may help.
_LATER = frozenset({5000, 5003, 5004})


class Failure:
    """Why a command ends.

    Attributes:
        status: The exit status.
        data: What is printed, as JSON data.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        retryable: bool = False,
        prediction_id: str | None = None,
    ) -> None:
        self.status = status
        self.data: dict[str, object] = {
            "code": code,
            "message": message,
            "retryable": retryable,
            "prediction_id": prediction_id,
        }


def failure_of(error: BaseException) -> Failure | None:
    """Return what *error* is to the caller; None for one that is a fault of the program."""
    if isinstance(error, CommandError):
        return Failure(error.status, error.code, error.message, prediction_id=error.prediction_id)
    if isinstance(error, KeyboardInterrupt):
        notes = [str(each) for each in getattr(error, "__notes__", ())]
        text = "\n".join(["Interrupted.", *notes])
        return Failure(exits.INTERRUPTED, "interrupted", text)
    from get3w_core import Get3WError  # no error of the core was raised before it was loaded

    if isinstance(error, Get3WError):
        return _of_core(error)
    return None


def _of_core(error: Get3WError) -> Failure:
    from get3w_core import (
        ConfigurationError,
        ConnectionFailedError,
        PredictionFailedError,
        RateLimitError,
        RequestValidationError,
        ServerError,
        SubmitOutcomeUnknownError,
        WaitTimeoutError,
    )

    status, retryable = exits.FAILED, False
    match error:
        case SubmitOutcomeUnknownError():
            status = exits.UNKNOWN
        case WaitTimeoutError():
            status, retryable = exits.RUNNING, True
        case ConfigurationError() | RequestValidationError():
            status = exits.MISUSED
        case RateLimitError() | ServerError() | ConnectionFailedError():
            retryable = True
        case PredictionFailedError():
            retryable = error.code in _LATER
        case _:
            pass
    name = type(error).__name__.removesuffix("Error")
    code = _BEFORE_CAPITAL.sub("_", name).lower()
    return Failure(
        status, code, _words(error), retryable=retryable, prediction_id=error.prediction_id
    )


def _words(error: Get3WError) -> str:
    """Return the message of an error, with commands in place of calls of Python."""
    from get3w_core import SubmitOutcomeUnknownError, WaitTimeoutError

    text = str(error)
    if isinstance(error, WaitTimeoutError):
        ids = " ".join(each.id for each in error.unfinished) or error.prediction_id
        return f"{text.partition(' It goes on running')[0]} Later: get3w wait {ids}"
    if isinstance(error, SubmitOutcomeUnknownError):
        return (
            f"{text.partition(' Call get3w_core')[0].partition(' The answer names')[0]}"
            " `get3w reconcile` looks for it"
        )
    return text
