"""Every error that a call can end in.

    Get3WError                      anything below
    ├── ConfigurationError          a missing or unusable key, address or option; nothing was sent
    ├── RequestValidationError      the input does not fit the model's schema; nothing was sent
    ├── UnknownModelError           no request class for this model id; nothing was sent
    ├── LocalFileError              a file of this machine cannot be read or written
    ├── ClientClosedError           the client was closed
    ├── ConnectionFailedError       no answer, and sending again is safe
    ├── SubmitOutcomeUnknownError   a submit that may or may not have been accepted and billed
    ├── ResponseFormatError         an answer that cannot be understood
    ├── PredictionFailedError       the task was accepted and then failed
    ├── WaitTimeoutError            the task is still running; wait again
    ├── WaitAllError                some of many predictions failed or could not be asked for
    ├── WebhookError                a delivery that is no prediction; see `webhook_errors`
    │   ├── WebhookVerificationError    nothing shows that it is genuine
    │   └── WebhookDuplicateError       it was acted on before
    └── APIError                    the API answered with an error status
        ├── BadRequestError         400
        ├── AuthenticationError     401
        ├── PermissionDeniedError   403
        ├── NotFoundError           404
        ├── RateLimitError          429
        └── ServerError             5xx

Catch the narrow ones first:

    try:
        prediction = submit_flux_dev(prompt="a lighthouse at dusk").wait()
    except get3w_core.SubmitOutcomeUnknownError:
        ...  # look in the account's history; never just submit again
    except get3w_core.RateLimitError as error:
        ...  # error.retry_after
    except get3w_core.Get3WError as error:
        ...  # error.prediction_id is set once a task exists

All of them can be pickled, and none carries the API key.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Self

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from get3w_core.options import SurfaceName
    from get3w_core.prediction import AsyncPrediction, Prediction

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


class Get3WError(Exception):
    """Base of every error of this package.

    Attributes:
        message: What happened, and what can be done about it.
        prediction_id: The task that the error is about, once there is one.
    """

    def __init__(self, message: str, *, prediction_id: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.prediction_id = prediction_id

    def __str__(self) -> str:
        if self.prediction_id is None or self.prediction_id in self.message:
            return self.message
        return f"{self.message} (prediction {self.prediction_id})"

    def __reduce__(self) -> tuple[object, ...]:
        # The default calls the class with `args`, which fails for keyword-only arguments.
        return _rebuild, (type(self), self.args, dict(self.__dict__))


def _rebuild(
    kind: type[Get3WError], args: tuple[object, ...], state: dict[str, object]
) -> Get3WError:
    error = kind.__new__(kind, *args)
    error.__dict__.update(state)
    return error


class ConfigurationError(Get3WError):
    """A missing or unusable key, address or option; nothing was sent."""


class ClientClosedError(Get3WError):
    """The client was closed before this call."""


class ConnectionFailedError(Get3WError):
    """No answer came, after all retries, and nothing is lost by calling again.

    For a submit it means that the request never left this machine.

    Attributes:
        method: The HTTP method.
        url: The address, without its query.
    """

    def __init__(
        self, message: str, *, method: str = "", url: str = "", prediction_id: str | None = None
    ) -> None:
        super().__init__(message, prediction_id=prediction_id)
        self.method = method
        self.url = url


class LocalFileError(Get3WError):
    """A file of this machine cannot be read or written.

    Attributes:
        path: The file, if it has a name.
    """

    def __init__(
        self, message: str, *, path: Path | None = None, prediction_id: str | None = None
    ) -> None:
        super().__init__(message, prediction_id=prediction_id)
        self.path = path


class ResponseFormatError(Get3WError):
    """An answer cannot be understood.

    Attributes:
        body: The beginning of the answer.
        status_code: The HTTP status; None where it is no answer of HTTP.
        method: The HTTP method.
        url: The address, without its query.
    """

    def __init__(
        self,
        message: str,
        *,
        body: str = "",
        status_code: int | None = None,
        method: str = "",
        url: str = "",
        prediction_id: str | None = None,
    ) -> None:
        super().__init__(message, prediction_id=prediction_id)
        self.body = body
        self.status_code = status_code
        self.method = method
        self.url = url


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with a request.

    Attributes:
        location: The field, such as `loras[0].path`, by the names that were used: Python's in a
            constructor, those of the wire in a body; empty for the whole request.
        message: What is wrong with it.
    """

    location: str
    message: str


class RequestValidationError(Get3WError, ValueError):
    """The input does not fit the model's schema; nothing was sent.

    Attributes:
        model_id: The model.
        errors: Each thing that is wrong.
    """

    def __init__(self, message: str, *, model_id: str, errors: Sequence[FieldError]) -> None:
        super().__init__(message)
        self.model_id = model_id
        self.errors: tuple[FieldError, ...] = tuple(errors)


class SubmitOutcomeUnknownError(Get3WError):
    """A submit went out and no clear answer came back: the task may exist and be billed.

    It was not sent again, because no request id protects against a second charge.

    Attributes:
        model_id: The model that was submitted to.
        method: The HTTP method.
        url: The address, without its query.
        reason: What was seen instead of a clear answer.
        surface: The surface that was submitted on.
        status_code: The status of the answer; None where there was none.
        body: The beginning of the answer.
    """

    def __init__(
        self,
        *,
        model_id: str,
        method: str,
        url: str,
        reason: str,
        prediction_id: str | None = None,
        surface: SurfaceName = "v3",
        status_code: int | None = None,
        body: str = "",
    ) -> None:
        on = "" if surface == "v3" else f", surface={surface!r}"
        way_on = (
            "Look in the account's history and billing (client.billings()) before resubmitting."
            if prediction_id is None
            else f"The answer names prediction {prediction_id}: fetch it with "
            f"client.prediction({prediction_id!r}{on}) before resubmitting."
        )
        super().__init__(
            f"Whether the submit of {model_id} was accepted is unknown: {reason} "
            f"({method} {url}). It was not sent again, because the task may exist and be billed. "
            + way_on,
            prediction_id=prediction_id,
        )
        self.model_id = model_id
        self.method = method
        self.url = url
        self.reason = reason
        self.surface: SurfaceName = surface
        self.status_code = status_code
        self.body = body


