"""Watch a request over httpcore in an event loop; `trace` says why, and does it for threads."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from get3w_core.http.trace import HEADERS, read_time, too_late

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Awaitable, Callable

    import httpx

    from get3w_core.http.evidence import Evidence
    from get3w_core.http.trace import Info


@asynccontextmanager
async def watched_async(request: httpx.Request, evidence: Evidence) -> AsyncGenerator[None]:
    """Do as `trace.watched`, in an event loop."""
    seconds = read_time(request)
    loop = asyncio.get_running_loop()
    limit = asyncio.timeout(None)
    others: Callable[[str, Info], Awaitable[object]] | None = request.extensions.get("trace")

    async def trace(name: str, info: Info) -> None:
        evidence.note(name, info)
        if seconds is not None and name.endswith(f".{HEADERS}.started"):
            limit.reschedule(loop.time() + seconds)
        elif f".{HEADERS}." in name:
            limit.reschedule(None)
        if others is not None:
            await others(name, info)

    request.extensions["trace"] = trace
    try:
        async with limit:
            yield
    except TimeoutError:
        if limit.expired():
            raise too_late(seconds, request) from None
        raise
