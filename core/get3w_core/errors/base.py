"""The base of all errors, and those that are about no answer of the server.

    Get3WError                      anything below
    ├── ConfigurationError          a missing or unusable key, address or option; nothing was sent
    ├── RequestValidationError      the input does not fit the model's schema; nothing was sent
    ├── UnknownModelError           no request class for this model id; nothing was sent
    ├── LocalFileError              a file of this machine cannot be read or written
    ├── ClientClosedError           the client was closed
    ├── ConnectionFailedError       no answer, and sending again is safe
    ├── SubmitOutcomeUnknownError   a submit that may or may not have been accepted and billed
    ├── ResponseFormatError         an answer that cannot be used, or is about something else
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
    except get3w_core.SubmitOutcomeUnknownError as error:
        ...  # client.reconcile(error) looks for the task; never just submit again
    except get3w_core.RateLimitError as error:
        ...  # error.retry_after
    except get3w_core.Get3WError as error:
        ...  # error.prediction_id is set once a task exists

All of them can be pickled, and none carries the API key. Those of an error status are in
`api_errors`, those of a task in `task_errors`; every name is at the package root.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from get3w_core.errors.printable import escaped, printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


class Get3WError(Exception):
    """Base of every error of this package.

    Attributes:
        message: What happened, and what can be done about it; safe to print on a terminal.
        prediction_id: The task that the error is about, once there is one, as the server wrote it.
    """

    def __init__(self, message: str, *, prediction_id: str | None = None) -> None:
        # A message may repeat what a server or a file said; whatever that is, it can be printed.
        self.message: str = escaped(message)
        super().__init__(self.message)
        self.prediction_id = prediction_id

    def __str__(self) -> str:
        shown = None if self.prediction_id is None else printable(self.prediction_id)
        if shown is None or shown in self.message:
            return self.message
        return f"{self.message} (prediction {shown})"

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
    """An answer cannot be used: it cannot be read, or it is about something else than was asked.

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
        way_on = (
            "`get3w-codegen pull` adds the models of the live list."
            if package == "get3w_models"
            else "`get3w-codegen generate` makes the package anew after a change of its schemas."
        )
        super().__init__(
            f"{package} has no model {model_id!r}.{guess} See {package}.model_ids(); {way_on}"
        )
        self.model_id = model_id
