"""Make the checked request of a model from an input."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from get3w_cli._common.exits import UsageError
from get3w_cli.arguments.parameters import ModelOption
from get3w_cli.package.index import Model

if TYPE_CHECKING:
    from get3w_core import ModelRequest, RequestValidationError


def make_request(model: Model, body: dict[str, Any], options: list[ModelOption]) -> ModelRequest:
    """Return the request of *model* with an input by wire names.

    Raises:
        UsageError: It does not fit the model's schema; each mistake is named with its option.
    """
    from get3w_core import RequestValidationError, validation_errors

    request_class = getattr(import_module(f"{model.package}.{model.name}"), f"{model.stem}Request")
    try:
        with validation_errors(request_class):
            request: ModelRequest = request_class.model_validate(body)
    except RequestValidationError as error:
        raise refusal(model, error, options) from None
    return request


def refusal(model: Model, error: RequestValidationError, options: list[ModelOption]) -> UsageError:
    """Return the refusal of an input, in which parameters are called as options."""
    names = {each.parameter.wire_name: each.name for each in options}
    lines = [f"The input does not fit {model.id}; nothing was sent."]
    for each in error.errors:
        first, *more = each.location.replace("[", ".[").split(".")
        place = names.get(first, first) + "".join(
            part if part.startswith("[") else f".{part}" for part in more
        )
        lines.append(f"  {place}: {each.message}" if each.location else f"  {each.message}")
    fault = UsageError("\n".join(lines))
    fault.code = "request_validation"
    return fault
