"""Pauses after a failed submit, read or poll, or an empty search: back-off, and Retry-After."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from get3w_core._common.json import JsonValue

FIRST_DELAY = 0.5
LONGEST_READ_DELAY = 8.0
SHORTEST_DELAY = 0.1  # a server that says "0" is not to be hammered
JITTER = 0.25


def backoff(attempt: int, random: Callable[[], float], longest: float = math.inf) -> float:
    """Return the delay after failed attempt number *attempt* (from 0) without a hint.

    It starts at half a second and doubles up to *longest*. Up to a quarter is added by chance
    after that, so that clients that failed together do not return together.
    """
    # Beyond so many attempts the power is no number any more, and the delay longer than a life.
    return min(FIRST_DELAY * 2.0 ** min(attempt, 60), longest) * (1 + JITTER * random())


def not_before(seconds: float, random: Callable[[], float]) -> float:
    """Return the delay where a server asked for one: never shorter, and longer by chance.

    Up to a quarter is added, so that clients that were refused together do not return together.
    """
    return max(seconds, SHORTEST_DELAY) * (1 + JITTER * random())


def retry_after(
    headers: Mapping[str, str], body: JsonValue, wall_clock: Callable[[], float]
) -> float | None:
    """Return the seconds that the server asked to wait for, if it did.

    The header may hold seconds, whole or not, or an HTTP date; the body a `retry_after`, at the
    top or in `data`.
    """
    header = headers.get("retry-after")
    if header is not None:
        hint = _seconds(header)
        if hint is None:
            hint = _until_date(header, headers.get("date"), wall_clock)
        if hint is not None:
            return hint
    if isinstance(body, dict):
        hint = _seconds(body.get("retry_after"))
        data = body.get("data")
        if hint is None and isinstance(data, dict):
            hint = _seconds(data.get("retry_after"))
        return hint
    return None


def _seconds(value: JsonValue) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        seconds = float(value)
    except (ValueError, OverflowError):
        return None
    return max(seconds, 0.0) if math.isfinite(seconds) else None


def _until_date(header: str, now: str | None, wall_clock: Callable[[], float]) -> float | None:
    then = http_time(header)
    if then is None:
        return None
    # The server's own clock, where it shows one, so that a wrong clock here does no harm.
    here = http_time(now) if now is not None else None
    return max(then - (wall_clock() if here is None else here), 0.0)


def http_time(text: str) -> float | None:
    """Return the Unix time that an HTTP date names; None if it is none."""
    from email.utils import parsedate_to_datetime  # rare, and `email` is slow to load

    try:
        return parsedate_to_datetime(text).timestamp()
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
