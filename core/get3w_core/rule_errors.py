"""Describe what a body breaks of a schema: where, and in the words that pydantic would use."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from jsonschema_rs import Draft202012Validator, ValidationErrorKind

from get3w_core.best_branch import best_branch

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
        known = [*_listed(_at(schema, error.schema_path[:-1]), given, schema)]
        context = {"known": known}
        return [
            _line("extra_forbidden", (*place, name), "", cast("Any", given)[name], context)
            for name in kind.unexpected
        ]
    if isinstance(kind, ValidationErrorKind.AnyOf | ValidationErrorKind.OneOfNotValid):
        branches = [
            [_relative(line, place) for inner in branch for line in describe(inner, schema)]
            for branch in kind.context
        ]
        chosen = best_branch([branch for branch in branches if branch])
        return [{**line, "loc": (*place, *line["loc"])} for line in chosen]
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


def _relative(line: ErrorDetails, place: tuple[str | int, ...]) -> ErrorDetails:
    return {**line, "loc": line["loc"][len(place) :]}


def _at(schema: object, path: Sequence[str | int]) -> object:
    for step in path:
        schema = cast("Any", schema)[step]
    return schema


def _listed(schema: object, given: object, root: Mapping[str, object]) -> Iterator[str]:
    """Yield the names that *schema* lists for an object like *given*."""
    if not isinstance(schema, dict):
        return
    keywords = cast("dict[str, Any]", schema)
    yield from keywords.get("properties", ())
    parts = [part for keyword in _IN_PLACE for part in keywords.get(keyword, ())]
    parts += [keywords[keyword] for keyword in ("then", "else") if keyword in keywords]
    reference = str(keywords.get("$ref", ""))
    if reference.startswith("#/"):
        steps = [step.replace("~1", "/").replace("~0", "~") for step in reference[2:].split("/")]
        parts.append(_at(root, steps))
    for part in parts:
        whole = {**cast("dict[str, Any]", part), "$defs": root.get("$defs", {})}
        if Draft202012Validator(whole).is_valid(given):
            yield from _listed(part, given, root)
