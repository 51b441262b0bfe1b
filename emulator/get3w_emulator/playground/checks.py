"""What is wrong with a form's input, each problem at the field it is about.

The verdict is the emulator's own: the same library and the same schema as for a submit. Only
where a problem is told, and in which words, is made for a person who fills in a form.
"""

from typing import cast

from jsonschema import ValidationError
from jsonschema.exceptions import best_match  # pyright: ignore[reportUnknownVariableType]  # no stubs

from get3w_emulator._common.json import JSON, pointer
from get3w_emulator._common.problems import Problem
from get3w_emulator.schemas.validation import Judge

_LONGEST = 120


def field_problems(validator: Judge, instance: JSON) -> list[Problem]:
    """Return everything that is wrong with an input; empty means that a submit accepts it."""
    errors = list(validator.iter_errors(instance))
    found = {_told(_inmost(error)) for error in errors if not _follows(error, errors)}
    return sorted(found, key=lambda problem: (problem.pointer, problem.message))


def _follows(error: ValidationError, errors: list[ValidationError]) -> bool:
    """Tell whether a property is called unexpected only because its value is wrong."""
    return error.validator == "unevaluatedProperties" and any(
        other is not error and len(_inmost(other).absolute_path) > len(error.absolute_path)
        for other in errors
    )


def _inmost(error: ValidationError) -> ValidationError:
    """Return why the likeliest alternative fails, rather than that all of them do."""
    if error.validator not in ("anyOf", "oneOf") or not error.context:
        return error
    return cast("ValidationError | None", best_match([error])) or error


def _told(error: ValidationError) -> Problem:
    path = list(error.absolute_path)
    keyword = cast("JSON", error.validator_value)
    if error.validator == "required" and isinstance(keyword, list):
        # One error for each missing name; the library says which in its words alone.
        for name in map(str, keyword):
            if error.message == f"{name!r} is a required property":
                return Problem(pointer([*path, name]), "is required")
    if error.validator == "not" and isinstance(keyword, dict):
        together = keyword.get("required")
        if isinstance(together, list):
            names = " and ".join(map(str, together))
            return Problem(pointer(path), f"{names} cannot be given together")
    return Problem(pointer(path), _short(error))


def _short(error: ValidationError) -> str:
    """Return the library's message, without the value where that is long: the form shows it."""
    shown = repr(error.instance)
    return error.message.replace(shown, "this") if len(shown) > _LONGEST else error.message
