"""Tell what an output is (an address, data, text or another value), and decode its content."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from get3w_core._common.json import as_text
from get3w_core._common.media_types import (
    UNKNOWN_TYPE,
    sniffed_suffix,
    suffix_of_type,
    type_of_suffix,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from get3w_core._common.json import JsonValue

# No white space, and none of the characters that RFC 3986 knows nowhere.
_URL: Final = re.compile(
    r"https?://[^\s/?#\x00-\x1f\x7f<>\"{}|^`\\][^\s\x00-\x1f\x7f<>\"]*", re.IGNORECASE
)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/\r\n]+={0,2}\s*")
_SPACE: Final = re.compile(r"\s")
_SHORTEST_BASE64: Final = 24
_BASE64_HEAD: Final = 88
_DATA_HEAD: Final = 400  # of a data: URL: its type, and enough to know the format by
_CHUNK: Final = 1 << 20  # a multiple of four, which is what base64 is counted in


def is_url(output: JsonValue) -> bool:
    """Return whether *output* is a URL as a whole: text that begins with one is text."""
    return isinstance(output, str) and _URL.fullmatch(output) is not None


def url_of(output: JsonValue) -> str | None:
    """Return the URL of an output: its own, or the one inside an object.

    In an object it is `url`, then `download_url`, then the only name that ends in `_url`.
    """
    if isinstance(output, str):
        return output if is_url(output) else None
    if not isinstance(output, dict):
        return None
    named = {name: value for name, value in output.items() if is_url(value)}
    others = [value for name, value in named.items() if name.endswith("_url")]
    only = others[0] if len(others) == 1 else None
    return as_text(named.get("url") or named.get("download_url") or only)


def text_of(output: JsonValue) -> str | None:
    """Return the text of an output; None where it is a URL or data."""
    if isinstance(output, dict):
        return as_text(output.get("text"))
    if not isinstance(output, str) or is_url(output) or _is_data_url(output):
        return None
    return None if _encoded_suffix(output) else output


@dataclass(frozen=True, slots=True)
class Content:
    """An output that needs no request: `pieces` gives its bytes, `suffix` is for its file."""

    value: str | bytes
    suffix: str

    def pieces(self) -> Iterator[bytes]:
        """Yield the content; base64 is decoded piece by piece.

        Raises:
            ValueError: It is not base64.
        """
        if isinstance(self.value, bytes):
            yield self.value
            return
        try:
            for start in range(0, len(self.value), _CHUNK):
                yield base64.b64decode(self.value[start : start + _CHUNK], validate=True)
        except ValueError as error:
            raise ValueError(f"data that is not base64: {error}") from None


def content_of(output: JsonValue) -> Content:
    """Return the content of an output that has no URL.

    Raises:
        ValueError: It is a `data:` URL without data.
    """
    if not isinstance(output, str):
        return Content(json.dumps(output, indent=2).encode(), ".json")
    if _is_data_url(output):
        return _content_of_data_url(output)
    suffix = _encoded_suffix(output)
    if suffix:
        return Content(_padded(output), suffix)
    return Content(output.encode("utf-8", "replace"), ".txt")


def _is_data_url(output: str) -> bool:
    return output[:5].lower() == "data:"


def _content_of_data_url(output: str) -> Content:
    head, comma, payload = output[len("data:") :].partition(",")
    if not comma:
        raise ValueError("a data: URL without data")
    kind, *parameters = (part.strip().lower() for part in head.split(";"))
    if "base64" not in parameters:
        content = unquote_to_bytes(payload)
        return Content(content, _data_suffix(kind, content))
    encoded = unquote(payload) if "%" in payload else payload
    return Content(_padded(encoded), _data_suffix(kind, _decoded_head(encoded)))


def _data_suffix(kind: str, head: bytes) -> str:
    named = suffix_of_type(kind) if kind else ""
    if named not in {"", ".bin"}:
        return named
    return sniffed_suffix(head) or named or ".txt"  # without a type it is text, by its standard


def _encoded_suffix(text: str) -> str:
    """Return the suffix of the file that *text* is the base64 of; empty where it is just text.

    `enable_base64_output` gives bare base64. Words are never taken for it: the first bytes have
    to be those of a known format, and every character one of base64's.
    """
    if len(text) < _SHORTEST_BASE64:
        return ""
    suffix = sniffed_suffix(_decoded_head(text))
    return suffix if suffix and _BASE64.fullmatch(text) else ""


def _decoded_head(text: str) -> bytes:
    head = "".join(text[:_BASE64_HEAD].split())
    try:
        return base64.b64decode(head[: len(head) // 4 * 4], validate=True)
    except ValueError:
        return b""


def _padded(text: str) -> str:
    plain = "".join(text.split()) if _SPACE.search(text) else text
    return plain + "=" * (-len(plain) % 4)


@dataclass(frozen=True, slots=True)
class OutputValue:
    """One output as the server sent it, and where it belongs.

    Attributes:
        prediction_id: The prediction's id.
        index: The place among the prediction's outputs.
        raw: What the server sent.
        model: The model id.
        is_text: Whether the model writes text, so that no string of it is a URL or data.
    """

    prediction_id: str
    index: int
    raw: JsonValue
    model: str | None = None
    is_text: bool = False

    @property
    def url(self) -> str | None:
        """The http(s) URL to fetch; None if the content is in `raw`."""
        return None if self.is_text and isinstance(self.raw, str) else url_of(self.raw)

    @property
    def text(self) -> str | None:
        """The text; None if the output is a file or another value."""
        return self.raw if self.is_text and isinstance(self.raw, str) else text_of(self.raw)

    @property
    def data_url(self) -> str | None:
        """The data as a `data:` URL; None if the output is something else."""
        raw = self.raw
        if not isinstance(raw, str) or self.is_text or self.url is not None:
            return None
        if _is_data_url(raw):
            return raw
        suffix = _encoded_suffix(raw)
        return f"data:{type_of_suffix(suffix)};base64,{_padded(raw)}" if suffix else None

    def content(self) -> Content:
        """Return the content of an output without a URL; see `content_of`."""
        if self.is_text and isinstance(self.raw, str):
            return Content(self.raw.encode("utf-8", "replace"), ".txt")
        return content_of(self.raw)

    def media_type(self) -> str | None:
        """Return the media type as far as `raw` shows it; nothing is fetched."""
        if self.url is not None:
            return type_of_suffix(url_suffix(self.url)) or None
        data = self.data_url
        if data is not None:
            return _type_of_data_url(data)
        return "application/json" if self.text is None else "text/plain"


def last_segment(url: str) -> str:
    """Return the last part of a URL's path, decoded; a slash that was encoded is one as well."""
    try:
        last = urlsplit(url).path.rpartition("/")[2]
    except ValueError:
        return ""
    return unquote(last).replace("\\", "/").rpartition("/")[2]


def url_suffix(url: str) -> str:
    """Return the suffix of the file that a URL names, in lower case."""
    _, dot, suffix = last_segment(url).rpartition(".")
    return f"{dot}{suffix}".lower()


def _type_of_data_url(url: str) -> str:
    kind = url[len("data:") :].partition(",")[0].partition(";")[0].strip().lower()
    if kind and kind != UNKNOWN_TYPE:
        return kind
    try:
        content = _content_of_data_url(url[:_DATA_HEAD])
    except ValueError:
        return UNKNOWN_TYPE
    return type_of_suffix(content.suffix) or UNKNOWN_TYPE
