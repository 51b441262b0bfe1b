"""Whether a text may stand for a picture, a video or a sound: a URL, or the content as BASE64."""

from __future__ import annotations

import re
from binascii import a2b_base64
from typing import Final

from get3w_core._common.media_types import sniffed_suffix

is_plain_url: Final = re.compile(r"https?://\w[!-~]*").fullmatch
"""Tells whether a text is a URL as most are, in which case it has no problem; quick to ask."""

_WEB: Final = re.compile(r"https?://[^\s/?#:]\S*", re.IGNORECASE)
_DATA: Final = re.compile(r"data:[^,\s]*,\s*\S", re.IGNORECASE)
_SCHEME: Final = re.compile(r"[a-z][a-z0-9+.-]+:(?!\\)", re.IGNORECASE)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}|[A-Za-z0-9_-]+={0,2}")
# Of a long text the beginning is looked at; a multiple of 4, so that it decodes.
_HEAD: Final = 1024
# No path is so long and has neither a dot nor a space in it.
_LONG: Final = 256
_LONGEST_SHOWN: Final = 60


def media_problem(text: str) -> str | None:
    """Return what is wrong with *text* where a model takes media; None if nothing is.

    What is plainly no media would be accepted, billed, and fail at the model.
    """
    if _WEB.fullmatch(text) or _DATA.match(text) or _is_base64(text):
        return None
    shown = repr(text) if 0 < len(text) <= _LONGEST_SHOWN else "..."
    file = f"for a file of this machine pass Path({shown})"
    bare = text.strip().lower()
    if bare.startswith(("http://", "https://", "data:")):
        if re.search(r"\s", text):
            return "A URL holds no white space: take it away, or write %20 for a space inside"
        return (
            f"This is no URL; {'the data' if bare.startswith('data:') else 'the host'} is missing"
        )
    if bare.startswith("file:"):
        return (
            "Get3W cannot fetch what is on this machine: pass Path(...) with the path of the"
            " file, and it is uploaded"
        )
    if _SCHEME.match(bare):
        return f"This is no URL; one begins with https:// or http://; {file}"
    return f"This is no URL; {file}"


def _is_base64(text: str) -> bool:
    """Tell whether *text* is BASE64 that begins like a known file, or is too long for a name."""
    head = "".join(text[: 2 * _HEAD].split())[:_HEAD]
    if not _BASE64.fullmatch(head) or (len(head) < _HEAD and len(head.rstrip("=")) % 4 == 1):
        return False
    content = a2b_base64(head.rstrip("=").replace("-", "+").replace("_", "/") + "===")
    # Two bytes tell an MP3, and four letters of a path may be the same.
    return len(head) >= _LONG or sniffed_suffix(content) not in {"", ".mp3"}
