"""What an output is (a URL, data or text), and the file name it deserves."""

from __future__ import annotations

import base64
import binascii
import json
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from get3w_core.files import TYPES_BY_SUFFIX, safe_name

if TYPE_CHECKING:
    from get3w_core.jsonvalue import JsonValue

_SUFFIX_BY_TYPE: Final = {
    **{kind: suffix for suffix, kind in TYPES_BY_SUFFIX.items() if suffix != ".jpeg"},
    "text/plain": ".txt",
    "application/json": ".json",
}
_LONGEST_SUFFIX: Final = 10


def is_url(output: JsonValue) -> bool:
    """Tell whether *output* is to be fetched."""
    return isinstance(output, str) and output.lower().startswith(("http://", "https://"))


def inline_content(output: JsonValue) -> tuple[bytes, str]:
    """Return an output that is no URL as bytes, with the suffix for its file.

    Raises:
        ValueError: It is a `data:` URL that cannot be decoded.
    """
    if not isinstance(output, str):
        return json.dumps(output, indent=2).encode(), ".json"
    if not output.lower().startswith("data:"):
        return output.encode("utf-8", "replace"), ".txt"
    head, comma, payload = output[len("data:") :].partition(",")
    if not comma:
        raise ValueError("a data: URL without data")
    kind, *parameters = (part.strip().lower() for part in head.split(";"))
    content = unquote_to_bytes(payload)
    if "base64" in parameters:
        try:
            content = base64.b64decode(content, validate=True)
        except binascii.Error as error:
            raise ValueError(f"a data: URL that is not base64: {error}") from None
    return content, suffix_of_type(kind or "text/plain")


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
    own = PurePosixPath(name).suffix
    return "-".join(parts) + ("" if 1 < len(own) <= _LONGEST_SUFFIX else suffix)


def _last_segment(url: str) -> str:
    try:
        return urlsplit(url).path.rpartition("/")[2]
    except ValueError:
        return ""


def suffix_of_type(content_type: str) -> str:
    """Return the file suffix for a `Content-Type`; `.bin` if none is known."""
    kind = content_type.partition(";")[0].strip().lower()
    known = _SUFFIX_BY_TYPE.get(kind)
    if known is None:
        from mimetypes import guess_extension

        known = guess_extension(kind)
    return known or ".bin"
