"""What an output is (an address, data or text), and the file name it deserves."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from get3w_core._common.json import as_text
from get3w_core._common.media_types import PLAIN_SUFFIXES, safe_name, sniffed_suffix, suffix_of_type

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from get3w_core._common.json import JsonValue

# No white space, and none of the characters that RFC 3986 knows nowhere.
_URL: Final = re.compile(
    r"https?://[^\s/?#\x00-\x1f\x7f<>\"{}|^`\\][^\s\x00-\x1f\x7f<>\"]*", re.IGNORECASE
)
_BASE64: Final = re.compile(r"[A-Za-z0-9+/\r\n]+={0,2}\s*")
_SPACE: Final = re.compile(r"\s")
_SHORTEST_BASE64: Final = 24
_BASE64_HEAD: Final = 88
_CHUNK: Final = 1 << 20  # a multiple of four, which is what base64 is counted in


def is_url(output: JsonValue) -> bool:
    """Tell whether *output* is an address as a whole: words that begin with one are words."""
    return isinstance(output, str) and _URL.fullmatch(output) is not None


def url_of(output: JsonValue) -> str | None:
    """Return the address of what an output stands for: its own, or the one inside an object.

    An object is asked for `url`, then `download_url`, then the only name that ends in `_url`.
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
    """Return the words of an output; None where it is an address or data."""
    if isinstance(output, dict):
        return as_text(output.get("text"))
    if not isinstance(output, str) or is_url(output) or _is_data_url(output):
        return None
    return None if _encoded_suffix(output) else output


def urls_in(outputs: Sequence[JsonValue]) -> list[str]:
    """Return the address of each output that has one."""
    return [url for output in outputs if (url := url_of(output)) is not None]


def text_in(outputs: Sequence[JsonValue]) -> str:
    """Return the words of all outputs, one below the other."""
    return "\n".join(text for output in outputs if (text := text_of(output)) is not None)


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
    """Return an output that has no address as content.

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

    [W] `enable_base64_output` gives bare base64. Words are never taken for it: the first bytes have
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


def file_name(prediction_id: str, index: int, url: str | None, suffix: str) -> str:
    """Return the name for output number *index*.

    The prediction's id and the number keep outputs apart that share a last segment; every part
    is made safe, so that no id and no URL leads out of the folder.

    Args:
        prediction_id: The prediction.
        index: The place in `outputs`.
        url: Where it comes from.
        suffix: The suffix by content type, for a URL without one.
    """
    last = "" if url is None else _last_segment(url)
    # An encoded slash in the last segment is a slash to whoever decodes it.
    name = safe_name(unquote(last).replace("\\", "/").rpartition("/")[2])
    parts = [safe_name(prediction_id, 80) or "prediction", str(index), *([name] if name else [])]
    return "-".join(parts) + ("" if has_suffix(name) else suffix)


def has_suffix(name: str) -> bool:
    """Tell whether *name* ends as a file of media or data does, which no system executes."""
    return PurePosixPath(name).suffix.lower() in PLAIN_SUFFIXES


def _last_segment(url: str) -> str:
    try:
        return urlsplit(url).path.rpartition("/")[2]
    except ValueError:
        return ""
