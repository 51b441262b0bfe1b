"""The API answered with an error status: one class for each that says what to do."""

from __future__ import annotations

from typing import ClassVar, Self

from get3w_core.errors.base import Get3WError


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

    # What to do, whatever the call was: words that are true of one call alone are given by it.
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

    hint = "An account whose balance is zero is answered this way."  # [G]


class NotFoundError(APIError):
    """404: no such model, prediction or address."""


class RateLimitError(APIError):
    """429: too many concurrent tasks for the account's level, or too many requests.

    Where a submit ends in it, nothing was accepted or billed; of another call's task it says
    nothing.
    """


class ServerError(APIError):
    """5xx: the server failed."""


_BY_STATUS: dict[int, type[APIError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    429: RateLimitError,
}
