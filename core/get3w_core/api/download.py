"""Store outputs in files, whole or not at all, and copy them into open files."""

from __future__ import annotations

import contextlib
import glob
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol, TypeAlias, TypeVar

from get3w_core._common.arguments import check_path
from get3w_core.api.fetching import Incoming, local_errors
from get3w_core.outputs.names import FileNames

if TYPE_CHECKING:
    from collections.abc import Sequence

    from get3w_core.flow.context import Context
    from get3w_core.flow.effects import Flow
    from get3w_core.outputs.contents import OutputValue
    from get3w_core.outputs.rules import DownloadRules

T = TypeVar("T")

Progress: TypeAlias = Callable[[Path, int, int | None], object]
"""Is called with the file, the bytes received so far, and their total, if that is known."""


def download(
    ctx: Context,
    values: Sequence[OutputValue],
    folder: str | os.PathLike[str],
    names: FileNames,
    on_progress: Progress | None,
    rules: DownloadRules,
) -> Flow[list[Path]]:
    """Store every output in *folder*, which is made if need be, and return the files in order.

    Raises:
        LocalFileError: The folder cannot be written to.
        Get3WError: An output could not be fetched or decoded.
    """
    target = Path(folder)
    with local_errors(target, values[0].prediction_id if values else ""):
        target.mkdir(parents=True, exist_ok=True)
    paths: list[Path] = []
    for value in values:
        there = _existing_file(value, target, names)
        if there is None:
            paths.append((yield from _store(ctx, value, target, names, on_progress, rules)))
        else:
            path, size = there
            if on_progress is not None:
                on_progress(path, size, size)
            paths.append(path)
    return paths


def _store(
    ctx: Context,
    value: OutputValue,
    folder: Path,
    names: FileNames | str,
    on_progress: Progress | None,
    rules: DownloadRules,
) -> Flow[Path]:
    """Store one output under the name that *names* gives, and return the file."""
    # In the folder itself, so that the final move is one step; hidden until then.
    partial = folder / f".get3w-{os.urandom(8).hex()}.part"

    def path() -> Path:
        name = names if isinstance(names, str) else names.name(value, incoming.suffix)
        return folder / name

    def report(received: int, total: int | None) -> None:
        if on_progress is not None:
            on_progress(path(), received, total)

    try:
        with local_errors(folder, value.prediction_id):
            file = partial.open("xb")
        try:
            incoming = Incoming(ctx, value, file, folder, rules, report)
            yield from incoming.take()
            with local_errors(folder, value.prediction_id):
                file.close()  # a disk that is full may show no sooner
        finally:
            with contextlib.suppress(OSError):
                file.close()
        with local_errors(folder, value.prediction_id):
            partial.replace(path())
        return path()
    finally:
        with contextlib.suppress(OSError):
            partial.unlink(missing_ok=True)


def _existing_file(value: OutputValue, folder: Path, names: FileNames) -> tuple[Path, int] | None:
    """Return the file that an earlier download of this output made, with its size."""
    if value.url is None or not names.is_own:
        return None
    with local_errors(folder, value.prediction_id):
        name = names.name(value, "")
        if names.known(value):
            found = [folder / name]
        else:
            pattern = f"{glob.escape(name)}.*"
            found = [path for path in folder.glob(pattern) if path.stem == name]
        whole = [path for path in found if path.is_file() and not path.is_symlink()]
        sizes = [(path, path.stat().st_size) for path in whole]
    full = [(path, size) for path, size in sizes if size > 0]
    return full[0] if len(full) == 1 else None


class RunFlow(Protocol):
    """Runs the flow that a function returns for the context of a client."""

    def __call__(self, make: Callable[[Context], Flow[T]], /) -> T:
        """Run it."""
        ...


class RunFlowAsync(Protocol):
    """Runs the flow that a function returns for the context of a client; see `RunFlow`."""

    async def __call__(self, make: Callable[[Context], Flow[T]], /) -> T:
        """Run it."""
        ...


class ClientReader:
    """Reads single outputs; see `OutputReader`."""

    def __init__(self, run: RunFlow, run_async: RunFlowAsync) -> None:
        self._run = run
        self._run_async = run_async

    def copy(self, value: OutputValue, file: BinaryIO, rules: DownloadRules) -> str | None:
        """Write the content to *file*, and return its media type where that is known."""
        return self._run(lambda ctx: _copy(ctx, value, file, rules))

    async def copy_async(
        self, value: OutputValue, file: BinaryIO, rules: DownloadRules
    ) -> str | None:
        """Write the content to *file*; see `copy`."""
        return await self._run_async(lambda ctx: _copy(ctx, value, file, rules))

    def save(self, value: OutputValue, path: str | os.PathLike[str], rules: DownloadRules) -> Path:
        """Store the content, and return its file."""
        check_path("path", path)
        return self._run(lambda ctx: _save(ctx, value, Path(path), rules))

    async def save_async(
        self, value: OutputValue, path: str | os.PathLike[str], rules: DownloadRules
    ) -> Path:
        """Store the content; see `save`."""
        check_path("path", path)
        return await self._run_async(lambda ctx: _save(ctx, value, Path(path), rules))


def _copy(
    ctx: Context, value: OutputValue, file: BinaryIO, rules: DownloadRules
) -> Flow[str | None]:
    incoming = Incoming(ctx, value, file, Path("a temporary file"), rules)
    yield from incoming.take()
    return None if value.url is None else incoming.media_type


def _save(ctx: Context, value: OutputValue, path: Path, rules: DownloadRules) -> Flow[Path]:
    with local_errors(path, value.prediction_id):
        is_folder = path.is_dir()
        if not is_folder:
            path.parent.mkdir(parents=True, exist_ok=True)
    if is_folder:
        return (yield from _store(ctx, value, path, FileNames(None, {}, 1), None, rules))
    return (yield from _store(ctx, value, path.parent, path.name, None, rules))
