"""Check the name, the type and the size of a file before it is uploaded."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from get3w_core._common.media_types import (
    FORMATS,
    LARGEST,
    LIMITS,
    MIB,
    TYPES_BY_SUFFIX,
    UNKNOWN_TYPE,
    kind_of_type,
    safe_name,
    sniffed_suffix,
)
from get3w_core.errors.base import LocalFileError

if TYPE_CHECKING:
    from get3w_core._common.media_types import Kind


class SizeCheck:
    """Refuses a file that is larger than Get3W takes of its kind."""

    def __init__(self, shown: str, path: Path | None, kinds: set[Kind]) -> None:
        self._shown = shown
        self._path = path
        # Where name and content disagree, the server may go by either.
        kind = max(kinds, key=LIMITS.__getitem__, default=None)
        self._limit = LARGEST if kind is None else LIMITS[kind]
        self._taken = "no files of more than" if kind is None else f"{kind} files of at most"

    def __call__(self, size: int, *, more: bool = False) -> None:
        """Refuse *size* bytes, or *more*, if they are too many.

        Raises:
            LocalFileError: They are.
        """
        if size <= self._limit:
            return
        raise LocalFileError(
            f"Cannot send {self._shown}: it is {'more than ' if more else ''}"
            f"{size / MIB:.1f} MiB ({size} bytes), and Get3W takes {self._taken} "
            f"{self._limit // MIB} MiB. Nothing was sent.",
            path=self._path,
        )


def judge(
    name: str, head: bytes, path: Path | None, shown: str, content_type: str | None
) -> tuple[str, str, SizeCheck]:
    """Return the name and type to send a file with, and the check of its size.

    Raises:
        LocalFileError: It is empty, or of a type that Get3W does not take.
    """
    if not head:
        raise LocalFileError(f"Cannot send {shown}: it is empty. Nothing was sent.", path=path)
    filename, found_type, kinds = _describe(name, head, content_type)
    if found_type is None:
        raise LocalFileError(_refusal(shown, head), path=path)
    return filename, found_type, SizeCheck(shown, path, kinds)


def _describe(
    given: str, head: bytes, content_type: str | None
) -> tuple[str, str | None, set[Kind]]:
    """Return a plain file name, a content type if it can be told, and what kind it may be."""
    suffix = Path(given).suffix.lower()
    sniffed = sniffed_suffix(head)
    taken = sniffed if sniffed in TYPES_BY_SUFFIX else ""
    # The platform sees the content too: what is surely none of its formats is not sent as one.
    by_name = None if sniffed and not taken else TYPES_BY_SUFFIX.get(suffix)
    by_content = TYPES_BY_SUFFIX.get(taken)
    name = safe_name(os.path.basename(given.replace("\\", "/"))) or "upload"  # noqa: PTH119 - any system's path
    if taken and Path(name).suffix.lower() not in TYPES_BY_SUFFIX:
        name += taken
    if content_type is not None:
        kind = kind_of_type(content_type)
        return name, content_type, set() if kind is None else {kind}
    known = [each for each in (by_name, by_content) if each is not None]
    kinds: set[Kind] = {kind for each in known if (kind := kind_of_type(each)) is not None}
    return name, known[0] if known else None, kinds


def _refusal(shown: str, head: bytes) -> str:
    sniffed = sniffed_suffix(head)
    what = f"it is {sniffed[1:].upper()}" if sniffed else "its type is not known"
    return (
        f"Cannot send {shown}: {what}, and Get3W takes {FORMATS}. Nothing was sent. If it is one "
        f"of these, or the model takes others: client.upload(file, content_type=...), which "
        f"sends it as it is ({UNKNOWN_TYPE!r} if need be), and pass the URL."
    )
