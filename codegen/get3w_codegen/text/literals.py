"""Write Python source: literals, names and expressions."""

import ast
import keyword
from collections.abc import Iterable, Mapping
from string import Template
from typing import LiteralString, cast

from get3w_codegen.text.forms import Comment, Source
from get3w_codegen.text.visible import escaped, one_line


def ours(text: LiteralString) -> Source:
    """Return source that is a literal in this program."""
    return Source(text)


def literal(value: object) -> Source:
    """Return the source of a JSON value; nothing in it can end the literal early."""
    # repr escapes whatever a reader could not see: controls, bidi marks, lone surrogates. The
    # formatter changes the quotes to double ones where that needs no more escapes.
    if value is None or isinstance(value, bool | int | float | str):
        return Source(repr(value))
    if isinstance(value, list):
        items = cast("list[object]", value)
        return Source(f"[{', '.join(literal(item) for item in items)}]")
    if isinstance(value, dict):
        entries = cast("dict[object, object]", value).items()
        pairs = (f"{literal(key)}: {literal(item)}" for key, item in entries)
        return Source(f"{{{', '.join(pairs)}}}")
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def readable(value: object) -> Source:
    """Return the source of a JSON value with double quotes, as code is written here."""
    if isinstance(value, list):
        return Source(f"[{', '.join(map(readable, cast('list[object]', value)))}]")
    source = literal(value)
    plain = isinstance(value, str) and not set(value) & {"'", '"'}
    return Source(f'"{source[1:-1]}"') if plain else source


def identifier(text: str) -> Source:
    """Return a name.

    Raises:
        ValueError: Python does not take *text* for one.
    """
    if not text.isidentifier() or keyword.iskeyword(text):
        raise ValueError(f"{text!r} is no name in Python")
    return Source(text)


def expression(source: str) -> Source:
    """Return source that was put together of literals and names.

    Raises:
        SyntaxError: It is not one expression on one line.
    """
    if "\n" in source:
        raise SyntaxError("an expression on several lines")
    ast.parse(source, mode="eval")
    if "#" in source:
        ast.parse(f"({source})", mode="eval")  # a comment would hide the bracket
    return Source(source)


def statement(pattern: LiteralString, *parts: Source) -> Source:
    """Return source of ours with other source at each `{}`."""
    return Source(pattern.format(*parts))


def filled(template: str, values: Mapping[str, Source]) -> Source:
    """Return a template file of ours with source for each `$name`."""
    return Source(Template(template).substitute(values))


def listed(parts: Iterable[Source]) -> Source:
    """Return several names or expressions with commas between them."""
    return Source(", ".join(parts))


def lines(parts: Iterable[Source]) -> Source:
    """Return several pieces of source, each on a line of its own."""
    return Source("\n".join(parts))


def comment(text: str) -> Comment:
    """Return what may stand in a comment of one line."""
    return Comment(escaped(one_line(text)))
