"""The security boundary: every text of a schema becomes Python source here and nowhere else."""

import re
from collections.abc import Container
from typing import cast

SURROGATE = re.compile("[\ud800-\udfff]")

# What would end a docstring: three quotes, or one before its own.
_CLOSING_QUOTES = re.compile(r'"{3,}|"+\Z')


def literal(value: object) -> str:
    """Return the source of a JSON value; nothing in it can end the literal early."""
    if value is None or isinstance(value, bool | int | float):
        return repr(value)
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, list):
        items = cast("list[object]", value)
        return f"[{', '.join(literal(item) for item in items)}]"
    if isinstance(value, dict):
        entries = cast("dict[object, object]", value).items()
        pairs = (f"{literal(key)}: {literal(item)}" for key, item in entries)
        return f"{{{', '.join(pairs)}}}"
    raise TypeError(f"{type(value).__name__} is no JSON value")


def _quoted(text: str) -> str:
    # repr escapes whatever a reader could not see: controls, bidi marks, lone surrogates. The
    # formatter changes the quotes to double ones where that needs no more escapes.
    return repr(text)


def one_line(text: str) -> str:
    """Return *text* with every run of white space as one space."""
    return " ".join(text.split())


def wrapped(
    text: str, *, width: int, first: str = "", rest: str = "", heads: Container[str] = ()
) -> str:
    """Return *text* in lines of at most *width*, as docstring source.

    Args:
        text: Plain text; white space in it does not count.
        width: The longest line; a word that is longer stands alone.
        first: What the first line begins with.
        rest: What every other line begins with.
        heads: Words that must not begin a line but the first: some editors would take one for the
            head of an entry, as they would any word with a colon.
    """
    lines: list[str] = []
    line: list[str] = []
    indent = first
    for word in text.split():
        if line and len(indent) + len(" ".join([*line, word])) > width:
            carried = [word]
            while (carried[0] in heads or carried[0].endswith(":")) and len(line) > 1:
                carried.insert(0, line.pop())
            lines.append(indent + " ".join(line))
            line, indent = carried, rest
        else:
            line.append(word)
    if line:
        lines.append(indent + " ".join(line))
    return docstring_text("\n".join(lines))


def docstring_text(text: str) -> str:
    """Return the source of *text* between triple double quotes.

    Half a surrogate pair becomes a replacement character: Python 3.13 and later cannot compile it
    in a docstring, however it is spelt.
    """
    text = SURROGATE.sub("\ufffd", text)
    shown = "".join(
        character
        if character == "\n" or (character.isprintable() and character != "\\")
        else _escape(character)
        for character in text
    )
    return _CLOSING_QUOTES.sub(lambda quotes: r"\"" * len(quotes[0]), shown)


def _escape(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
