"""The local files in an input: what stands for them until they are uploaded, and their digests."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote

from get3w_cli._common.exits import UsageError

# Stands for the URL of a file while an input is checked; it is never sent.
_TO_COME = "https://get3w.com/to-come/"


def local_files(value: object) -> list[Path]:
    """Return the files in an input, each once."""
    found: dict[Path, None] = {}
    _replaced(value, lambda path: found.setdefault(path))
    return list(found)


def with_placeholders(body: dict[str, object]) -> dict[str, Any]:
    """Return the input with an address for each file, as it will look once they are uploaded."""
    return cast("dict[str, Any]", _replaced(body, lambda path: f"{_TO_COME}{quote(path.name)}"))


def with_urls(body: dict[str, object], urls: dict[Path, str]) -> dict[str, Any]:
    """Return the input with the URL of each file."""
    return cast("dict[str, Any]", _replaced(body, urls.__getitem__))


def with_digests(body: dict[str, object]) -> dict[str, Any]:
    """Return the input with the digest of each file's content, which tells equal inputs.

    Raises:
        UsageError: A file cannot be read.
    """
    return cast("dict[str, Any]", _replaced(body, _digest))


def _digest(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        raise UsageError(f"{str(path)!r} cannot be read: {error}") from None


def _replaced(value: object, of: Callable[[Path], object]) -> object:
    if isinstance(value, Path):
        return of(value)
    if isinstance(value, list):
        return [_replaced(each, of) for each in cast("list[object]", value)]
    if isinstance(value, dict):
        entries = cast("dict[str, object]", value)
        return {name: _replaced(each, of) for name, each in entries.items()}
    return value
