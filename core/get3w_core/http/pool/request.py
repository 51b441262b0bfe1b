"""Read what a request carries for the pool: its timeouts, and the record of what was sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias, cast

from get3w_core.http.pool.bookkeeping import RECORD, PoolRecord

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpcore

Timeouts: TypeAlias = "Mapping[str, float | None]"
"""Seconds by what takes them: connect, pool, read, write."""


class Unsent(bytearray):
    """Bytes on their way, which a traceback does not show: the key is among them."""

    def __repr__(self) -> str:
        return f"<{len(self)} bytes>"


def timeouts_of(request: httpcore.Request) -> Timeouts:
    """Return the timeouts of *request*."""
    found: Timeouts = _extensions(request).get("timeout", {})
    return found


def record_of(request: httpcore.Request) -> PoolRecord:
    """Return where to note what happens to *request*."""
    found = _extensions(request).get(RECORD)
    return found if isinstance(found, PoolRecord) else PoolRecord()


def is_patched(kind: type, method: str) -> bool:
    """Tell whether a mock or a recorder has put something in the place of a method of httpcore's.

    Compared with a neighbour in the same module: it may have been there before we were loaded.
    """
    found = getattr(getattr(kind, method), "__globals__", None)
    return found is not cast("Any", kind).create_connection.__globals__


def _extensions(request: httpcore.Request) -> Mapping[str, Any]:
    return cast(
        "Mapping[str, Any]",
        request.extensions,  # pyright: ignore[reportUnknownMemberType] - httpx says dict
    )
