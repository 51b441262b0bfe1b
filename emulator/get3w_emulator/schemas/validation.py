"""Validate a body by a schema, with a JSON Schema library.

The library differs from the words of the standard in two points that matter here. It divides
binary fractions, so 0.3 would not be a multiple of 0.1: numbers are compared as the decimals they
are written as. And it reads patterns as Python does, which for some of them and 30 characters
takes minutes: the library that the client has judges those, in the standard's syntax and in
bounded time.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from jsonschema import Draft202012Validator, ValidationError
from jsonschema.protocols import Validator
from jsonschema.validators import extend  # pyright: ignore[reportUnknownVariableType]  # no stubs

from get3w_emulator._common.json import JSON, JSONObject, pointer
from get3w_emulator._common.problems import Problem
from get3w_emulator.schemas.closed import closed
from get3w_emulator.schemas.dialect import modern, with_nulls
from get3w_emulator.schemas.patterns import mismatch, with_names
from get3w_emulator.schemas.references import local
from get3w_emulator.schemas.unfolding import MOST_APPLIED, applied, loops
from get3w_emulator.schemas.well_formed import mended


def _multiple_of(
    validator: Validator, divisor: float, instance: JSON, _: JSONObject
) -> Iterator[ValidationError]:
    if (
        isinstance(instance, int | float)
        and validator.is_type(instance, "number")
        and (_exact(instance) / _exact(divisor)).denominator != 1
    ):
        yield ValidationError(f"{instance!r} is not a multiple of {divisor!r}")


def _exact(number: float) -> Fraction:
    """Return the shortest decimal that names a number, or of a large integer what a float holds."""
    return Fraction(number if abs(number) > 2**53 else repr(number))


def _pattern(
    _validator: Validator, pattern: str, instance: JSON, _schema: JSONObject
) -> Iterator[ValidationError]:
    wrong = mismatch(pattern, instance) if isinstance(instance, str) else None
    if wrong:
        yield ValidationError(f"{instance!r} {wrong}")


def _additional_properties(
    validator: Validator, stated: JSON, instance: JSON, schema: JSONObject
) -> Iterator[ValidationError]:
    patterns, listed = schema.get("patternProperties"), schema.get("properties", {})
    if not isinstance(patterns, dict) or not isinstance(instance, dict) or stated is not False:
        yield from _FOR_NAMES(validator, stated, instance, schema)
        return
    assert isinstance(listed, dict)
    # The library would print the patterns, which are not those of the schema any more.
    for name in instance:
        if name not in listed and not any(re.search(pattern, name) for pattern in patterns):
            yield ValidationError(f"{name!r} is no property and matches no pattern")


_FOR_NAMES = Draft202012Validator.VALIDATORS["additionalProperties"]
_Validator = cast(
    "type[Validator]",
    extend(  # type: ignore[no-untyped-call]  # no stubs
        Draft202012Validator,
        {
            "additionalProperties": _additional_properties,
            "multipleOf": _multiple_of,
            "pattern": _pattern,
        },
    ),
)


class Judge:
    """What tells which values fit a schema.

    Args:
        schema: The schema, as it is judged by.
    """

    def __init__(self, schema: JSONObject) -> None:
        self._schema = schema
        self._fixed = None if "'patternProperties'" in repr(schema) else _Validator(schema)

    def iter_errors(self, instance: JSON) -> Iterator[ValidationError]:
        """Yield everything that is wrong with a value."""
        validator = self._fixed
        if validator is None:
            schema = with_names(self._schema, list(dict.fromkeys(_names(instance))))
            assert isinstance(schema, dict)
            validator = _Validator(schema)
        return validator.iter_errors(instance)

    def is_valid(self, instance: JSON) -> bool:
        """Tell whether nothing is wrong with a value."""
        return next(iter(self.iter_errors(instance)), None) is None


def _names(instance: JSON) -> Iterator[str]:
    """Yield the names in all objects of a value."""
    todo = [instance]
    while todo:
        value = todo.pop()
        if isinstance(value, dict):
            yield from value
            todo += value.values()
        elif isinstance(value, list):
            todo += value


@dataclass(frozen=True)
class Reading:
    """A schema as it is judged by.

    Attributes:
        schema: The schema in the words of 2020-12, without what says nothing sensible.
        problems: What makes it unusable.
    """

    schema: JSONObject
    problems: list[Problem]


def read(schema: JSONObject, *, static: bool = True) -> Reading:
    """Read a schema, as far as it can be used.

    Args:
        schema: The schema.
        static: Whether a dynamic reference leads to where it would if nobody had overridden it.
    """
    stated = modern(schema)
    assert isinstance(stated, dict)
    usable, troubles = mended(local(stated) if static else stated)
    plain = with_nulls(usable)
    assert isinstance(plain, dict)
    found = [Problem(*trouble) for trouble in troubles]
    if not found and loops(plain):
        found.append(Problem("", "a reference leads back to itself without an end"))
    elif not found:
        number = applied(plain)
        if number > MOST_APPLIED:
            message = f"references make {number:,} schemas of it; {MOST_APPLIED:,} is the limit"
            found.append(Problem("", message))
    return Reading(plain, found)


def compiled(schema: JSONObject, *, opened: bool = False) -> Judge:
    """Return what judges by a schema.

    Args:
        schema: The schema.
        opened: Whether an object that says nothing of further names takes them, as in JSON Schema
            itself; else it is read as closed.

    Raises:
        DeadReferenceError: If a reference leads nowhere.
    """
    usable = read(schema, static=not opened or "$dynamicRef" not in repr(schema)).schema
    return Judge(usable if opened else closed(usable))


def problems(validator: Judge, instance: JSON) -> list[Problem]:
    """Return everything that is wrong with a value, in a stable order."""
    try:
        found = {_problem(error) for error in validator.iter_errors(instance)}
    except RecursionError:
        return [Problem("", "it is nested too deeply to be judged")]
    return sorted(found, key=lambda problem: (problem.pointer, problem.message))


def _problem(error: ValidationError) -> Problem:
    return Problem(pointer(error.absolute_path), error.message)
