"""Fetch one output into an open file, within the rules for its address, size and time."""

from __future__ import annotations

import contextlib
from math import inf
from typing import TYPE_CHECKING, BinaryIO, Final

from get3w_core._common.media_types import HEAD, sniffed_suffix, suffix_of_type, type_of_suffix
from get3w_core.api.download_rules import check_url
from get3w_core.api.read import Deadline, Subject, read
from get3w_core.errors.base import (
    ConnectionFailedError,
    Get3WError,
    LocalFileError,
    ResponseFormatError,
)
from get3w_core.flow.effects import HttpRequest, work

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from pathlib import Path

    from get3w_core.flow.context import Context
    from get3w_core.flow.effects import Flow
    from get3w_core.outputs.contents import OutputValue
    from get3w_core.outputs.rules import DownloadRules

_GONE: Final = frozenset({403, 404, 410})


class Incoming:
    """One output on its way into an open file; also the sink that takes it in.

    What a URL leads to is fetched if *rules* let it be; data is decoded. The API key is not sent:
    outputs are elsewhere.

    Args:
        ctx: The options, the time and chance.
        value: The output.
        file: Where its content goes.
        place: The folder or file that errors of writing name.
        rules: What may be fetched.
        on_piece: Called after each piece with the bytes so far and their total, if it is known.

    Attributes:
        received: How many bytes have come.
    """

    def __init__(
        self,
        ctx: Context,
        value: OutputValue,
        file: BinaryIO,
        place: Path,
        rules: DownloadRules,
        on_piece: Callable[[int, int | None], object] | None = None,
    ) -> None:
        self._ctx = ctx
        self._value = value
        self._file = file
        self._place = place
        self._rules = rules
        self._end = inf if rules.timeout is None else ctx.clock() + rules.timeout
        self._on_piece = on_piece
        self._type = ""
        self._suffix = ""
        self._head = b""
        self._total: int | None = None
        self.received: int = 0

    @property
    def suffix(self) -> str:
        """The suffix that fits the content, by its type, else by its first bytes."""
        suffix = self._suffix
        return sniffed_suffix(self._head) or ".bin" if suffix in {"", ".bin"} else suffix

    @property
    def media_type(self) -> str | None:
        """The media type of the content, as far as it is known."""
        if self._suffix not in {"", ".bin"} and self._type:
            return self._type
        return type_of_suffix(self.suffix) or self._type or None

    def take(self) -> Flow[None]:
        """Bring the content into the file.

        Raises:
            LocalFileError: It cannot be written.
            ResponseFormatError: It cannot be decoded.
            Get3WError: It could not be fetched.
        """
        try:
            url = self._value.url
            if url is None:
                yield from self._decode()
            else:
                yield from self._fetch(url)
        except _HookError as stop:
            raise stop.cause from None
        with local_errors(self._place, self._value.prediction_id):
            self._file.flush()

    def _fetch(self, url: str) -> Flow[None]:
        yield from check_url(self._rules, url, self._ctx.options.origin)
        request = HttpRequest("GET", url, sink=self, authenticated=False)
        subject = Subject(self._value.prediction_id, self._value.model)
        deadline = Deadline(self._end, self._late)
        _, headers = yield from read(
            self._ctx, request, hint=_hint, subject=subject, deadline=deadline
        )
        if not self.received:  # a sink that was given nothing does not know either
            self._note_type(headers)

    def _decode(self) -> Flow[None]:
        try:
            # It may be megabytes of base64: an event loop goes on with its work meanwhile.
            content = yield from work(self._value.content)
            self._suffix = content.suffix
            pieces = content.pieces()

            def store_piece() -> bool:
                piece = next(pieces, b"")
                self.write(piece)
                return bool(piece)

            while (yield from work(store_piece)):
                self.written()
        except ValueError as error:
            raise ResponseFormatError(f"Output {self._value.index} is {error}") from None

    def restart(self, headers: Mapping[str, str]) -> None:
        """Forget what an earlier attempt wrote.

        Raises:
            ResponseFormatError: What comes is coded in a way that cannot be undone.
        """
        from get3w_core.http.decoding import cannot_decode  # the attempt has loaded httpx

        problem = cannot_decode(headers)
        if problem:
            raise ResponseFormatError(
                f"Output {self._value.index} cannot be stored: {problem}", url=self._shown_url
            )
        with local_errors(self._place, self._value.prediction_id):
            self._file.seek(0)
            self._file.truncate()
        self.received, self._head = 0, b""
        self._note_type(headers)
        length = headers.get("content-length", "")
        plain = "content-encoding" not in headers
        self._total = int(length) if plain and length.isdecimal() and len(length) < 19 else None

    def write(self, chunk: bytes, /) -> None:
        """Append one piece, perhaps in a thread beside an event loop."""
        self.received += len(chunk)
        if self.received > self._rules.max_bytes:
            raise Get3WError(
                f"Output {self._value.index} is larger than {self._rules.max_bytes} bytes; "
                "max_bytes=... takes more"
            )
        # A server that sends a byte a minute never trips the timeout of an attempt.
        if self._ctx.clock() > self._end:
            raise self._late()
        with local_errors(self._place, self._value.prediction_id):
            self._file.write(chunk)
        if len(self._head) < HEAD:
            self._head += chunk[: HEAD - len(self._head)]

    def written(self) -> None:
        """Report how far it is."""
        if self._on_piece is not None:
            try:
                self._on_piece(self.received, self._total)
            except Exception as error:  # noqa: BLE001 - it is raised again where it is no network error
                raise _HookError(error) from None

    def _note_type(self, headers: Mapping[str, str]) -> None:
        content_type = headers.get("content-type", "")
        self._type = content_type.partition(";")[0].strip().lower()
        self._suffix = suffix_of_type(content_type)

    def _late(self) -> Get3WError:
        return ConnectionFailedError(
            f"Output {self._value.index} was not whole after {self._rules.timeout:g} s "
            f"({self.received} bytes had come); timeout=... gives it longer",
            method="GET",
            url=self._shown_url,
        )

    @property
    def _shown_url(self) -> str:
        return (self._value.url or "").partition("?")[0]


class _HookError(Get3WError):
    """Carries what the caller's own function raised past the transport, which knows only ours."""

    def __init__(self, cause: Exception) -> None:
        super().__init__("on_progress failed")
        self.cause = cause


def _hint(status: int) -> str:
    return "Outputs are kept for 7 days" if status in _GONE else ""  # [G]


@contextlib.contextmanager
def local_errors(path: Path, prediction_id: str) -> Generator[None]:
    """Turn what the file system raises into errors of this package."""
    try:
        yield
    except (OSError, ValueError) as error:
        # ValueError is what a path with a NUL raises.
        raise LocalFileError(
            f"Cannot write to {path}: {error}",
            path=path,
            prediction_id=prediction_id,
        ) from error
