"""Text of a server, or of anybody else, made safe to print on a terminal.

A server's words may hold escape sequences, bidirectional controls or line breaks. Printed as they
came, they move the cursor, hide text, or look like lines of this package.
"""

from __future__ import annotations

from typing import Final

LONGEST: Final = 300
_CUT: Final = "..."


def printable(text: str, longest: int = LONGEST) -> str:
    r"""Return *text* as one printable line of at most *longest* characters.

    White space becomes single blanks; other characters that cannot be printed are written as
    escapes, such as `\x1b`.
    """
    if len(text) <= longest and text.isprintable() and "  " not in text and text.strip() == text:
        return text
    # Of megabytes no more is looked at than can be shown: an escape is never shorter than this.
    line = escaped(" ".join(text[: 4 * longest].split()))
    whole = len(line) <= longest and len(text) <= 4 * longest
    return line if whole else line[: longest - len(_CUT)] + _CUT


def escaped(text: str) -> str:
    """Return *text*, whole and with its line breaks, with escapes for all that is not printable."""
    if text.isprintable():
        return text
    return "".join(
        character
        if character.isprintable() or character == "\n"
        else character.encode("unicode_escape").decode("ascii")
        for character in text
    )


def quoted(text: str, longest: int = LONGEST) -> str:
    """Return *text* as `repr` writes it, which is printable, and cut after *longest* characters."""
    return repr(text if len(text) <= longest else text[:longest] + _CUT)
