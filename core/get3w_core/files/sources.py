"""Find the bytes of a file object, whichever library it is of."""

from __future__ import annotations

import io
from typing import Final, cast

from get3w_core._common.arguments import is_async
from get3w_core.errors.base import LocalFileError

# Where asynchronous files keep the file that they wrap: starlette, anyio and trio, aiofiles.
_WRAPPED: Final = ("file", "wrapped", "_file")


def source_of(file: object) -> object:
    """Return the object whose `read` gives the bytes of *file*, without `await`.

    Raises:
        LocalFileError: There is none.
    """
    source = file
    for _ in range(5):  # wrappers of wrappers
        binary = getattr(source, "buffer", None)
        if hasattr(binary, "read"):
            source = binary  # a file in text mode has its bytes below
        elif is_async(getattr(source, "read", None)):
            inner = (getattr(source, name, None) for name in _WRAPPED)
            source = next((each for each in inner if hasattr(each, "read")), None)
        elif isinstance(source, io.TextIOBase):
            raise _no_bytes(file, "text")
        elif hasattr(source, "read"):
            return source
        else:
            break
    raise _awaited(file)


def bytes_of(piece: object, source: object) -> bytes:
    """Return what `source.read` gave as bytes.

    Raises:
        LocalFileError: It is something else.
    """
    if isinstance(piece, bytes):
        return piece
    if isinstance(piece, str):
        raise _no_bytes(source, "text")
    if hasattr(piece, "__await__"):
        getattr(piece, "close", bool)()  # or Python warns that it was never awaited
        raise _awaited(source)
    try:
        return memoryview(cast("bytearray", piece)).tobytes()
    except TypeError:
        raise _no_bytes(source, type(piece).__name__) from None


def _no_bytes(file: object, what: str) -> LocalFileError:
    return LocalFileError(
        f"{type_name(file)}.read() gives {what}, not bytes: pass a file that is open in binary "
        "mode ('rb'), or io.BytesIO(...) with the bytes. Nothing was sent."
    )


def _awaited(file: object) -> LocalFileError:
    return LocalFileError(
        f"{type_name(file)}.read() has to be awaited: pass io.BytesIO(await file.read()). "
        "Nothing was sent."
    )


def type_name(value: object) -> str:
    """Return the type of *value* by the name that its library gives it."""
    kind = type(value)
    return (
        kind.__qualname__
        if kind.__module__ == "builtins"
        else f"{kind.__module__}.{kind.__qualname__}"
    )
