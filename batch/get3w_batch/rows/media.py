"""Local files inside the input of a row: marks that a journal can hold, and their uploads."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Union, cast, get_args, get_origin

from pydantic import BaseModel

from get3w_batch.errors import BatchError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

MARK = "file://"
"""What a local file's path begins with in a body; no server takes such an address."""

_LONGEST_PATH = 4096


def map_media(
    body: Mapping[str, object], kind: type[BaseModel], change: Callable[[object], object]
) -> dict[str, Any]:
    """Return *body* with *change* applied to each value that may be a local file, at any depth.

    What a model takes as text is left alone, whatever it looks like.
    """
    named = {
        field.serialization_alias or field.alias or name: field.annotation
        for name, field in kind.model_fields.items()
    }
    return {
        name: _mapped(value, named[name], change) if name in named else value
        for name, value in body.items()
    }


def _mapped(value: object, annotation: object, change: Callable[[object], object]) -> object:
    mapped = value
    if isinstance(value, dict):
        fields = cast("dict[str, object]", value)
        if isinstance(annotation, type) and issubclass(annotation, BaseModel):
            return map_media(fields, annotation, change)
        if get_origin(annotation) in {dict, Mapping}:
            of_values = get_args(annotation)[1]
            return {name: _mapped(each, of_values, change) for name, each in fields.items()}
    elif isinstance(value, list):
        # Of the types of lists, some are our own, and each has one argument.
        if get_origin(annotation) not in {None, Annotated, Union, UnionType}:
            of_items = get_args(annotation)[0]
            return [_mapped(each, of_items, change) for each in cast("list[object]", value)]
    elif annotation is Path:
        return change(value)
    if get_origin(annotation) is Annotated:
        return _mapped(mapped, get_args(annotation)[0], change)
    if get_origin(annotation) in {Union, UnionType}:
        for branch in get_args(annotation):
            mapped = _mapped(mapped, branch, change)
    return mapped


def mark_local_file(value: object, folder: Path, blobs: Path | None) -> object:
    """Return the value of a media parameter with an absolute mark for a path, and bytes as a file.

    Args:
        value: An address, a path or bytes.
        folder: What relative paths begin at.
        blobs: Where bytes are written to, under the digest of their content.

    Raises:
        BatchError: Bytes cannot be written.
        FileNotFoundError: There is no such file.
        ValueError: Bytes cannot be kept, since there is no folder for them.
    """
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
    path = folder.absolute() / hashlib.sha256(content).hexdigest()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
            partial.write_bytes(content)
            partial.replace(path)
    except OSError as error:  # the row is not to blame
        raise BatchError(f"The media of the rows cannot be kept: {error}") from error
    return path


async def upload_marked(
    body: Mapping[str, Any], kind: type[BaseModel], upload: Callable[[Path], Awaitable[str]]
) -> dict[str, Any]:
    """Return *body* with the URL of its upload in place of each marked file."""
    urls = dict[str, str]()

    def note(value: object) -> object:
        if isinstance(value, str) and value.startswith(MARK):
            urls[value] = ""
        return value

    map_media(body, kind, note)
    for mark in urls:
        urls[mark] = await upload(Path(mark.removeprefix(MARK)))
    return map_media(body, kind, lambda value: urls.get(cast("str", value), value))
