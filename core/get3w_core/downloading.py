"""Downloads: every output of a prediction into a folder, whole or not at all."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from get3w_core.effects import Context, HttpRequest
from get3w_core.errors import Get3WError, LocalFileError, ResponseFormatError
from get3w_core.outputs import file_name, inline_content, is_url, suffix_of_type
from get3w_core.reading import about, read

if TYPE_CHECKING:
    from collections.abc import Generator

    from get3w_core.effects import Flow
    from get3w_core.jsonvalue import JsonValue
    from get3w_core.prediction_data import PredictionData

_GONE_HINT = "Outputs are kept for 7 days"  # [G]


def download(
    ctx: Context, data: PredictionData, folder: str | os.PathLike[str]
) -> Flow[list[Path]]:
    """Store every output in *folder*, which is made if need be, and return the files in order.

    Text goes to `.txt`, objects to `.json`, `data:` URLs are decoded. The API key is not sent:
    outputs are elsewhere. A second download overwrites the first.

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
        paths.append((yield from about(data.id, _store(ctx, data.id, index, output, target))))
    return paths


def _store(
    ctx: Context, prediction_id: str, index: int, output: JsonValue, folder: Path
) -> Flow[Path]:
    # In the folder itself, so that the final move is one step; hidden until then.
    partial = folder / f".get3w-{os.urandom(8).hex()}.part"
    try:
        with _local_errors(folder, prediction_id):
            file = partial.open("xb")
        with file:
            if isinstance(output, str) and is_url(output):
                suffix = yield from _fetch(ctx, output, _FileSink(file, partial, prediction_id))
                name = file_name(prediction_id, index, output, suffix)
            else:
                try:
                    content, suffix = inline_content(output)
                except ValueError as error:
                    raise ResponseFormatError(f"Output {index} is {error}") from None
                _FileSink(file, partial, prediction_id).write(content)
                name = file_name(prediction_id, index, None, suffix)
            with _local_errors(folder, prediction_id):
                file.flush()
        path = folder / name
        with _local_errors(path, prediction_id):
            partial.replace(path)
        return path
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _fetch(ctx: Context, url: str, sink: _FileSink) -> Flow[str]:
    """Fetch *url* into *sink* and return the suffix for its content type."""
    request = HttpRequest("GET", url, sink=sink, authenticated=False)
    _, headers = yield from read(ctx, request, hint=_GONE_HINT)
    return suffix_of_type(headers.get("content-type", ""))


class _FileSink:
    """A file that starts anew with each attempt and fails in our own words."""

    def __init__(self, file: BinaryIO, path: Path, prediction_id: str) -> None:
        self._file = file
        self._path = path
        self._prediction_id = prediction_id

    def restart(self) -> None:
        """Forget what an earlier attempt wrote."""
        with _local_errors(self._path, self._prediction_id):
            self._file.seek(0)
            self._file.truncate()

    def write(self, chunk: bytes, /) -> None:
        """Append one piece."""
        with _local_errors(self._path, self._prediction_id):
            self._file.write(chunk)


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
