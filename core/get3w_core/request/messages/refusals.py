"""Build `RequestValidationError` from the errors of pydantic, one line for each mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from get3w_core.errors.base import FieldError, RequestValidationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import ValidationError


def refusal(model_id: str, error: ValidationError) -> RequestValidationError:
    """Return what to raise instead of pydantic's *error*: one line for each mistake."""
    details = error.errors(include_url=False, include_context=False, include_input=True)
    fields = [
        FieldError(location=_dotted(detail["loc"]), message=_sentence(detail["msg"], detail))
        for detail in details
    ]
    lines = [
        f"{field.location}: {field.message}" if field.location else field.message
        for field in fields
    ]
    text = "\n  ".join([f"Invalid input for {model_id}; nothing was sent.", *lines])
    return RequestValidationError(text, model_id=model_id, errors=fields)


def refusal_of_endless(request_type: type[object]) -> RequestValidationError:
    """Return the refusal of a request in which a list or object holds itself."""
    model_id = getattr(request_type, "__model__").model_id  # noqa: B009 - no attribute of `object`
    message = "A list or object in it holds itself"
    return RequestValidationError(
        f"Invalid input for {model_id}; nothing was sent.\n  {message}",
        model_id=model_id,
        errors=[FieldError(location="", message=message)],
    )


def _sentence(message: str, detail: Mapping[str, Any]) -> str:
    if detail["type"] in {"missing", "extra_forbidden", "condition"}:
        return message
    try:
        shown = repr(detail["input"])
    except Exception:  # noqa: BLE001 - a number of 5,000 digits has no repr, and others misbehave
        return message
    return f"{message} (got {shown if len(shown) <= 80 else shown[:77] + '...'})"


def _dotted(location: tuple[str | int, ...]) -> str:
    text = ""
    for part in location:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
