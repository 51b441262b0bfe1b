"""Turn what a file raises into errors of this package."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Final, TypeVar

from get3w_core._common.interruptions import struck_by
from get3w_core.errors.base import Get3WError, LocalFileError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

T = TypeVar("T")

# What the file types of `io` raise by themselves.
_OF_IO: Final = (OSError, ValueError, TypeError, OverflowError, MemoryError)


def guarded(shown: str, path: Path | None, call: Callable[..., T], *arguments: object) -> T:
    """Call what belongs to a file; whatever the file raises becomes a `LocalFileError`.

    What a signal handler or another thread raises meanwhile leaves the call as it is.
    """
    outer = sys.exception()
    try:
        return call(*arguments)
    except Get3WError:
        raise
    except Exception as error:
        if struck_by(error, outer) is not None or _is_thrown_in(error, call):
            raise
        reason = str(error).rstrip(".")
        if not isinstance(error, OSError | ValueError):
            reason = f"{type(error).__name__}: {reason}" if reason else type(error).__name__
        raise LocalFileError(
            f"Cannot read {shown}: {reason or type(error).__name__}. Nothing was sent.", path=path
        ) from error


def _is_thrown_in(error: Exception, call: object) -> bool:
    """Tell whether *error* cannot come from a file type of `io`: another thread raised it here."""
    owner = type(getattr(call, "__self__", None)).__module__
    own_frame = error.__traceback__
    direct = own_frame is not None and own_frame.tb_next is None
    return direct and owner == "_io" and not isinstance(error, _OF_IO)
