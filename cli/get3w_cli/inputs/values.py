"""Read a text of the command line as the JSON value that a parameter takes.

Only what cannot be read is refused here; whether a value is allowed, the request class says.
A file of this machine is a `Path` in the value, in the place of its URL.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import cast

from get3w_cli._common.exits import UsageError
from get3w_cli._common.nearest import did_you_mean
from get3w_cli.package import shapes
from get3w_cli.package.shapes import Shape, written

_ADDRESS = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]+:(?!\\)")
_NOT_A_PATH = 256  # characters: a text that is longer and has no dot is data


class _UnreadableError(Exception):
    """A text does not read as one kind of value; another kind may fit."""


def read_value(option: str, shape: Shape, text: str) -> object:
    """Return the value that *text* stands for.

    Raises:
        UsageError: It cannot be read as what the parameter takes.
    """
    problem = ""
    for each in _in_order(shape):
        try:
            return _READERS[each.kind](option, each, text)
        except _UnreadableError as error:
            problem = problem or str(error)
    raise UsageError(f"{option}: {problem}")


def place_files(option: str, shape: Shape, value: object) -> object:
    """Return a JSON value with a `Path` in each place where a file is named instead of a URL.

    Raises:
        UsageError: There is no such file.
    """
    given, media = value, shape.of_kind(shapes.MEDIA)
    if isinstance(value, str) and media is not None:
        try:
            return _media(option, media, value)
        except _UnreadableError as error:
            raise UsageError(f"{option}: {error}") from None
    if isinstance(value, list):
        inner = shape.of_kind(shapes.LIST)
        if inner is not None and inner.item is not None:
            return [
                place_files(f"{option}[{index}]", inner.item, each)
                for index, each in enumerate(cast("list[object]", value))
            ]
    if isinstance(value, dict):
        inner = shape.of_kind(shapes.OBJECT)
        if inner is not None:
            return {
                name: place_files(f"{option}.{name}", known, each) if known else each
                for name, each in cast("dict[str, object]", value).items()
                for known in [inner.fields.get(name) or inner.item]
            }
    return given


def _in_order(shape: Shape) -> list[Shape]:
    """Return the alternatives, those that take few texts before those that take any."""
    order = [
        *(shapes.CHOICE, shapes.NULL, shapes.BOOLEAN, shapes.INTEGER, shapes.NUMBER),
        *(shapes.OBJECT, shapes.LIST, shapes.MEDIA, shapes.TEXT, shapes.ANY),
    ]
    return sorted(shape.alternatives(), key=lambda each: order.index(each.kind))


def _text(_option: str, _shape: Shape, text: str) -> str:
    if text == "-":
        return sys.stdin.read()
    if text.startswith("@@"):
        return text[1:]
    if text.startswith("@"):
        path = Path(text[1:])
        try:
            return path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise UsageError(
                f"{str(path)!r} cannot be read as a text: {error}; write @@ for a text that begins"
                " with @"
            ) from None
    return text


def _media(_option: str, _shape: Shape, text: str) -> object:
    if _ADDRESS.match(text) and not Path(text).is_file():
        return text
    path = Path(text)
    if path.is_file():
        return path
    if text.startswith("@") and Path(text[1:]).is_file():
        return Path(text[1:])
    if len(text) >= _NOT_A_PATH and "." not in text:
        return text
    raise _UnreadableError(f"there is no file {text!r} here, and it is no URL")


def _integer(option: str, shape: Shape, text: str) -> object:
    number = _number(option, shape, text)
    if isinstance(number, float) and not number.is_integer():
        raise _UnreadableError(f"{text!r} is not an integer")
    return number


def _number(_option: str, shape: Shape, text: str) -> object:
    kind = "an integer" if shape.kind == shapes.INTEGER else "a number"
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise _UnreadableError(f"{text!r} is not {kind}")
    return value


def _boolean(_option: str, _shape: Shape, text: str) -> bool:
    if text.lower() not in {"true", "false"}:
        raise _UnreadableError(f"{text!r} is neither true nor false")
    return text.lower() == "true"


def _null(_option: str, _shape: Shape, text: str) -> None:
    if text != "null":
        raise _UnreadableError(f"{text!r} is not null")


def _choice(_option: str, shape: Shape, text: str) -> object:
    by_text = {written(each): each for each in shape.choices}
    if text in by_text:
        return by_text[text]
    raise _UnreadableError(
        f"{text!r} is none of {', '.join(by_text)}.{did_you_mean(text, by_text)}"
    )


def _object(option: str, shape: Shape, text: str) -> object:
    value = _json(option, shape, text)
    if not isinstance(value, dict):
        raise _UnreadableError(f"{text!r} is not a JSON object such as {_sample(shape)}")
    return place_files(option, shape, cast("object", value))


def _list(option: str, shape: Shape, text: str) -> object:
    """Read one item, or a whole list that is written as JSON."""
    if text.startswith("["):
        try:
            value = json.loads(text)
        except ValueError:
            value = None
        if isinstance(value, list):
            return place_files(option, shape, cast("object", value))
    return [read_value(option, shape.item or Shape(shapes.ANY), text)]


def _json(option: str, shape: Shape, text: str) -> object:
    try:
        return json.loads(_text(option, shape, text))
    except ValueError as error:
        raise _UnreadableError(f"{text!r} is not JSON ({error})") from None


def _any(option: str, shape: Shape, text: str) -> object:
    try:
        return _json(option, shape, text)
    except _UnreadableError:
        return text


def _sample(shape: Shape) -> str:
    inner = ", ".join(f'"{name}": ...' for name in list(shape.fields)[:3]) or '"name": ...'
    return f"'{{{inner}}}'"


_READERS = {
    shapes.ANY: _any,
    shapes.BOOLEAN: _boolean,
    shapes.CHOICE: _choice,
    shapes.INTEGER: _integer,
    shapes.LIST: _list,
    shapes.MEDIA: _media,
    shapes.NULL: _null,
    shapes.NUMBER: _number,
    shapes.OBJECT: _object,
    shapes.TEXT: _text,
}
