"""Open a file as the part of an upload: check type and size, copy if needed, hash it."""

from __future__ import annotations

import hashlib
import os
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, Self, TypeAlias, TypeVar

from get3w_core._common.media_types import HEAD
from get3w_core.errors.base import LocalFileError
from get3w_core.files.checks import judge
from get3w_core.files.copies import CHUNK, CopiedFile, copy_of
from get3w_core.files.errors import guarded
from get3w_core.files.regular import open_regular
from get3w_core.files.sources import source_of
from get3w_core.flow.effects import FilePart

if TYPE_CHECKING:
    from get3w_core.files.checks import SizeCheck

UploadInput: TypeAlias = str | os.PathLike[str] | BinaryIO
"""A path, or a file opened in binary mode."""

F = TypeVar("F", bound="IO[bytes]")


class OpenFiles:
    """Closes the files that a call opened, also in a thread that outlives the call."""

    def __init__(self) -> None:
        self._stack = ExitStack()
        self._left = False

    def keep(self, file: F) -> F:
        """Close *file* at the end.

        Raises:
            LocalFileError: The end was before; nobody is there to see it.
        """
        self._stack.callback(file.close)
        self.check_open()
        return file

    def check_open(self, _: object = None) -> None:
        """Stop a thread whose call was given up.

        Raises:
            LocalFileError: It was.
        """
        if self._left:
            self._stack.close()
            raise LocalFileError("The call was given up")

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
        state: Its size and the time of its last change, by which a change is noticed.
        path: Where it is, if that is known.
    """

    part: FilePart
    digest: bytes
    state: tuple[int, int] | None
    path: Path | None

    def check_unchanged(self) -> None:
        """Refuse a file that was written to during the upload: what was sent is not known.

        Raises:
            LocalFileError: The file is not what was measured.
        """
        if _state(self.part.file) != self.state:
            shown = self.part.filename if self.path is None else str(self.path.absolute())
            raise LocalFileError(f"{shown} was changed while it was uploaded", path=self.path)

    @property
    def identity(self) -> tuple[bytes, str]:
        """What equals for two files that one upload serves."""
        return self.digest, self.part.content_type


def open_local(file: UploadInput, files: OpenFiles, content_type: str | None = None) -> LocalFile:
    """Open *file*, check it against what Get3W takes, and describe it as the part of an upload.

    A path is read in pieces while it is sent. Of a file object a copy is made first, in a
    temporary file unless it is small: from its beginning if it can be rewound, else from where it
    stands. *files* closes what is opened here; a file that the caller opened stays open.

    Raises:
        LocalFileError: It cannot be read, gives no bytes, is empty or no plain file, is of a type
            that Get3W does not take (unless *content_type* says what it is), or is too large.
    """
    if isinstance(file, str) and "://" in file:
        raise LocalFileError(
            f"{file.partition('?')[0]!r} is an address, not a file: pass it to the model as it is."
            " Nothing was sent."
        )
    if isinstance(file, str | os.PathLike):
        path = Path(file)
        # A relative path says little without the folder it was looked for in.
        shown = guarded(str(path), path, lambda: str(path.absolute()))
        opened = files.keep(guarded(shown, path, open_regular, path))
        return _path_part(opened, path, shown, files, content_type)
    source = source_of(_given(file))
    copy = copy_of(source)
    return _copied_part(copy, _name_of(file, source), None, "the file", files, content_type)


def _path_part(
    file: BinaryIO, path: Path, shown: str, files: OpenFiles, content_type: str | None
) -> LocalFile:
    size = guarded(shown, path, os.fstat, file.fileno()).st_size
    head = guarded(shown, path, file.read, HEAD)
    if size:
        filename, found_type, check = judge(str(path), head, path, shown, content_type)
        check(size)
        state = _state(file)
        digest, counted = _digest(file, shown, path, check)
        if counted == size:
            return LocalFile(FilePart("file", filename, found_type, file), digest, state, path)
    # The system makes some files up as they are read (/proc, /sys), and their size is made up too.
    return _copied_part(CopiedFile(file), str(path), path, shown, files, content_type)


def _copied_part(
    copy: CopiedFile,
    name: str,
    path: Path | None,
    shown: str,
    files: OpenFiles,
    content_type: str | None,
) -> LocalFile:
    with copy.reading(shown):
        copy.fill(HEAD, shown, files.check_open)
        filename, found_type, check = judge(name, copy.head(HEAD), path, shown, content_type)

        def check_piece(size: int) -> None:
            files.check_open()
            check(size, more=True)

        copy.fill(float("inf"), shown, check_piece)
        spool = files.keep(copy.hand_over())
    digest, _ = _digest(spool, shown, path, check)
    return LocalFile(FilePart("file", filename, found_type, spool), digest, _state(spool), path)


def _given(file: object) -> object:
    if hasattr(file, "read"):
        return file
    name = type(file).__name__
    hint = ": wrap it in io.BytesIO" if name in {"bytes", "bytearray", "memoryview"} else ""
    raise LocalFileError(
        "What is uploaded must be a path, or a file that is open in binary mode, not "
        f"{name}{hint}. Nothing was sent."
    )


def _name_of(file: object, source: object) -> str:
    """Return the name that a file object has; empty where it has none."""
    for each in (file, source):
        for attribute in ("name", "filename", "path"):
            name: object = guarded("the file", None, getattr, each, attribute, None)
            if isinstance(name, str):  # a file that was opened by its number has that for a name
                return name
    return ""


def _state(file: BinaryIO) -> tuple[int, int] | None:
    try:
        found = os.fstat(file.fileno())
    except (AttributeError, OSError, ValueError):
        return None  # it is in memory
    return found.st_size, found.st_mtime_ns


def _digest(file: BinaryIO, shown: str, path: Path | None, check: SizeCheck) -> tuple[bytes, int]:
    """Return the SHA-256 and the size of what *file* gives, and rewind it."""
    hashed, counted = hashlib.sha256(), 0
    guarded(shown, path, file.seek, 0)
    while chunk := guarded(shown, path, file.read, CHUNK):
        hashed.update(chunk)
        counted += len(chunk)
        check(counted, more=True)  # it may be growing
    guarded(shown, path, file.seek, 0)
    return hashed.digest(), counted
