"""Explain pydantic's errors: what was probably meant, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from pydantic import ValidationError

from get3w_core.request.messages.best_branch import rebuilt, reworded, without_echoes
from get3w_core.request.messages.known_names import known_names, python_place
from get3w_core.request.values.local_files import is_local_file

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic import BaseModel
    from pydantic_core import ErrorDetails, InitErrorDetails

    from get3w_core.request.messages.known_names import Unknown

_LONGEST: Final = 60


def explain(
    request_type: type[BaseModel],
    error: ValidationError | None,
    *,
    by_name: bool,
    unknown: Iterable[Unknown] = (),
) -> ValidationError:
    """Return *error*, which says more of unknown names and of files where a string belongs.

    Args:
        request_type: The class that was to be made.
        error: What pydantic says.
        by_name: Whether names are those of Python, not those on the wire.
        unknown: What else stands under a name that is not known.
    """
    details = [_stray(each) for each in unknown]
    details += error.errors(include_url=False) if error else []
    lines = [
        _explained(request_type, detail, by_name=by_name) for detail in without_echoes(details)
    ]
    return ValidationError.from_exception_data(request_type.__name__, lines)


def _stray(unknown: Unknown) -> ErrorDetails:
    known = [*known_names(unknown.owner, (), by_name=True)]
    return {
        "type": "extra_forbidden",
        "loc": unknown.place,
        "msg": "",
        "input": unknown.value,
        "ctx": {"known": known},
    }


def _explained(
    request_type: type[BaseModel], detail: ErrorDetails, *, by_name: bool
) -> InitErrorDetails:
    place, context = detail["loc"], detail.get("ctx", {})
    if by_name and context.get("on_wire"):
        detail = {**detail, "loc": python_place(request_type, place)}
    if detail["type"] == "extra_forbidden":
        known = context.get("known")
        if known is None:
            known = known_names(request_type, place[:-1], by_name=by_name)
        way_out = _way_out(request_type, detail)
        return reworded(detail, _unknown_name(str(place[-1]), [*known], way_out))
    if detail["type"] == "missing" and isinstance(detail["input"], dict):
        known = {*known_names(request_type, place[:-1], by_name=by_name)}
        given = {str(key) for key in cast("dict[object, object]", detail["input"])}
        near = _nearest(str(place[-1]), sorted(given - known))
        # Where further names are allowed, a misspelt one is not unknown.
        return reworded(detail, f"Field required; {near!r} is given") if near else rebuilt(detail)
    hint = _hint(detail)
    return rebuilt(detail) if hint is None else reworded(detail, hint)


def _hint(detail: ErrorDetails) -> str | None:
    """Return what to say of a mistake, where more can be said than pydantic does."""
    kind, given = detail["type"], detail["input"]
    if kind == "string_type" and is_local_file(given):
        return _no_file(given)
    if kind == "list_type" and (isinstance(given, str) or is_local_file(given)):
        short = isinstance(given, str | Path) and len(str(given)) < _LONGEST
        shown = repr(given) if short else "..."
        return f"Input should be a list, also of one: [{shown}]"
    return None


def _no_file(file: object) -> str:
    """Return what to do with a file that a string parameter was given."""
    shown = repr(str(file)) if isinstance(file, Path) else "file"
    return (
        "Input should be a string: the schema does not say that a file may stand here. For the"
        f" address of one, pass client.upload({shown}); for its"
        " content, read it"
    )


def _unknown_name(name: str, known: list[str], way_out: str) -> str:
    near = _nearest(name, [each for each in known if each != name])
    guess = f"did you mean {near!r}? " if near else ""
    return (
        f"Unknown name {name!r}: {guess}Known names: {', '.join(sorted(known)) or 'none'}. "
        f"To send a name that the schema does not know yet: {way_out}"
    )


def _nearest(name: str, names: list[str]) -> str | None:
    from difflib import get_close_matches  # a slow import that only a mistake needs

    return next(iter(get_close_matches(name, names, n=1)), None)


def _way_out(request_type: type[BaseModel], detail: ErrorDetails) -> str:
    """Return what to pass as extra_body, which is merged at the top of a body and nowhere else."""
    outermost, *inner = detail["loc"]
    if not hasattr(request_type, "__model__"):
        return "in extra_body, inside the property that takes this object, which it replaces whole"
    if not inner:
        return f"extra_body={{{outermost!r}: ...}}"
    field = request_type.__pydantic_fields__.get(str(outermost))
    name = (field and field.serialization_alias) or outermost
    shown = "[...]" if isinstance(inner[0], int) else "{...}"
    return f"extra_body={{{name!r}: {shown}}}, which replaces all of {name!r}"
