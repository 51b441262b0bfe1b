"""Write the results of rows that were settled, and hand them on."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from get3w_batch.journal.report import report

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from get3w_batch.engine.shared import Shared
    from get3w_batch.results import Result

_GATHER: Final = 0.5  # results of this long are written together


class Reporter:
    """Keeps the results of a run in step with its journal.

    Args:
        shared: The state of the run.
        deliver: Takes the results, in the order in which they are written.
    """

    def __init__(self, shared: Shared, deliver: Callable[[list[Result]], Awaitable[None]]) -> None:
        self._shared = shared
        self._deliver = deliver
        self._over = False

    async def run(self) -> None:
        """Write what was settled, again and again, until `end`."""
        while not self._over:
            await self._shared.finished.wait()
            if not self._over:
                await asyncio.sleep(_GATHER)
            self._shared.finished.clear()
            await self.write()

    def end(self) -> None:
        """Let `run` return; cancelled in its writing, it would lose results that are written."""
        self._over = True
        self._shared.finished.set()

    async def write(self) -> None:
        """Write what was settled; a file that cannot be written stops the sending."""
        shared = self._shared
        try:
            while results := await shared.journal.call(
                lambda connection: report(connection, shared.settings.out, shared.folder)
            ):
                await self._deliver(results)
        except OSError as error:
            shared.stop(f"results cannot be written: {error}")
