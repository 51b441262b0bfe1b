"""Write Python programs that send an input through the typed client."""

from collections.abc import Sequence
from typing import Final, Literal, TypeAlias, get_args

from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator.playground.names import (
    REFERS_OR_MERGES,
    camel,
    in_order,
    item_classes,
    parameter_names,
    properties_of,
)

_WIDTH = 70  # as far as the page shows without scrolling
_INDENT = "    "

# Where one of these describes a value, the classes inside it are not told by `item_classes`.
_ELSEWHERE = REFERS_OR_MERGES | {"prefixItems", "patternProperties"}


Style: TypeAlias = Literal["python", "async", "request"]
"""How the client is used: by the model's function, by its async twin, by its request class."""

STYLES: Final[tuple[Style, ...]] = get_args(Style)


class _NotCertainError(Exception):
    """An object is of a class whose name only the generator knows."""


def program(
    schema: JSONObject,
    name: str,
    value: JSONObject,
    webhook_url: str | None,
    style: Style = "python",
) -> str:
    """Return a program that sends an input and prints the outputs.

    Args:
        schema: The model's schema.
        name: What the model is called in Python.
        value: The input, by its names on the wire.
        webhook_url: Where the end is reported; None for nowhere.
        style: How the client is used.
    """
    more = [] if webhook_url is None else [f"webhook_url={_text(webhook_url)}"]
    indent = _INDENT if style == "async" else ""
    try:
        return _by_name(schema, name, value, more, style, indent)
    except _NotCertainError:
        return _by_wire(name, value, more, style, indent)


def _by_name(
    schema: JSONObject, name: str, value: JSONObject, more: list[str], style: Style, indent: str
) -> str:
    """Give each parameter by its name in Python."""
    listed = properties_of(schema)
    extra: JSONObject = {wire: each for wire, each in value.items() if wire not in listed}
    if extra and not REFERS_OR_MERGES.isdisjoint(schema):
        raise _NotCertainError  # it may be listed elsewhere
    writer = _Writer(schema)
    arguments = writer.arguments(schema, value, indent + _INDENT)
    if extra:
        more = [*more, f"extra_body={_plain(extra, indent + _INDENT, 'extra_body=')}"]
    if style == "request":
        made = _bracketed(f"{_request(name)}(", arguments, ")", indent, "request = ")
        return _of_request(name, made, more, style, sorted(writer.used))
    function = f"submit_{name}_async" if style == "async" else f"submit_{name}"
    imports = [f"from get3w_models import {function}"]
    if writer.used:
        imports.append(f"from get3w_models.{name} import {', '.join(sorted(writer.used))}")
    return _printed(imports, [], f"{function}(", [*arguments, *more], style)


def _by_wire(name: str, value: JSONObject, more: list[str], style: Style, indent: str) -> str:
    """Read the input as it goes over the wire: right for every schema."""
    start = f"{_request(name)}.model_validate("
    body = [_plain(value, indent + _INDENT)]
    return _of_request(name, _bracketed(start, body, ")", indent, "request = "), more, style, [])


def _of_request(
    name: str, made: str, more: Sequence[str], style: Style, classes: Sequence[str]
) -> str:
    """Submit an instance of the request class."""
    function = "submit_async" if style == "async" else "submit"
    imports = [f"from get3w_core import {function}", f"from get3w_models import {_request(name)}"]
    if classes:
        imports.append(f"from get3w_models.{name} import {', '.join(classes)}")
    before = [f"request = {made}"]
    return _printed(imports, before, f"{function}(", ["request", *more], style)


def _printed(
    imports: Sequence[str],
    before: Sequence[str],
    start: str,
    arguments: Sequence[str],
    style: Style,
) -> str:
    if style != "async":
        call = _bracketed(start, arguments, ")", "", "prediction = ")
        lines = [*imports, "", *before, f"prediction = {call}"]
        return "\n".join([*lines, "print(prediction.wait().outputs)", ""])
    call = _bracketed(start, arguments, ")", _INDENT, "prediction = await ")
    body = [*before, f"prediction = await {call}", "print((await prediction.wait()).outputs)"]
    main = ["async def main() -> None:", *(_INDENT + line for line in body)]
    return "\n".join(
        ["import asyncio", "", *imports, "", "", *main, "", "", "asyncio.run(main())", ""]
    )


def _request(name: str) -> str:
    return f"{camel(name)}Request"


class _Writer:
    """Writes values as a function takes them: objects by their class.

    Attributes:
        used: The classes that were needed.
    """

    def __init__(self, schema: JSONObject) -> None:
        self._classes = item_classes(schema)
        self.used: set[str] = set()

    def arguments(self, schema: JSON, value: JSONObject, indent: str) -> list[str]:
        """Return `name=value` for what is listed and given, in the order of the signature."""
        listed = properties_of(schema)
        names = parameter_names(listed)
        given = [wire for wire in in_order(schema) if wire in value]
        return [
            f"{names[wire]}={self._value(value[wire], listed[wire], indent, f'{names[wire]}=')}"
            for wire in given
        ]

    def _value(self, value: JSON, schema: JSON, indent: str, before: str = "") -> str:
        inner = indent + _INDENT
        known = schema if isinstance(schema, dict) else {}
        if not _holds_object(value):
            return _plain(value, indent, before)
        if not _ELSEWHERE.isdisjoint(known):
            raise _NotCertainError
        if isinstance(value, list):
            parts = [self._value(each, known.get("items"), inner) for each in value]
            return _bracketed("[", parts, "]", indent, before)
        assert isinstance(value, dict)
        if "properties" not in known:
            if isinstance(known.get("additionalProperties"), dict) and any(
                map(_holds_object, value.values())
            ):
                raise _NotCertainError
            return _plain(value, indent, before)
        name = self._classes.get(id(schema))
        if name is None or not value.keys() <= properties_of(schema).keys():
            raise _NotCertainError
        self.used.add(name)
        return _bracketed(f"{name}(", self.arguments(schema, value, inner), ")", indent, before)


def _holds_object(value: JSON) -> bool:
    if isinstance(value, list):
        return any(map(_holds_object, value))
    return isinstance(value, dict)


def _plain(value: JSON, indent: str, before: str = "") -> str:
    """Return a value as Python writes it."""
    inner = indent + _INDENT
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        return _bracketed("[", [_plain(each, inner) for each in value], "]", indent, before)
    if isinstance(value, dict):
        parts = [
            f"{_text(key)}: {_plain(each, inner, f'{_text(key)}: ')}" for key, each in value.items()
        ]
        return _bracketed("{", parts, "}", indent, before)
    return repr(value)


def _bracketed(start: str, parts: Sequence[str], end: str, indent: str, before: str) -> str:
    """Write what is in brackets on one line, or on one line each."""
    flat = start + ", ".join(parts) + end
    if "\n" not in flat and len(indent) + len(before) + len(flat) < _WIDTH:
        return flat
    inner = indent + _INDENT
    return f"{start}\n" + "".join(f"{inner}{part},\n" for part in parts) + f"{indent}{end}"


def _text(value: str) -> str:
    """Return a string literal, in double quotes if it holds none."""
    literal = repr(value)
    return literal if '"' in literal else f'"{literal[1:-1]}"'
