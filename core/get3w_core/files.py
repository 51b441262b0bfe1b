"""Local files on their way up: opened, named and recognised."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias, TypeGuard

from get3w_core.effects import FilePart
from get3w_core.errors import LocalFileError

if TYPE_CHECKING:
    from contextlib import ExitStack

UploadInput: TypeAlias = "str | os.PathLike[str] | BinaryIO"
"""A path, or a file opened in binary mode."""

# [G] the formats that an upload takes. The platform's own table (`mimetypes`) differs between
# machines for several of these.
TYPES_BY_SUFFIX: Final = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".mp4": "video/mp4",
    ".webm": "video/webm",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".m4a": "audio/mp4",
}
UNKNOWN_TYPE: Final = "application/octet-stream"

_SIGNATURES: Final = (
    (re.compile(rb"\x89PNG\r\n\x1a\n"), ".png"),
    (re.compile(rb"\xff\xd8\xff"), ".jpg"),
    (re.compile(rb"GIF8[79]a"), ".gif"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), ".webp"),
    (re.compile(rb"RIFF....WAVE", re.DOTALL), ".wav"),
    (re.compile(rb"....ftypqt", re.DOTALL), ".mov"),
    (re.compile(rb"....ftypM4[AB]", re.DOTALL), ".m4a"),
    (re.compile(rb"....ftyp", re.DOTALL), ".mp4"),
    (re.compile(rb"\x1aE\xdf\xa3"), ".webm"),
    (re.compile(rb"fLaC"), ".flac"),
    (re.compile(rb"ID3|\xff[\xfa\xfb\xf2\xf3]"), ".mp3"),
)
_HEAD: Final = 64
_LONGEST_NAME: Final = 100


def is_local_file(value: object) -> TypeGuard[os.PathLike[str] | BinaryIO]:
    """Tell whether *value* stands for a file that has to be uploaded first."""
    return isinstance(value, os.PathLike) or hasattr(value, "read")


def open_part(file: UploadInput, stack: ExitStack, content_type: str | None = None) -> FilePart:
    """Open *file* and describe it as the part of an upload.

    What is opened here is closed by *stack*; a file that the caller opened stays open. A file is
    sent from its beginning, wherever it stands.

    Raises:
        LocalFileError: It cannot be read, is empty, or is not open in binary mode.
    """
    path = Path(file) if isinstance(file, str | os.PathLike) else None
    name = str(path or "the file")
    try:
        opened = _opened(file, stack)
        opened.seek(0)
        head = opened.read(_HEAD)
        opened.seek(0)
    except (OSError, ValueError) as error:
        # ValueError is what a closed file raises.
        raise LocalFileError(
            f"Cannot read {name}: {error}. Nothing was sent.", path=path
        ) from error
    if not _is_bytes(head):
        raise LocalFileError("The file is open in text mode: open it with 'rb'. Nothing was sent.")
    if not head:
        raise LocalFileError(f"Cannot send {name}: it is empty. Nothing was sent.", path=path)
    own_name: object = getattr(opened, "name", "")
    # A file that was opened by its number has that for a name.
    given = str(path or (own_name if isinstance(own_name, str) else ""))
    filename, found_type = _describe(given, head)
    return FilePart("file", filename, content_type or found_type, opened)


def _is_bytes(value: object) -> bool:
    return isinstance(value, bytes)


def _opened(file: UploadInput, stack: ExitStack) -> BinaryIO:
    if isinstance(file, str | os.PathLike):
        return stack.enter_context(Path(file).open("rb"))
    if file.seekable():
        return file
    from tempfile import TemporaryFile

    # A pipe can be read only once, but an attempt may have to be repeated.
    spool = stack.enter_context(TemporaryFile())  # noqa: SIM115 - the stack closes it
    while chunk := file.read(1 << 16):
        spool.write(chunk)
    return spool


def _describe(given: str, head: bytes) -> tuple[str, str]:
    """Return a plain file name and a content type."""
    suffix = Path(given).suffix.lower()
    sniffed = next((ending for pattern, ending in _SIGNATURES if pattern.match(head)), "")
    name = safe_name(os.path.basename(given.replace("\\", "/")))  # noqa: PTH119 - any system's path
    content_type = TYPES_BY_SUFFIX.get(suffix)
    if content_type is None and suffix:
        from mimetypes import guess_type

        content_type = guess_type(f"x{suffix}")[0]
    if content_type is None:
        content_type = TYPES_BY_SUFFIX.get(sniffed, UNKNOWN_TYPE)
    if not name:
        name = "upload"
    if not Path(name).suffix:
        name += sniffed
    return name, content_type


def safe_name(text: str, longest: int = _LONGEST_NAME) -> str:
    """Return *text* as a file name that is plain on every system; empty if nothing is left.

    Only letters, digits, `.`, `-` and `_` stay, so that it holds no separator, and no dot or
    hyphen leads, so that it is neither hidden nor an option. The end, with the suffix, survives.
    """
    plain = re.sub(r"[^A-Za-z0-9._-]+", "_", text).strip("._-")
    return plain[-longest:].strip("._-")
