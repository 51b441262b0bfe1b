"""Downloads: every output of a prediction into a folder, whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, TypeAlias

from get3w_core._common.media_types import HEAD, sniffed_suffix, suffix_of_type
from get3w_core.api.download_rules import DownloadRules
from get3w_core.api.read import Deadline, Subject, about, read
from get3w_core.errors.base import (
    ConnectionFailedError,
    Get3WError,
    LocalFileError,
    ResponseFormatError,
)
from get3w_core.files.outputs import content_of, file_name, has_suffix, url_of
from get3w_core.flow.context import Context
from get3w_core.flow.effects import HttpRequest, work

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from get3w_core._common.json import JsonValue
    from get3w_core._common.prediction_data import PredictionData
    from get3w_core.flow.effects import Flow

Progress: TypeAlias = Callable[[Path, int, int | None], object]
"""Is told the file, the bytes received so far, and how many there are, if that is known."""

_GONE: Final = frozenset({403, 404, 410})


def download(
    ctx: Context,
    data: PredictionData,
    folder: str | os.PathLike[str],
    on_progress: Progress | None = None,
    rules: DownloadRules = DownloadRules(),  # noqa: B008 - it is frozen
) -> Flow[list[Path]]:
    """Store every output in *folder*, which is made if need be, and return the files in order.

    What an address leads to is streamed to disk, also where the address stands in an object, if
    *rules* let it be fetched; data is decoded; text goes to `.txt`, any other object to `.json`.
    The API key is not sent: outputs are elsewhere. A file is moved to its name once it is whole, so
    one that is there already is not fetched again; files of other names are left alone.

    Raises:
        LocalFileError: The folder cannot be written to.
        ResponseFormatError: An output cannot be decoded.
        Get3WError: The task still runs, or an output could not be fetched.
    """
    if not data.done:
        raise Get3WError(
            f"Prediction {data.id} is {data.status!r} and has no outputs yet: call wait() first",
            prediction_id=data.id,
        )
    target = Path(folder)
    with _local_errors(target, data.id):
        target.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for index, output in enumerate(data.outputs):
        part = _Part(ctx, data, index, target, on_progress, rules)
        paths.append((yield from about(data.id, part.store(output))))
    return paths


class _Part:
    """One output on its way to its file; also the sink that takes it in."""

    def __init__(
        self,
        ctx: Context,
        data: PredictionData,
        index: int,
        folder: Path,
        on_progress: Progress | None,
        rules: DownloadRules,
    ) -> None:
        self._ctx = ctx
        self._rules = rules
        self._end = inf if rules.timeout is None else ctx.clock() + rules.timeout
        self._data = data
        self._index = index
        self._folder = folder
        self._on_progress = on_progress
        # In the folder itself, so that the final move is one step; hidden until then.
        self._partial = folder / f".get3w-{os.urandom(8).hex()}.part"
        self._file: BinaryIO | None = None
        self._url: str | None = None
        self._suffix = ""
        self._head = b""
        self._received = 0
        self._total: int | None = None

    def store(self, output: JsonValue) -> Flow[Path]:
        """Bring *output* to its file and return the file."""
        self._url = url_of(output)
        with self._errors():
            there = self._there()
        if there is not None:
            path, size = there
            if self._on_progress is not None:
                self._on_progress(path, size, size)
            return path
        try:
            with self._errors():
                self._file = self._partial.open("xb")
            with self._file as file:
                try:
                    if self._url is None:
                        yield from self._decode(output)
                    else:
                        yield from self._fetch(self._url)
                except _HookError as stop:
                    raise stop.cause from None
                with self._errors():
                    file.flush()
            path = self._path()
            with self._errors():
                self._partial.replace(path)
            return path
        finally:
            with contextlib.suppress(OSError):
                self._partial.unlink(missing_ok=True)

    def _fetch(self, url: str) -> Flow[None]:
        yield from self._rules.check(url, self._ctx.options.origin)
        request = HttpRequest("GET", url, sink=self, authenticated=False)
        subject = Subject(self._data.id, self._data.model)
        deadline = Deadline(self._end, self._late)
        _, headers = yield from read(
            self._ctx, request, hint=_hint, subject=subject, deadline=deadline
        )
        if not self._received:  # a sink that was given nothing does not know either
            self._suffix = suffix_of_type(headers.get("content-type", ""))

    def _decode(self, output: JsonValue) -> Flow[None]:
        try:
            # It may be megabytes of base64, which an event loop is not to be kept from its work by.
            content = yield from work(lambda: content_of(output))
            self._suffix = content.suffix
            pieces = content.pieces()

            def store_piece() -> bool:
                piece = next(pieces, b"")
                self.write(piece)
                return bool(piece)

            while (yield from work(store_piece)):
                self.written()
        except ValueError as error:
            raise ResponseFormatError(f"Output {self._index} is {error}") from None

    def restart(self, headers: Mapping[str, str]) -> None:
        """Forget what an earlier attempt wrote.

        Raises:
            ResponseFormatError: What comes is coded in a way that cannot be undone.
        """
        from get3w_core.http.decoding import cannot_decode  # the attempt has loaded httpx

        problem = cannot_decode(headers)
        if problem:
            raise ResponseFormatError(
                f"Output {self._index} cannot be stored: {problem}",
                url=(self._url or "").partition("?")[0],
            )
        with self._errors():
            assert self._file is not None, "the file is open while something is fetched"
            self._file.seek(0)
            self._file.truncate()
        self._received, self._head = 0, b""
        self._suffix = suffix_of_type(headers.get("content-type", ""))
        length = headers.get("content-length", "")
        plain = "content-encoding" not in headers
        self._total = int(length) if plain and length.isdecimal() and len(length) < 19 else None

    def write(self, chunk: bytes, /) -> None:
        """Append one piece, perhaps in a thread beside an event loop."""
        self._received += len(chunk)
        if self._received > self._rules.max_bytes:
            raise Get3WError(
                f"Output {self._index} is larger than {self._rules.max_bytes} bytes; "
                "download(..., max_bytes=...) takes more"
            )
        # A server that sends a byte a minute never trips the timeout of an attempt.
        if self._ctx.clock() > self._end:
            raise self._late()
        with self._errors():
            assert self._file is not None, "the file is open while something is fetched"
            self._file.write(chunk)
        if len(self._head) < HEAD:
            self._head += chunk[: HEAD - len(self._head)]

    def written(self) -> None:
        """Tell how far it is."""
        if self._on_progress is not None:
            try:
                self._on_progress(self._path(), self._received, self._total)
            except Exception as error:  # noqa: BLE001 - it is raised again where it is no network error
                raise _HookError(error) from None

    def _late(self) -> Get3WError:
        return ConnectionFailedError(
            f"Output {self._index} was not whole after {self._rules.timeout:g} s "
            f"({self._received} bytes had come); download(..., timeout=...) gives it longer",
            method="GET",
            url=(self._url or "").partition("?")[0],
        )

    def _path(self) -> Path:
        suffix = self._suffix
        if suffix in {"", ".bin"}:
            suffix = sniffed_suffix(self._head) or ".bin"
        return self._folder / self._name(suffix)

    def _name(self, suffix: str) -> str:
        return file_name(self._data.id, self._index, self._url, suffix)

    def _there(self) -> tuple[Path, int] | None:
        """Return the file that an earlier download brought, with its size."""
        if self._url is None:
            return None
        name = self._name("")
        if has_suffix(name.removeprefix(file_name(self._data.id, self._index, None, ""))):
            found = [self._folder / name]
        else:
            found = [path for path in self._folder.glob(f"{name}.*") if path.stem == name]
        whole = [path for path in found if path.is_file() and not path.is_symlink()]
        sizes = [(path, path.stat().st_size) for path in whole]
        full = [(path, size) for path, size in sizes if size > 0]
        return full[0] if len(full) == 1 else None

    def _errors(self) -> contextlib.AbstractContextManager[None]:
        return _local_errors(self._folder, self._data.id)


class _HookError(Get3WError):
    """Carries what the caller's own function raised past the transport, which knows only ours."""

    def __init__(self, cause: Exception) -> None:
        super().__init__("on_progress failed")
        self.cause = cause


def _hint(status: int) -> str:
    return "Outputs are kept for 7 days" if status in _GONE else ""  # [G]


@contextlib.contextmanager
def _local_errors(path: Path, prediction_id: str) -> Generator[None]:
    try:
        yield
    except (OSError, ValueError) as error:
        # ValueError is what a path with a NUL raises.
        raise LocalFileError(
            f"Cannot write to {path}: {error}",
            path=path,
            prediction_id=prediction_id,
        ) from error