class UnknownModelError(Get3WError):
    """A package of generated code has no request class for a model id.

    Attributes:
        model_id: The id that was asked for.
    """

    def __init__(self, model_id: str, package: str, known: Sequence[str]) -> None:
        from difflib import get_close_matches  # only needed here

        folded = {each.lower(): each for each in known}
        parts = {each.rpartition("/")[2]: each for each in folded}
        wanted = model_id.lower().strip("/ ")
        near = [folded[each] for each in get_close_matches(wanted, folded, n=3)]
        if not near:  # the owner may be what is wrong
            named = get_close_matches(wanted.rpartition("/")[2], parts, n=3)
            near = [folded[parts[each]] for each in named]
        guess = f" Did you mean {' or '.join(map(repr, near))}?" if near else ""
        super().__init__(
            f"{package} has no model {model_id!r}.{guess} See {package}.model_ids(); "
            "`get3w-codegen pull` adds the models of the live list."
        )
        self.model_id = model_id


class PredictionFailedError(Get3WError):
    """The task was accepted and then failed, was cancelled or timed out on the server.

    Attributes:
        prediction: The handle.
        code: The task's error code, if the server gave one.
        error: The server's text, if it gave one.
    """

    def __init__(self, prediction: Prediction | AsyncPrediction) -> None:
        code, error = prediction.code, prediction.error
        told = f": {error}" if error else ""
        hint = TASK_CODE_HINTS.get(code) if code is not None else None
        coded = "" if not code else f" [code {code}{f': {hint}' if hint else ''}]"
        super().__init__(
            f"Prediction {prediction.id} ended as {prediction.status!r}{told}{coded}",
            prediction_id=prediction.id,
        )
        self.prediction = prediction
        self.code = code
        self.error = error


class WaitTimeoutError(Get3WError):
    """The time given to `wait` ran out while the task was still running.

    Nothing is lost: `wait()` again, or `client.prediction(id)` from another process.

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
        unfinished: Iterable[Prediction | AsyncPrediction] = (),
        total: int = 1,
    ) -> None:
        self.unfinished: tuple[Prediction | AsyncPrediction, ...] = tuple(unfinished)
        if total == 1:
            text = (
                f"Prediction {prediction_id} is still {status!r} after {seconds:g} s. It goes on "
                f"running: call wait() again, or client.prediction({prediction_id!r}) later."
            )
        else:
            text = (
                f"{len(self.unfinished)} of {total} predictions are not finished after "
                f"{seconds:g} s: {_listed(self.unfinished)}. They go on running: wait for "
                "error.unfinished, or call client.prediction(id) later."
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


class APIError(Get3WError):
    """The API answered with an error status.

    Attributes:
        status_code: The HTTP status, or the envelope's `code` where HTTP said 200.
        method: The HTTP method.
        url: The address, without its query.
        body: The beginning of the answer.
        code: The body's own `code`, if it has one.
        retry_after: The seconds to wait that the server asked for, if it did.
    """

    hint: ClassVar[str] = ""

    def __init__(
        self,
        message: str,
        *,
        status_code: int,
        method: str,
        url: str,
        body: str = "",
        code: int | None = None,
        retry_after: float | None = None,
        prediction_id: str | None = None,
        hint: str | None = None,
    ) -> None:
        advice = self.hint if hint is None else hint
        text = f"{method} {url} was answered with {status_code}: {message or 'no message'}"
        super().__init__(f"{text}. {advice}" if advice else text, prediction_id=prediction_id)
        self.status_code = status_code
        self.method = method
        self.url = url
        self.body = body
        self.code = code
        self.retry_after = retry_after

    @classmethod
    def of_status(cls, status_code: int) -> type[Self]:
        """Return the class for an HTTP status."""
        kind = _BY_STATUS.get(status_code, ServerError if status_code >= 500 else APIError)
        return kind if issubclass(kind, cls) else cls


class BadRequestError(APIError):
    """400: a field is missing or has a wrong value."""


class AuthenticationError(APIError):
    """401: no key, or one that the server does not know."""

    hint = (
        "Check GET3W_API_KEY or api_key=; keys come from get3w.com/accesskey and do nothing until "
        "the account has been topped up once."  # [G]
    )


class PermissionDeniedError(APIError):
    """403: an account issue; Get3W names an empty balance."""

    hint = "A balance of zero is answered this way; see client.balance()."  # [G]


class NotFoundError(APIError):
    """404: no such model, prediction or address."""


class RateLimitError(APIError):
    """429: too many concurrent tasks for the account's level."""

    hint = "Too many tasks at once for the account's level; nothing was accepted or billed."  # [G]


class ServerError(APIError):
    """5xx: the server failed."""


_SHOWN_IDS = 5


def _listed(predictions: Sequence[Prediction | AsyncPrediction]) -> str:
    ids = [prediction.id for prediction in predictions[:_SHOWN_IDS]]
    return ", ".join(ids) + (", ..." if len(predictions) > _SHOWN_IDS else "")


_BY_STATUS: dict[int, type[APIError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    429: RateLimitError,
}
