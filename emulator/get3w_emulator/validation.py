"""Judging a body by a schema, with a JSON Schema library and no code of ours in between.

The library differs from the words of the standard in two points that matter here. It divides
binary fractions, so 0.3 would not be a multiple of 0.1: numbers are compared as the decimals they
are written as. And it reads patterns as Python does, which for some of them and 30 characters
takes minutes: the library that the client has judges those, in the standard's syntax and in
bounded time.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import cast

import jsonschema_rs
from jsonschema import Draft202012Validator, ValidationError
from jsonschema.exceptions import SchemaError
from jsonschema.protocols import Validator
from jsonschema.validators import extend  # pyright: ignore[reportUnknownVariableType]  # no stubs

from get3w_emulator.closing import closed
from get3w_emulator.dialect import modern
from get3w_emulator.jsontypes import JSON, JSONObject


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a value.

    Attributes:
        pointer: The JSON pointer of the value; the empty string is the whole document.
        message: What is wrong with it.
    """

    pointer: str
    message: str


def _multiple_of(
    validator: Validator, divisor: float, instance: JSON, schema: JSONObject
) -> Iterator[ValidationError]:
    del schema
    if isinstance(instance, int | float) and validator.is_type(instance, "number"):
        # repr() is the shortest decimal that names the number: what was written.
        quotient = Fraction(repr(instance)) / Fraction(repr(divisor))
        if quotient.denominator != 1:
            yield ValidationError(f"{instance!r} is not a multiple of {divisor!r}")


def _pattern(
    validator: Validator, pattern: str, instance: JSON, schema: JSONObject
) -> Iterator[ValidationError]:
    del schema
    if not isinstance(instance, str) or not validator.is_type(instance, "string"):
        return
    judge = _pattern_judge(_encodable(pattern))
    if judge is not None and not judge.is_valid(_encodable(instance)):
        yield ValidationError(f"{instance!r} does not match {pattern!r}")


@cache
def _pattern_judge(pattern: str) -> jsonschema_rs.Draft202012Validator | None:
    """Return what judges texts; None for a pattern that is none, which the client passes over."""
    try:
        return jsonschema_rs.Draft202012Validator({"pattern": pattern})
    except ValueError:
        return None


def _encodable(text: str) -> str:
    """Return *text* with a replacement for half a surrogate pair, which UTF-8 cannot hold."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


_Validator = cast(
    "type[Validator]",
    extend(Draft202012Validator, {"multipleOf": _multiple_of, "pattern": _pattern}),  # type: ignore[no-untyped-call]  # no stubs
)


def schema_problem(schema: JSONObject) -> Problem | None:
    """Return what makes a document not a JSON Schema, or None if it is one."""
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        return _problem(error)
    return None


def compiled(schema: JSONObject, *, opened: bool = False) -> Validator:
    """Return the validator of a schema.

    Args:
        schema: The schema.
        opened: Whether an object that says nothing of further names takes them, as in JSON Schema
            itself; else it is read as closed.

    Raises:
        DeadReferenceError: If a reference leads nowhere.
    """
    stated = modern(schema)
    assert isinstance(stated, dict)
    return _Validator(stated if opened else closed(stated))


def problems(validator: Validator, instance: JSON) -> list[Problem]:
    """Return everything that is wrong with a value, in a stable order."""
    found = {_problem(error) for error in validator.iter_errors(instance)}
    return sorted(found, key=lambda problem: (problem.pointer, problem.message))


def pointer(path: Iterator[str | int]) -> str:
    """Write the way to a value as a JSON pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def _problem(error: ValidationError | SchemaError) -> Problem:
    return Problem(pointer(iter(error.absolute_path)), error.message)
