"""Uploads: by themselves, and of the local files inside a request."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from get3w_core._common.json import as_object, as_text
from get3w_core.api.read import read
from get3w_core.api.surface import v3_url
from get3w_core.errors.base import Get3WError, ResponseFormatError
from get3w_core.files.local import OpenFiles, open_local
from get3w_core.flow.context import Context
from get3w_core.flow.effects import HttpRequest, sleep, work
from get3w_core.request.values.local_files import file_key, is_local_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from get3w_core.files.local import LocalFile, UploadInput
    from get3w_core.files.upload_cache import UploadCache
    from get3w_core.flow.effects import Flow
    from get3w_core.request.values.types import TimeoutTypes

# Files are not looked for deeper than this; a list that holds itself is refused by the encoder.
_DEEPEST: Final = 50
# How often to look whether somebody else is done with uploading the same content.
_LOOK_AGAIN: Final = 0.05


def upload(
    ctx: Context,
    file: UploadInput,
    content_type: str | None,
    uploads: UploadCache,
    *,
    reuse: bool = True,
) -> Flow[str]:
    """Upload *file* and return its URL.

    Args:
        ctx: The options, the time and chance.
        file: What to upload.
        content_type: What it is; by default its name and its first bytes tell.
        uploads: What was uploaded before.
        reuse: Whether the URL of the same content, uploaded before, will do.

    Raises:
        LocalFileError: It cannot be read, or Get3W does not take it; nothing was sent.
        Get3WError: The upload failed, after the retries of a read: an upload costs nothing.
    """
    with OpenFiles() as files:
        local = yield from work(lambda: open_local(file, files, content_type))
        return (yield from _send_once(ctx, local, None, uploads, reuse=reuse))


def upload_files(
    ctx: Context,
    fields: Mapping[str, object],
    extra: Mapping[str, object],
    timeout: TimeoutTypes | None,
    uploads: UploadCache,
) -> Flow[tuple[dict[str, object], dict[str, object]]]:
    """Upload every local file inside *fields* and *extra*, and return both with URLs instead.

    The same content is uploaded once. All are opened and checked before the first is sent, so that
    a missing one costs no upload.
    """
    found = {file_key(file): file for file in _local_files([*fields.values(), *extra.values()])}
    if not found:
        return dict(fields), dict(extra)
    with OpenFiles() as files:
        local = yield from work(
            lambda: {key: open_local(file, files) for key, file in found.items()}
        )
        urls: dict[object, str] = {}
        for key, each in local.items():
            urls[key] = yield from _send_once(ctx, each, timeout, uploads)
    return _replaced_in(fields, urls), _replaced_in(extra, urls)


def _send_once(
    ctx: Context,
    local: LocalFile,
    timeout: TimeoutTypes | None,
    uploads: UploadCache,
    *,
    reuse: bool = True,
) -> Flow[str]:
    """Upload one content, unless it is up already or somebody is just uploading it."""
    identity, owner = local.identity, object()
    try:
        while True:
            found = uploads.find(identity, ctx.wall_clock()) if reuse else None
            if found is not None:
                return found
            if uploads.claim(identity, owner):
                break
            yield from sleep(_LOOK_AGAIN, "the same content is just being uploaded")
        try:
            url = yield from _send(ctx, local, timeout)
        except Get3WError:
            local.check_unchanged()  # a file that grows is longer than was said
            raise
        local.check_unchanged()
        uploads.keep(identity, url, ctx.wall_clock())
        return url
    finally:
        uploads.release(identity, owner)


def _send(ctx: Context, local: LocalFile, timeout: TimeoutTypes | None) -> Flow[str]:
    url = v3_url(ctx.options.origin, "files/upload")
    request = HttpRequest("POST", url, part=local.part, timeout=timeout)
    answer, _ = yield from read(ctx, request)
    data = as_object(answer.data)
    # [G] `url`; [W] `download_url`.
    location = as_text(data.get("url")) or as_text(data.get("download_url"))
    if location is None:
        raise ResponseFormatError(
            f"The answer to POST {url} holds no URL",
            body=answer.excerpt,
            status_code=answer.status,
            method=request.method,
            url=request.shown_url,
        )
    return location


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
        return urls[file_key(value)]
    if depth < _DEEPEST and isinstance(value, dict):
        return _replaced_in(cast("dict[str, object]", value), urls, depth + 1)
    if depth < _DEEPEST and isinstance(value, list | tuple):
        return [_replaced(item, urls, depth + 1) for item in cast("list[object]", value)]
    return value
