"""What pydantic says of a mistake, with what may have been meant and the way out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, LiteralString, get_args

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from get3w_core.local_files import is_local_file
from get3w_core.request import ModelRequest, RequestObject

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic_core import ErrorDetails

# The kinds of error that pydantic does not know by itself; see `types`.
_OWN_KINDS: Final[tuple[LiteralString, ...]] = ("number_type", "media_type", "choice", "condition")

_LONGEST: Final = 60


def explain(
    request_type: type[RequestObject], error: ValidationError, *, by_name: bool
) -> ValidationError:
    """Return *error*, which says more of unknown names and of files where a text belongs.

    Args:
        request_type: The class that was to be made.
        error: What pydantic says.
        by_name: Whether names are those of Python, not those on the wire.
    """
    details = error.errors(include_url=False)
    if not any(detail["type"] == "extra_forbidden" or _hint(detail) for detail in details):
        return error
    lines: list[InitErrorDetails] = []
    for detail in details:
        kind: str | PydanticCustomError = detail["type"]
        custom: LiteralString | None = next((own for own in _OWN_KINDS if own == kind), None)
        if kind == "extra_forbidden":
            known = list(_known_names(request_type, detail["loc"][:-1], by_name=by_name))
            message = _unknown_name(str(detail["loc"][-1]), known, _way_out(request_type, detail))
            kind = PydanticCustomError("extra_forbidden", "{message}", {"message": message})
        elif (hint := _hint(detail)) is not None:
            kind = PydanticCustomError(hint[0], "{message}", {"message": hint[1]})
        elif custom is not None:
            kind = PydanticCustomError(custom, "{message}", {"message": detail["msg"]})
        lines.append(
            InitErrorDetails(
                type=kind, loc=detail["loc"], input=detail["input"], ctx=detail.get("ctx", {})
            )
        )
    return ValidationError.from_exception_data(error.title, lines)


def _hint(detail: ErrorDetails) -> tuple[LiteralString, str] | None:
    """Return the kind of an error and what to say of it, where more can be said than pydantic."""
    kind, given = detail["type"], detail["input"]
    if kind == "string_type" and is_local_file(given):
        return "string_type", _no_file(given)
    if kind == "list_type" and (isinstance(given, str) or is_local_file(given)):
        short = isinstance(given, str | Path) and len(str(given)) < _LONGEST
        shown = repr(given) if short else "..."
        return "list_type", f"Input should be a list, also of one: [{shown}]"
    return None


def _no_file(file: object) -> str:
    """Return what to do with a file that a text parameter was given."""
    shown = repr(str(file)) if isinstance(file, Path) else "file"
    return (
        "Input should be a text: the schema does not say that a file may stand here. For the"
        f" address of one, pass client.upload({shown}); for its"
        " content, read it"
    )


def _unknown_name(name: str, known: list[str], way_out: str) -> str:
    from difflib import get_close_matches  # a slow import that only a mistake needs

    near = get_close_matches(name, known, n=1)
    guess = f"did you mean {near[0]!r}? " if near else ""
    return (
        f"Unknown name {name!r}: {guess}Known names: {', '.join(sorted(known)) or 'none'}. "
        f"To send a name that the schema does not know yet: {way_out}"
    )


def _way_out(request_type: type[RequestObject], detail: ErrorDetails) -> str:
    """Return what to pass as extra_body, which is merged at the top of a body and nowhere else."""
    outermost, *inner = detail["loc"]
    if not issubclass(request_type, ModelRequest):
        return "in extra_body, inside the property that takes this object, which it replaces whole"
    if not inner:
        return f"extra_body={{{outermost!r}: ...}}"
    field = request_type.__pydantic_fields__.get(str(outermost))
    name = (field and field.serialization_alias) or outermost
    shown = "[...]" if isinstance(inner[0], int) else "{...}"
    return f"extra_body={{{name!r}: {shown}}}, which replaces all of {name!r}"


def _known_names(
    request_type: type[RequestObject], location: tuple[int | str, ...], *, by_name: bool
) -> Iterator[str]:
    fields = request_type.__pydantic_fields__
    if not location:
        for name, field in fields.items():
            alias = field.serialization_alias
            yield name if by_name or alias is None else alias
        return
    # A place also holds list indexes and the labels of unions: those lead into the same field.
    for name, field in fields.items():
        if location[0] in {name, field.serialization_alias}:
            for inner in _objects_in(field.annotation):
                rest = location[1:]
                while rest and rest[0] not in inner.__pydantic_fields__:
                    rest = rest[1:]
                yield from _known_names(inner, rest, by_name=by_name)


def _objects_in(annotation: object) -> Iterator[type[RequestObject]]:
    if isinstance(annotation, type) and issubclass(annotation, RequestObject):
        yield annotation
    for argument in get_args(annotation):
        yield from _objects_in(argument)
