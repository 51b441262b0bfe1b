"""Write Markdown in which foreign text is only text."""

import re
from collections.abc import Iterable
from typing import LiteralString

from get3w_codegen.text.forms import Markdown
from get3w_codegen.text.visible import escaped, one_line

_LONGEST = 2000

# GitHub reads these after Markdown is done, so that only an invisible space keeps them apart.
_LINKED = re.compile(r"@(?=\w)|#(?=\d)|(?i:\bGH-)(?=\d)|:(?=//)|(?i:\bwww\.)")
# What means something inside a line; an underscore inside a word does not.
_SPECIAL = re.compile(r"[\\`*\[\]<>|~&]|(?<![^\W_])_|_(?![^\W_])")
# Not every renderer takes a backslash before these.
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
# What means something at the start of a line.
_FIRST = re.compile(r"(?=[!-/:-@^{}])(?![\\&])|(?<=^)(\d+)(?=[.)])")
_TOKEN = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def ours(text: LiteralString) -> Markdown:
    """Return Markdown that is a literal in this program."""
    return Markdown(text)


def number(value: float) -> Markdown:
    """Return a number."""
    return Markdown(f"{value}")


def token(text: object, longest: int = 40) -> Markdown:
    """Return a word of small letters, digits and hyphens; anything else is left out."""
    known = isinstance(text, str) and len(text) <= longest and _TOKEN.fullmatch(text)
    return Markdown(text if known else "")


def code(text: str) -> Markdown:
    """Return *text* as code on one line: nothing in it is markup, a mention or a link."""
    shown = escaped(one_line(_cut(text))) or " "
    fence = "`" * (max(map(len, re.findall(r"`+", shown)), default=0) + 1)
    pad = " " if shown[0] == "`" or shown[-1] == "`" else ""
    return Markdown(f"{fence}{pad}{shown}{pad}{fence}")


def words(text: str) -> Markdown:
    """Return *text* as words on one line, in which nothing is markup, a mention or a link."""
    pieces: list[str] = []
    place = 0
    shown = escaped(one_line(_cut(text)))
    for found in _LINKED.finditer(shown):
        pieces += [_plain(shown[place : found.end()]), "&#8203;"]
        place = found.end()
    made = "".join([*pieces, _plain(shown[place:])])
    return Markdown(
        _FIRST.sub(lambda found: f"{found[0]}\\", made, count=1) if _FIRST.match(made) else made
    )


def join(separator: LiteralString, parts: Iterable[Markdown]) -> Markdown:
    """Return several pieces with our own words between them."""
    return Markdown(separator.join(parts))


def row(cells: Iterable[Markdown]) -> Markdown:
    """Return a row of a table."""
    # A pipe ends a cell even in code; a table takes the backslash away.
    inside = (re.sub(r"\\*\|", r"\\|", cell) for cell in cells)
    return Markdown(f"| {' | '.join(inside)} |")


def _plain(text: str) -> str:
    return _SPECIAL.sub(lambda found: _ENTITIES.get(found[0], f"\\{found[0]}"), text)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}..."
