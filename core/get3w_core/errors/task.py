"""Errors about accepted tasks: one failed, or a wait for one or several ran out of time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

from get3w_core.errors.base import Get3WError
from get3w_core.errors.printable import printable, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


# [W] WaveSpeed's table. Get3W documents the field `code` but its own table was not seen, so these
# words are a hint beside the server's text, never instead of it.
TASK_CODE_HINTS = {
    1200: "content moderation refused it; change the input",
    1400: "a parameter is missing; fix the input",
    1401: "a parameter is invalid; fix the input",
    1402: "a media URL could not be fetched; check that it is public",
    1403: "the task's execution failed",
    1405: "the task failed",
    5000: "internal error; submitting again later may help",
    5003: "service unavailable; submitting again later may help",
    5004: "timeout; submitting again later may help",
}


_BY_ID = "get3w_core.default_client().prediction"


def lookup_call(prediction_id: str, surface: Literal["v3", "v1"] = "v3") -> str:
    """Return the call that gets a handle by its id, also for whoever has no client at hand."""
    on = "" if surface == "v3" else f", surface={surface!r}"
    return f"{_BY_ID}({quoted(prediction_id)}{on})"


class AnyPrediction(Protocol):
    """A `Prediction` or an `AsyncPrediction`, as far as the two are alike."""

    @property
    def id(self) -> str:
        """The prediction's id."""
        ...

    @property
    def status(self) -> str:
        """The server's word for its state."""
        ...

    @property
    def done(self) -> bool:
        """Whether the status is final."""
        ...

    @property
    def model(self) -> str | None:
        """The model id."""
        ...

    @property
    def error(self) -> str | None:
        """The server's text, if the task failed."""
        ...

    @property
    def code(self) -> int | None:
        """The task's error code, if the server gave one."""
        ...

    def to_json(self) -> str:
        """Return the handle as JSON, without the key."""
        ...


class PredictionFailedError(Get3WError):
    """The task was accepted and then failed, was cancelled or timed out on the server.

    Attributes:
        prediction: The handle.
        code: The task's error code, if the server gave one.
        error: The server's text, if it gave one.
    """

    def __init__(self, prediction: AnyPrediction) -> None:
        code, error = prediction.code, prediction.error
        words = f": {printable(error)}" if error else ""
        hint = TASK_CODE_HINTS.get(code) if code is not None else None
        coded = "" if not code else f" [code {code}{f': {hint}' if hint else ''}]"
        super().__init__(
            f"Prediction {printable(prediction.id)} ended as {quoted(prediction.status)}"
            f"{words}{coded}",
            prediction_id=prediction.id,
        )
        self.prediction = prediction
        self.code = code
        self.error = error


class WaitTimeoutError(Get3WError):
    """The time given to `wait` ran out while the task was still running, as far as is known.

    Nothing is lost: `wait()` again, or fetch it by its id from another process. Where the last
    polls came to nothing, the reason is in the message and in `__cause__`.

    Attributes:
        status: The last status seen; of the first unfinished one, if there are several.
        unfinished: The handles that are still running.
    """

    def __init__(
        self,
        *,
        prediction_id: str | None,
        status: str,
        seconds: float,
        unfinished: Iterable[AnyPrediction] = (),
        total: int = 1,
        trouble: Get3WError | None = None,
        surface: Literal["v3", "v1"] = "v3",
    ) -> None:
        self.unfinished: tuple[AnyPrediction, ...] = tuple(unfinished)
        why = "" if trouble is None else f" The last poll failed: {trouble}"
        if total == 1:
            text = (
                f"Prediction {printable(prediction_id or '')} is still {quoted(status)} after "
                f"{seconds:g} s. It goes on running: call wait() again, or "
                f"{lookup_call(prediction_id or '', surface)} later.{why}"
            )
        else:
            text = (
                f"{len(self.unfinished)} of {total} predictions are not finished after "
                f"{seconds:g} s: {_listed(self.unfinished)}. They go on running: wait for "
                f"error.unfinished, or call {_BY_ID}(id) later.{why}"
            )
        super().__init__(text, prediction_id=prediction_id)
        self.status = status


class WaitAllError(Get3WError):
    """Some of many predictions failed, or their state could not be asked for.

    It is raised once all the others are finished; their handles hold what was paid for.

    Attributes:
        errors: What went wrong, each with its `prediction_id`: `PredictionFailedError` for a task
            that failed, any other `Get3WError` for one whose state is not known.
    """

    def __init__(self, errors: Iterable[Get3WError], total: int) -> None:
        self.errors: tuple[Get3WError, ...] = tuple(errors)
        first = self.errors[0] if self.errors else None
        super().__init__(
            f"{len(self.errors)} of {total} predictions failed or could not be asked for; the "
            f"others are finished. The first: {first}",
            prediction_id=first.prediction_id if first and len(self.errors) == 1 else None,
        )


_SHOWN_IDS = 5


def _listed(predictions: Sequence[AnyPrediction]) -> str:
    ids = [printable(prediction.id) for prediction in predictions[:_SHOWN_IDS]]
    return ", ".join(ids) + (", ..." if len(predictions) > _SHOWN_IDS else "")
