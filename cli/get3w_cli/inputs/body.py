"""Put the input of a model together: from a file of JSON, then from the options."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any, cast

from get3w_cli._common.exits import UsageError
from get3w_cli.arguments.parameters import ModelOption
from get3w_cli.inputs.values import place_files, read_value
from get3w_cli.package import shapes
from get3w_cli.package.source import Parameter


def gather(
    input_file: str | None, given: list[tuple[ModelOption, str]], parameters: list[Parameter]
) -> dict[str, object]:
    """Return the input by wire names, with a `Path` for each file that has no URL yet.

    Raises:
        UsageError: A file or a value cannot be read.
    """
    body: dict[str, object] = {}
    if input_file is not None:
        known = {each.wire_name: each for each in parameters}
        for name, value in read_object("--input", _content(input_file)).items():
            place = f"--input: {name}"
            body[name] = place_files(place, known[name].shape, value) if name in known else value
    lists: dict[str, list[object]] = {}
    for option, text in given:
        name, shape = option.parameter.wire_name, option.parameter.shape
        value = read_value(option.name, shape, text)
        if isinstance(value, list) and shape.of_kind(shapes.LIST):
            lists.setdefault(name, []).extend(cast("list[object]", value))
            value = lists[name]
        body[name] = value
    return body


def read_object(option: str, text: str) -> dict[str, Any]:
    """Return the JSON object in *text*.

    Raises:
        UsageError: It is none.
    """
    try:
        value = json.loads(text)
    except ValueError as error:
        raise UsageError(f"{option} is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise UsageError(f"{option} takes a JSON object, not {type(value).__name__}")
    return cast("dict[str, Any]", value)


def _content(name: str) -> str:
    if name == "-":
        return sys.stdin.read()
    try:
        return Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--input: {name!r} cannot be read: {error}") from None
