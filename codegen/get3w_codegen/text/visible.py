"""Escape or drop invisible and control characters."""

import re

# Half a surrogate pair: text in JSON and in Python, but nothing that UTF-8 can hold.
SURROGATE = re.compile("[\ud800-\udfff]")

_SPACE = re.compile("[\\s\x1c-\x1f\x85\u2028\u2029]+")
# Invisible letters that change the order or the joining of others: bidi controls, zero-width
# characters, tags.
_INVISIBLE = re.compile(
    "[\xad\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_CONTROL = re.compile(
    "[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]"
)


def one_line(text: str) -> str:
    """Return *text* with every run of white space as one space, and without controls.

    Invisible characters are left out, and control characters become replacement characters.
    """
    return _SPACE.sub(" ", _CONTROL.sub("\ufffd", _INVISIBLE.sub("", text))).strip()


def escaped(text: str) -> str:
    """Return *text* with an escape for each character that is not printable."""
    return "".join(
        letter
        if letter.isprintable()
        else letter.encode("unicode_escape", "surrogatepass").decode("ascii")
        for letter in text
    )
