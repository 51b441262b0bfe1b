"""Local files on their way up: opened, named, recognised, measured and told apart."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Final, Self, TypeAlias, TypeVar, cast

from get3w_core.effects import FilePart
from get3w_core.errors import LocalFileError
from get3w_core.media import (
    FORMATS,
    HEAD,
    LIMITS,
    MIB,
    TYPES_BY_SUFFIX,
    UNKNOWN_TYPE,
    kind_of_type,
    safe_name,
    sniffed_suffix,
)

if TYPE_CHECKING:
    from get3w_core.media import Kind

UploadInput: TypeAlias = str | os.PathLike[str] | BinaryIO
"""A path, or a file opened in binary mode."""

F = TypeVar("F", bound="IO[bytes]")

_CHUNK: Final = 1 << 18


class OpenFiles:
    """Closes what was opened, also by a thread that goes on after its call was given up."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._left = False

    def keep(self, file: F) -> F:
        """Close *file* at the end.

        Raises:
            ValueError: The end was before.
        """
        self._stack.callback(file.close)
        if self._left:
            self._stack.close()
            raise ValueError("the call was given up")
        return file

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._left = True
        self._stack.close()


@dataclass(frozen=True, slots=True)
class LocalFile:
    """A file that is ready to be sent.

    Attributes:
        part: The part of the upload.
        digest: The SHA-256 of its content.
        state: What shows that it was changed since: its size and the time of its last change.
        path: Where it is, if that is known.
    """

    part: FilePart
    digest: bytes
    state: tuple[int, int] | None
    path: Path | None

    def check_unchanged(self) -> None:
        """Refuse what was written to meanwhile: nobody knows what of it was sent.

        Raises:
            LocalFileError: The file is not what was measured.
        """
        if _state(self.part.file) != self.state:
            shown = self.part.filename if self.path is None else str(self.path.absolute())
            raise LocalFileError(f"{shown} was changed while it was uploaded", path=self.path)

    @property
    def identity(self) -> tuple[bytes, str]:
        """What two files share that one upload serves."""
        return self.digest, self.part.content_type


def open_local(file: UploadInput, files: OpenFiles, content_type: str | None = None) -> LocalFile:
    """Open *file*, check it against what Get3W takes, and describe it as the part of an upload.

    What is opened here is closed by *files*; a file that the caller opened stays open. A file is
    sent from its beginning, wherever it stands. It is read in pieces, and never held as a whole.

    Raises:
        LocalFileError: It cannot be read, is empty, is not open in binary mode, is of a type that
            Get3W does not take (unless *content_type* says what it is), or is too large.
    """
    if isinstance(file, str) and "://" in file:
        raise LocalFileError(
            f"{file.partition('?')[0]!r} is an address, not a file: pass it to the model as it is."
            " Nothing was sent."
        )
    path = Path(file) if isinstance(file, str | os.PathLike) else None
    # A relative path says little without the folder it was looked for in.
    shown = str(path.absolute() if path else "the file")
    try:
        opened = files.keep(path.open("rb")) if path is not None else _given(file)
        if _seekable(opened):
            opened.seek(0)
        head = opened.read(HEAD)
        if not _is_bytes(head):
            raise LocalFileError(
                "The file is open in text mode: open it with 'rb'. Nothing was sent."
            )
        if not head:
            raise LocalFileError(f"Cannot send {shown}: it is empty. Nothing was sent.", path=path)
        own_name: object = getattr(opened, "name", "")
        # A file that was opened by its number has that for a name.
        named = str(path or (own_name if isinstance(own_name, str) else ""))
        filename, found_type, kinds = _describe(named, head, content_type)
        if found_type is None:
            raise LocalFileError(_refusal(shown, head), path=path)
        check = _SizeCheck(shown, path, kinds)
        if not _seekable(opened):
            opened = _spooled(opened, head, files, check)
        check(opened.seek(0, os.SEEK_END))
        opened.seek(0)
        state = _state(opened)
        digest = _digest(opened)
        opened.seek(0)
    except (OSError, ValueError) as error:
        # ValueError is what a closed file raises.
        raise LocalFileError(
            f"Cannot read {shown}: {error}. Nothing was sent.", path=path
        ) from error
    return LocalFile(FilePart("file", filename, found_type, opened), digest, state, path)


def _given(file: object) -> BinaryIO:
    if hasattr(file, "read"):
        return cast("BinaryIO", file)
    hint = ": wrap it in io.BytesIO" if isinstance(file, bytes) else ""
    raise LocalFileError(
        "What is uploaded must be a path, or a file that is open in binary mode, not "
        f"{type(file).__name__}{hint}. Nothing was sent."
    )


def _state(file: BinaryIO) -> tuple[int, int] | None:
    try:
        found = os.fstat(file.fileno())
    except (AttributeError, OSError, ValueError):
        return None  # it is not of this machine's disk
    return found.st_size, found.st_mtime_ns


def _seekable(file: BinaryIO) -> bool:
    # Something that can only be read is no file by the letter, and can be sent all the same.
    return bool(getattr(file, "seekable", bool)())


def _is_bytes(value: object) -> bool:
    return isinstance(value, bytes)


class _SizeCheck:
    """Refuses a file that is larger than Get3W takes of its kind."""

    def __init__(self, shown: str, path: Path | None, kinds: set[Kind]) -> None:
        self._shown = shown
        self._path = path
        self._kinds = kinds
        # Where name and content disagree, the server may go by either.
        self._limit = max((LIMITS[kind] for kind in kinds), default=None)

    def __call__(self, size: int, *, more: bool = False) -> None:
        if self._limit is None or size <= self._limit:
            return
        kind = max(self._kinds, key=LIMITS.__getitem__)
        raise LocalFileError(
            f"Cannot send {self._shown}: it is {'more than ' if more else ''}"
            f"{size / MIB:.1f} MiB ({size} bytes), and Get3W takes {kind} files of at most "
            f"{self._limit // MIB} MiB. Nothing was sent.",
            path=self._path,
        )


def _spooled(file: BinaryIO, head: bytes, files: OpenFiles, check: _SizeCheck) -> BinaryIO:
    from tempfile import TemporaryFile

    # A pipe can be read only once, but an attempt may have to be repeated.
    spool = files.keep(TemporaryFile())  # noqa: SIM115 - closed with the others
    chunk, size = head, 0
    while chunk:
        spool.write(chunk)
        size += len(chunk)
        check(size, more=True)
        chunk = file.read(_CHUNK)
    return spool


def _digest(file: BinaryIO) -> bytes:
    hashed = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        hashed.update(chunk)
    return hashed.digest()


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
