"""Tell local files (paths and open files) from the other values of a request."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO, cast

from get3w_core.outputs.output import Output

if TYPE_CHECKING:
    from typing import TypeGuard


def is_local_file(value: object) -> TypeGuard[os.PathLike[str] | BinaryIO]:
    """Tell whether *value* stands for a file that has to be uploaded first."""
    if isinstance(value, Output):  # it can be read, and is taken by its URL or its text
        return False
    return isinstance(value, os.PathLike) or hasattr(value, "read")


def file_key(file: object) -> object:
    """Return what two mentions of the same file share."""
    return os.fspath(cast("os.PathLike[str]", file)) if isinstance(file, os.PathLike) else id(file)
