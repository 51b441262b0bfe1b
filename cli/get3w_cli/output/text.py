"""Texts of a server, or of anybody else, made fit for a terminal and a table."""

from __future__ import annotations


def cell(value: object) -> str:
    """Return a value as it stands in a table; empty for None."""
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return safe(str(value)).replace("\n", " ")


def safe(text: str) -> str:
    """Return *text* with escapes for what would move the cursor of a terminal or hide words."""
    if text.isprintable():
        return text
    return "".join(
        each
        if each.isprintable() or each in "\n\t"
        else each.encode("unicode_escape").decode("ascii")
        for each in text
    )
