"""Make file names and paths that every operating system can hold."""

import re
from collections.abc import Iterable

from get3w_codegen.text.forms import FileName

_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
_SEGMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")
# Windows takes these for devices, whatever their ending.
_DEVICES = frozenset(
    {"aux", "con", "conin$", "conout$", "nul", "prn"}
    | {f"{port}{digit}" for port in ("com", "lpt") for digit in "0123456789"}
)
# Many systems take no more bytes.
_LONGEST = 200


def is_model_id(text: str) -> bool:
    """Return whether *text* can be a model id: it then is a safe relative path as well."""
    return len(text) <= _LONGEST and all(map(_SEGMENT.fullmatch, text.split("/")))


def file_name(text: str) -> FileName:
    """Return a file name.

    Raises:
        ValueError: Some system could not hold a file of this name, or would take it for another.
    """
    if not _NAME.fullmatch(text):
        raise ValueError(f"{text!r} is no file name of letters, digits, '-', '_' and '.'")
    if is_device(text):
        raise ValueError(f"{text!r} is the name of a device on Windows")
    if len(text) > _LONGEST:
        raise ValueError(f"A file name of {len(text)} characters is too long")
    return FileName(text)


def is_device(text: str) -> bool:
    """Return whether Windows takes a file of this name for a device."""
    return text.split(".")[0].lower() in _DEVICES


def twins(paths: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs of paths that collide on some operating systems.

    Such are two that differ in case alone, and a file beside a folder of the same name.
    """
    known: dict[str, str] = {}
    found: list[tuple[str, str]] = []
    for path in sorted(set(paths)):
        parts = path.lower().split("/")
        for length in range(1, len(parts) + 1):
            key = "/".join(parts[:length])
            shown = "/".join(path.split("/")[:length])
            # A folder may be shared, as long as it is spelt the same and no file is called so.
            kind = shown if length == len(parts) else f"{shown}/"
            if known.setdefault(key, kind) != kind:
                found.append((known[key].rstrip("/"), path))
                break
    return found
