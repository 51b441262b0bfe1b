"""Keep a copy of a file object, in memory or on disk, so that its upload can be retried.

What is sent comes from the copy: it can be repeated, its length is what was read and not what a
descriptor says, and two calls that share a file object do not move each other's position.
"""

from __future__ import annotations

import io
import threading
import weakref
from contextlib import contextmanager
from typing import TYPE_CHECKING, BinaryIO, Final, cast

from get3w_core.errors.base import LocalFileError
from get3w_core.files.errors import guarded
from get3w_core.files.sources import bytes_of, type_name

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

CHUNK: Final = 1 << 18
_IN_MEMORY: Final = 1 << 20  # a smaller copy needs no disk
_POLL_SECONDS: Final = 1.0


class CopiedFile:
    """The bytes of one file object, as far as they were read.

    A stream that was refused, or broke off, keeps what was read of it: passing the same object
    again goes on from there. A file that can be rewound is read from its beginning each time.
    """

    def __init__(self, source: object) -> None:
        # Weak, since the registry lives as long as the program.
        self._source = _reference(source)
        self._lock = threading.Lock()
        self._begin()

    @contextmanager
    def reading(self, shown: str) -> Generator[None]:
        """Read for one call at a time, from the beginning of a file that has one."""
        with self._lock:
            source = self._source()
            seekable = getattr(source, "seekable", bool)
            repeatable = guarded(shown, None, seekable)
            if repeatable:
                guarded(shown, None, cast("BinaryIO", source).seek, 0)
            try:
                yield
            except BaseException:
                if repeatable:
                    self.close()
                raise

    def close(self) -> None:
        """Drop what was read."""
        self._spool.close()
        self._begin()

    def _begin(self) -> None:
        self._spool: BinaryIO = io.BytesIO()
        self._ended = False
        self._size = 0

    def fill(self, size: float, shown: str, check: Callable[[int], object]) -> None:
        """Read until there are *size* bytes, or no more; *check* is given the size meanwhile."""
        check(self._size)
        while self._size < size and not self._ended:
            piece = self._next_piece(shown)
            if piece is not None:
                self._ended = self._ended or not piece
                self._append(piece, shown)
            check(self._size)

    def _append(self, piece: bytes, shown: str) -> None:
        if isinstance(self._spool, io.BytesIO) and self._size + len(piece) > _IN_MEMORY:
            from tempfile import TemporaryFile

            larger = cast("BinaryIO", guarded(shown, None, TemporaryFile))
            larger.write(self._spool.getbuffer())
            self._spool = larger
        guarded(shown, None, self._spool.write, piece)
        self._size += len(piece)

    def head(self, size: int) -> bytes:
        """Return the first *size* bytes of what was read."""
        self._spool.seek(0)
        head = self._spool.read(size)
        self._spool.seek(0, io.SEEK_END)
        return head

    def hand_over(self) -> BinaryIO:
        """Return the copy, and forget it."""
        spool = self._spool
        spool.seek(0)
        self._begin()
        return spool

    def _next_piece(self, shown: str) -> bytes | None:
        """Return the next bytes; none at the end, and None where there may be some later."""
        source = cast("BinaryIO", self._source())
        try:
            piece: object = guarded(shown, None, source.read, CHUNK)
        except LocalFileError as error:
            if isinstance(error.__cause__, BlockingIOError):
                piece = None
            elif isinstance(error.__cause__, TypeError) and not _takes_a_size(source.read):
                whole = cast("Callable[[], object]", source.read)
                piece, self._ended = guarded(shown, None, whole), True
            else:
                raise
        if piece is None:
            _wait_for_more(source, shown)
            return None
        return bytes_of(piece, source)


_COPIES: Final[dict[int, CopiedFile]] = {}
_REGISTRY: Final = threading.Lock()


def copy_of(source: object) -> CopiedFile:
    """Return the one copy of *source* that all calls share, for as long as *source* exists."""
    with _REGISTRY:
        found = _COPIES.get(id(source))
        if found is None:
            found = CopiedFile(source)
            try:
                watch = weakref.finalize(source, _forget, id(source))
            except TypeError:
                return found  # it cannot be watched, so nothing of it is kept
            setattr(watch, "atexit", False)  # noqa: B010 - a checker does not know the attribute
            _COPIES[id(source)] = found
        return found


def _forget(number: int) -> None:
    _COPIES.pop(number).close()


def _reference(source: object) -> Callable[[], object]:
    try:
        return weakref.ref(source)
    except TypeError:
        return lambda: source


def _takes_a_size(read: object) -> bool:
    from inspect import signature

    try:
        signature(cast("Callable[..., object]", read)).bind(CHUNK)
    except ValueError:
        return True  # nothing is known of it
    except TypeError:
        return False
    return True


def _wait_for_more(source: object, shown: str) -> None:
    """Wait until a pipe or socket that does not block has something, or a second has passed."""
    import selectors

    with selectors.DefaultSelector() as selector:
        try:
            selector.register(cast("BinaryIO", source), selectors.EVENT_READ)
        except (OSError, ValueError) as error:
            raise LocalFileError(
                f"Cannot read {shown}: {type_name(source)}.read() gave None, as a file that does "
                "not block, and it cannot be waited for: pass io.BytesIO(...) with all its bytes."
                " Nothing was sent."
            ) from error
        selector.select(_POLL_SECONDS)
