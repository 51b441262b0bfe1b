"""A worker: the engine of one process, run as a Ray actor."""

from __future__ import annotations

import asyncio
import platform
from dataclasses import dataclass
from typing import TYPE_CHECKING

from get3w_core import AsyncClient, Get3WError, __version__

from get3w_batch.engine.engine import Engine
from get3w_batch.engine.limiter import Limiter
from get3w_batch.engine.shared import Shared
from get3w_batch.journal.journal import Journal

if TYPE_CHECKING:
    from pathlib import Path

    from get3w_batch.on_ray.options import Orders


@dataclass(frozen=True, slots=True)
class Ready:
    """What a worker found before anything is sent.

    Attributes:
        place: The machine that it runs on.
        problem: Why it cannot work, or None.
    """

    place: str
    problem: str | None


@dataclass(frozen=True, slots=True)
class Ended:
    """How a worker ended.

    Attributes:
        place: The machine that it ran on.
        stopped: Why it stopped before all rows were settled, or None.
        error: The error that ended it, or None.
        notes: What that error's notes say: tasks that are not in the journal.
    """

    place: str
    stopped: str | None = None
    error: str | None = None
    notes: tuple[str, ...] = ()


class Worker:
    """Claims rows from the shared journal, and sends them; it lives in one process."""

    def __init__(self) -> None:
        self._shared: Shared | None = None
        self._place = platform.node()

    async def prepare(self, orders: Orders, probe: str) -> Ready:
        """Say whether this worker can work; nothing is sent.

        Args:
            orders: What to do.
            probe: The name of a file that it leaves in the folder of results for the driver to see.
        """
        if orders.version != __version__:
            words = f"it has get3w-models {__version__}, and the driver {orders.version}"
            return Ready(self._place, words)
        if orders.digest_of_own_key() != orders.key_digest:
            return Ready(self._place, "its GET3W_API_KEY is missing, or not the one of the driver")
        if orders.needs_folder and (problem := _try_folder(orders, probe)):
            return Ready(self._place, problem)
        try:
            outage_timeout = orders.settings.outage_timeout
            journal = await asyncio.to_thread(
                Journal, orders.journal, outage_timeout=outage_timeout
            )
        except Get3WError as error:
            return Ready(self._place, str(error))
        self._shared = Shared(
            settings=orders.settings,
            client=AsyncClient(base_url=orders.base_url, submit_deadline=0),
            journal=journal,
            folder=orders.folder,
            limiter=Limiter(orders.settings.concurrency),
            types=orders.types,
        )
        return Ready(self._place, None)

    async def run(self) -> Ended:
        """Work until all rows are settled, or until it is stopped."""
        shared = self._shared
        assert shared is not None, "a worker is prepared before it runs"
        try:
            await Engine(shared).run()
        except Exception as error:  # noqa: BLE001 - the driver shows it, with what it knows of tasks
            notes = tuple(getattr(error, "__notes__", ()))
            return Ended(self._place, shared.stopped, str(error) or type(error).__name__, notes)
        finally:
            await shared.client.aclose()
            await asyncio.to_thread(shared.journal.close)
        return Ended(self._place, shared.stopped)

    async def stop(self, reason: str) -> None:
        """Send nothing more; `run` returns once all that is paid for has ended and is saved."""
        if self._shared is not None:
            self._shared.stop(reason)


def _try_folder(orders: Orders, probe: str) -> str | None:
    """Return why the driver's folder of results cannot be used from here, or None."""
    out = orders.settings.out
    assert out is not None, "a folder that is needed is there"
    try:
        if _read(out / ".batch") == orders.folder:
            (out / probe).touch()
            return None
    except OSError as error:
        return f"it cannot write to {str(out)!r}: {error.strerror}"
    return (
        f"it does not see the driver's folder {str(out)!r}: give --out a folder that all machines"
        " of the cluster share, or save no outputs (--no-download)"
    )


def _read(path: Path) -> str | None:
    try:
        return path.read_text("ascii")
    except FileNotFoundError:
        return None
