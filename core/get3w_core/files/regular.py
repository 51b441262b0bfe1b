"""Open files by path: regular files only, so that no read goes on for ever."""

from __future__ import annotations

import os
import stat
from typing import TYPE_CHECKING, BinaryIO, Final

from get3w_core.errors.base import LocalFileError

if TYPE_CHECKING:
    from pathlib import Path

# Should a pipe take the place of the file at the last moment, opening it does not wait.
_NO_WAIT: Final = getattr(os, "O_NONBLOCK", 0)
_KINDS: Final = (
    (stat.S_ISDIR, "a folder"),
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
)


def open_regular(path: Path) -> BinaryIO:
    """Open *path* to be read.

    Raises:
        LocalFileError: It is a folder, a pipe, a socket or a device, which may never end.
        OSError: It cannot be opened.
        ValueError: It is not the name of a file.
    """
    _check_kind(path.stat(), path)  # opening a device can do something to it already
    file = open(path, "rb", opener=_open_at_once)  # noqa: SIM115 - it is returned
    try:
        _check_kind(os.fstat(file.fileno()), path)
    except BaseException:
        file.close()
        raise
    return file


def _open_at_once(name: str, flags: int) -> int:
    return os.open(name, flags | _NO_WAIT)


def _check_kind(found: os.stat_result, path: Path) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    kind = next((name for fits, name in _KINDS if fits(found.st_mode)), "a special file")
    way_out = "" if kind == "a folder" else " Open it, and pass the open file, if it is meant."
    raise LocalFileError(
        f"Cannot read {path.absolute()}: it is {kind}, not a file.{way_out} Nothing was sent.",
        path=path,
    )
