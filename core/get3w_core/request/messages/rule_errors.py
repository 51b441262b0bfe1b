"""Describe how a body breaks a rule: where, and in the words that pydantic would use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from jsonschema_rs import Draft202012Validator, ValidationErrorKind

from get3w_core.request.messages.best_branch import best_branch

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from jsonschema_rs import ValidationError
    from pydantic_core import ErrorDetails

_KINDS: Final = {
    "array": "a valid list",
    "boolean": "a valid boolean",
    "integer": "a valid integer",
    "null": "None",
    "number": "a valid number",
    "object": "a valid dictionary",
    "string": "a valid string",
}
_IN_PLACE: Final = ("allOf", "anyOf", "oneOf")


def describe(error: ValidationError, schema: Mapping[str, object]) -> list[ErrorDetails]:
    """Return a line for each mistake that *error* stands for, with its place in the whole body.

    Args:
        error: What a body breaks.
        schema: The schema that says so.
    """
    place, kind, given = tuple(error.instance_path), error.kind, error.instance
    if isinstance(kind, ValidationErrorKind.Required):
        # It has the place where it should be.
        text = "Required by a condition of the schema"
        return [_line("condition", (*place, kind.property), text, given)]
    if isinstance(
        kind, ValidationErrorKind.AdditionalProperties | ValidationErrorKind.UnevaluatedProperties
    ):
        return _unexpected(_at(schema, error.schema_path[:-1]), error, kind.unexpected, schema)
    if isinstance(kind, ValidationErrorKind.AnyOf | ValidationErrorKind.OneOfNotValid):
        branches = [
            [_relative(line, place) for inner in branch for line in describe(inner, schema)]
            for branch in kind.context
        ]
        return _placed(best_branch([branch for branch in branches if branch]), place)
    if isinstance(kind, ValidationErrorKind.Type):
        asked = " or ".join(_KINDS[each] for each in kind.types if each != "null")
        return [_line("type", place, f"Input should be {asked}", given)]
    if isinstance(kind, ValidationErrorKind.Constant):
        return [_line("choice", place, f"Input should be {kind.expected_value!r}", given)]
    if isinstance(kind, ValidationErrorKind.Enum):
        asked = " or ".join(map(repr, kind.options))
        return [_line("choice", place, f"Input should be {asked}", given)]
    return [_line("condition", place, error.message, given)]


def _line(
    kind: str,
    place: tuple[str | int, ...],
    text: str,
    given: object,
    context: Mapping[str, object] | None = None,
) -> ErrorDetails:
    # Names in it are those on the wire, whatever the caller wrote.
    found = {"on_wire": True, **(context or {})}
    return {"type": kind, "loc": place, "msg": text, "input": given, "ctx": found}


def _placed(lines: list[ErrorDetails], place: tuple[str | int, ...]) -> list[ErrorDetails]:
    return [{**line, "loc": (*place, *line["loc"])} for line in lines]


def _relative(line: ErrorDetails, place: tuple[str | int, ...]) -> ErrorDetails:
    return {**line, "loc": line["loc"][len(place) :]}


def _at(schema: object, path: Sequence[str | int]) -> object:
    """Return what stands at *path*; nothing where it leads through a dynamic reference."""
    for step in path:
        try:
            schema = cast("Any", schema)[step]
        except (IndexError, KeyError, TypeError):
            return {}
    return schema


def _unexpected(
    owner: object, error: ValidationError, names: Sequence[str], root: Mapping[str, object]
) -> list[ErrorDetails]:
    """Return what is wrong with *names*: unknown, or with a value that a branch refuses."""
    place, given = tuple(error.instance_path), cast("dict[str, Any]", error.instance)
    known = [
        name
        for part in _parts(owner, root)
        if part is owner or not _mistakes(part, given, root)
        for name in part.get("properties", ())
    ]
    lines: list[ErrorDetails] = []
    for name in names:
        refusing = [
            [line for mistake in mistakes for line in describe(mistake, _whole(part, root))]
            for part in _parts(owner, root)
            if name in part.get("properties", ())
            and (mistakes := [*_mistakes_inside(name, part, given, root)])
        ]
        if refusing:
            lines += _placed(best_branch(refusing), place)
        else:
            context = {"known": known}
            lines.append(_line("extra_forbidden", (*place, name), "", given[name], context))
    return lines


def _parts(schema: object, root: Mapping[str, object]) -> Iterator[dict[str, Any]]:
    """Yield *schema* and every schema in it that judges the same value."""
    if not isinstance(schema, dict):
        return
    keywords = cast("dict[str, Any]", schema)
    yield keywords
    parts = [part for keyword in _IN_PLACE for part in keywords.get(keyword, ())]
    parts += [keywords[keyword] for keyword in ("then", "else") if keyword in keywords]
    reference = str(keywords.get("$ref", ""))
    if reference.startswith("#/$defs/"):
        parts.append(cast("Any", root.get("$defs", {})).get(reference[len("#/$defs/") :]))
    for part in parts:
        yield from _parts(part, root)


def _whole(part: dict[str, Any], root: Mapping[str, object]) -> dict[str, Any]:
    return {**part, "$defs": root.get("$defs", {})}


def _mistakes_inside(
    name: str, part: dict[str, Any], given: object, root: Mapping[str, object]
) -> Iterator[ValidationError]:
    return (each for each in _mistakes(part, given, root) if name in each.instance_path[:1])


def _mistakes(
    part: dict[str, Any], given: object, root: Mapping[str, object]
) -> list[ValidationError]:
    try:
        return [*Draft202012Validator(_whole(part, root)).iter_errors(given)]
    except ValueError:  # it refers to what stands elsewhere in the schema
        return []
