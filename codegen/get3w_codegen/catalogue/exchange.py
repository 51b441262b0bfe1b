"""Swap two folders: atomically where the system can, else by two renames that can be undone.

The system call is what makes a pull of hundreds of schemas take effect at one moment. With two
renames there is a moment without a folder, in which a `generate` or an editor finds no schemas.
"""

import ctypes
import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path

_AT_FDCWD = -100
_RENAME_EXCHANGE = 2  # Linux
_RENAME_SWAP = 2  # macOS
_CANNOT = {errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EOPNOTSUPP}


def exchange(one: Path, other: Path) -> None:
    """Swap two folders on the same file system.

    Raises:
        OSError: The system refused; both are where they were.
    """
    swap = _system_call()
    if swap is not None:
        number = swap(os.fsencode(one), os.fsencode(other))
        if not number:
            return
        if number not in _CANNOT:
            raise OSError(number, os.strerror(number), str(one))
    aside = aside_of(one)
    one.rename(aside)
    try:
        other.rename(one)
    except OSError:
        aside.rename(one)
        raise
    aside.rename(other)


def aside_of(folder: Path) -> Path:
    """Return the temporary name of *folder* between the two renames."""
    return folder.with_name(f".{folder.name}.get3w-aside")


def recover(folder: Path) -> None:
    """Restore *folder* if a process was killed between the two renames."""
    aside = aside_of(folder)
    if aside.is_dir() and not folder.exists():
        aside.rename(folder)


def _system_call() -> Callable[[bytes, bytes], int] | None:
    library = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    name = {"linux": "renameat2", "darwin": "renamex_np"}.get(sys.platform, "")
    function = getattr(library, name, None) if library and name else None
    if function is None:
        return None

    def call(one: bytes, other: bytes) -> int:
        if sys.platform == "darwin":
            failed = function(one, other, ctypes.c_uint(_RENAME_SWAP))
        else:
            failed = function(_AT_FDCWD, one, _AT_FDCWD, other, ctypes.c_uint(_RENAME_EXCHANGE))
        return ctypes.get_errno() if failed else 0

    return call
