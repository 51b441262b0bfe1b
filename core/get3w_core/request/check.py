"""Check a request before it is sent, and turn pydantic's errors into `RequestValidationError`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from pydantic import ValidationError

from get3w_core.errors.base import ConfigurationError
from get3w_core.request.base import ModelRequest, explained
from get3w_core.request.messages.refusals import refusal
from get3w_core.request.values.types import SENDING
from get3w_core.request.wire import unknown_names

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import TracebackType


class validation_errors:  # noqa: N801 - reads as a statement: `with validation_errors(...)`
    """Turn pydantic's `ValidationError` inside the block into `RequestValidationError`."""

    __slots__ = ("_request_type",)

    def __init__(self, request_type: type[ModelRequest]) -> None:
        self._request_type = request_type

    def __enter__(self) -> None:
        return None

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if isinstance(error, ValidationError):
            raise refusal(self._request_type.__model__.model_id, error) from None


def checked_request(request: object) -> ModelRequest:
    """Return *request*.

    Raises:
        ConfigurationError: It is no request of a model.
    """
    shown = request if isinstance(request, type) else type(request)
    if hasattr(request, "__model__") and isinstance(request, ModelRequest):
        return cast("ModelRequest", request)
    raise ConfigurationError(
        "submit takes the request of a model, such as FluxDevRequest(prompt=...), not"
        f" {'the class ' if isinstance(request, type) else ''}{shown.__name__}. Nothing was sent."
    )


def check_wire_body(
    request: ModelRequest, body: Mapping[str, Any], context: object = SENDING
) -> None:
    """Check *body* against the model's schema, just before it is sent.

    With PENDING as *context* it is what `pending_body` returned, which is judged as far as it can
    be without the URLs.

    Raises:
        RequestValidationError: The request was changed after it was made, or made past the
            constructor, and what came of it does not fit.
    """
    # The class that states the model judges, not a subclass that somebody derived from it.
    model = next(cls for cls in type(request).__mro__ if "__model__" in vars(cls))
    model = cast("type[ModelRequest]", model)
    with validation_errors(type(request)):
        try:
            model.__pydantic_validator__.validate_python(body, context=context)
        except ValidationError as error:
            raise explained(model, error, by_name=False, request=request) from None
        if any(unknown_names(request)):
            raise explained(model, None, by_name=False, request=request)
