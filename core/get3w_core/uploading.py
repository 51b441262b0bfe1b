"""Uploads: by themselves, and of the local files inside a request."""

from __future__ import annotations

import os
from contextlib import ExitStack
from typing import TYPE_CHECKING, cast

from get3w_core.effects import Context, HttpRequest
from get3w_core.errors import ResponseFormatError
from get3w_core.files import is_local_file, open_part
from get3w_core.jsonvalue import as_object, as_text
from get3w_core.reading import read
from get3w_core.surface import v3_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from get3w_core.effects import FilePart, Flow
    from get3w_core.files import UploadInput
    from get3w_core.types import TimeoutTypes

# Files are not looked for deeper than this; a list that holds itself is refused by the encoder.
_DEEPEST = 50


def upload(ctx: Context, file: UploadInput, content_type: str | None = None) -> Flow[str]:
    """Upload *file* and return its URL.

    Raises:
        LocalFileError: It cannot be read; nothing was sent.
        Get3WError: The upload failed, after the retries of a read: an upload costs nothing.
    """
    with ExitStack() as stack:
        part = open_part(file, stack, content_type)
        return (yield from _send(ctx, part, None))


def upload_files(
    ctx: Context,
    fields: Mapping[str, object],
    extra: Mapping[str, object],
    timeout: TimeoutTypes | None = None,
) -> Flow[tuple[dict[str, object], dict[str, object]]]:
    """Upload every local file inside *fields* and *extra*, and return both with URLs instead.

    The same path or file object is uploaded once. All are opened before the first is sent, so that
    a missing one costs no upload.
    """
    with ExitStack() as stack:
        parts: dict[object, FilePart] = {}
        for file in _local_files([*fields.values(), *extra.values()]):
            if _key(file) not in parts:
                parts[_key(file)] = open_part(file, stack)
        urls: dict[object, str] = {}
        for key, part in parts.items():
            urls[key] = yield from _send(ctx, part, timeout)
    return _replaced_in(fields, urls), _replaced_in(extra, urls)


def _send(ctx: Context, part: FilePart, timeout: TimeoutTypes | None) -> Flow[str]:
    url = v3_url(ctx.options.origin, "files/upload")
    request = HttpRequest("POST", url, part=part, timeout=timeout)
    answer, _ = yield from read(ctx, request)
    data = as_object(answer.data)
    # [G] `url`; [W] `download_url`.
    location = as_text(data.get("url")) or as_text(data.get("download_url"))
    if location is None:
        raise ResponseFormatError(f"The answer to POST {url} holds no URL", body=answer.excerpt)
    return location


def _key(file: object) -> object:
    return os.fspath(cast("os.PathLike[str]", file)) if isinstance(file, os.PathLike) else id(file)


def _local_files(values: Iterable[object], depth: int = 0) -> Iterator[UploadInput]:
    for value in values:
        if is_local_file(value):
            yield value
        elif depth < _DEEPEST and isinstance(value, dict):
            yield from _local_files(cast("dict[str, object]", value).values(), depth + 1)
        elif depth < _DEEPEST and isinstance(value, list | tuple):
            yield from _local_files(cast("list[object]", value), depth + 1)


def _replaced_in(
    fields: Mapping[str, object], urls: Mapping[object, str], depth: int = 0
) -> dict[str, object]:
    return {name: _replaced(value, urls, depth) for name, value in fields.items()}


def _replaced(value: object, urls: Mapping[object, str], depth: int) -> object:
    if is_local_file(value):
        return urls[_key(value)]
    if depth < _DEEPEST and isinstance(value, dict):
        return _replaced_in(cast("dict[str, object]", value), urls, depth + 1)
    if depth < _DEEPEST and isinstance(value, list | tuple):
        return [_replaced(item, urls, depth + 1) for item in cast("list[object]", value)]
    return value
