"""Local files inside the input of a row: marks that a journal can hold, and their uploads."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast, get_args

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from get3w_core import ModelRequest

MARK = "file://"
"""What a local file's path begins with in a body; no server takes such an address."""

_LONGEST_PATH = 4096


def media_parameters(request_type: type[ModelRequest]) -> set[str]:
    """Return the wire names of the parameters that take local files."""
    return {
        field.serialization_alias or field.alias or name
        for name, field in request_type.model_fields.items()
        if _takes_path(field.annotation)
    }


def _takes_path(annotation: object) -> bool:
    return annotation is Path or any(map(_takes_path, get_args(annotation)))


def mark_local_files(value: object, folder: Path, blobs: Path | None) -> object:
    """Return *value* of a media parameter with an absolute mark for each path, and bytes as files.

    Args:
        value: An address, a path, bytes, or a list of them.
        folder: What relative paths begin at.
        blobs: Where bytes are written to, under the digest of their content.

    Raises:
        FileNotFoundError: There is no such file.
        ValueError: Bytes cannot be kept, since there is no folder for them.
    """
    if isinstance(value, list):
        return [mark_local_files(each, folder, blobs) for each in cast("list[object]", value)]
    if isinstance(value, bytes):
        if blobs is None:
            raise ValueError("bytes are kept beside the results: give a folder for these")
        return MARK + str(_keep(value, blobs))
    if isinstance(value, os.PathLike):
        value = os.fspath(cast("os.PathLike[str]", value))
    elif not isinstance(value, str) or not _is_path(value):
        return value
    path = (folder / value.removeprefix(MARK)).absolute()
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {str(path)!r}")
    return MARK + str(path)


def _is_path(text: str) -> bool:
    address = "://" in text and not text.startswith(MARK)
    return bool(text) and not address and not text.startswith("data:") and len(text) < _LONGEST_PATH


def _keep(content: bytes, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder.absolute() / hashlib.sha256(content).hexdigest()
    if not path.exists():
        partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
        partial.write_bytes(content)
        partial.replace(path)
    return path


async def upload_marked(
    body: Mapping[str, Any], upload: Callable[[Path], Awaitable[str]]
) -> dict[str, Any]:
    """Return *body* with the URL of its upload in place of each marked file."""

    async def sent(value: Any) -> Any:
        if isinstance(value, list):
            return [await sent(each) for each in value]  # pyright: ignore[reportUnknownVariableType]
        if isinstance(value, dict):
            fields = cast("dict[str, Any]", value)
            return {name: await sent(each) for name, each in fields.items()}
        if isinstance(value, str) and value.startswith(MARK):
            return await upload(Path(value.removeprefix(MARK)))
        return value

    return {name: await sent(value) for name, value in body.items()}
