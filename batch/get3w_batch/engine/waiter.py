"""Wait for the task of a row, and save what it made."""

from __future__ import annotations

import asyncio
import json
import random
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from get3w_core import (
    APIError,
    AsyncPrediction,
    AuthenticationError,
    ConnectionFailedError,
    Get3WError,
    LocalFileError,
    NotFoundError,
    PermissionDeniedError,
    PredictionFailedError,
    WaitTimeoutError,
)

from get3w_batch.engine.shared import Shared, words_of
from get3w_batch.journal.moves import Move

if TYPE_CHECKING:
    from get3w_batch.journal.claims import Claimed
    from get3w_batch.results import State

_SAFETY_NET: Final = 60.0  # seconds after which a task is asked for whose end was not delivered


class Waiter:
    """Waits for tasks that rows have; `accepted` is left only once everything is saved."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    async def wait(self, row: Claimed, handle: AsyncPrediction) -> tuple[State, dict[str, Any]]:
        """Wait for the end of a task, and return the row's state and what is to be written.

        The state is still `accepted` where nobody may ask for the task, as with a refused key.
        """
        try:
            await self._until_done(row, handle)
        except PredictionFailedError as error:
            code = None if error.code is None else words_of(error.code)
            return "failed", {"error": words_of(error), "code": code}
        except (AuthenticationError, PermissionDeniedError) as error:
            self._shared.stop(words_of(error))
            return "accepted", {"error": words_of(error)}
        except NotFoundError as error:  # lasting: the task is gone, and what it cost is not
            return "failed", {"error": words_of(error), "code": "404"}
        except Get3WError as error:
            return "accepted", {"error": words_of(error)}
        return "completed", {"outputs": json.dumps(handle.data.outputs), "error": None}

    async def _until_done(self, row: Claimed, handle: AsyncPrediction) -> None:
        webhooks = self._shared.webhooks
        if webhooks is None or row.attempt is None:
            await handle.wait(timeout=None)
            return
        # What an earlier run sent may have been delivered to nobody, so that is asked for at once.
        pause = _SAFETY_NET if row.state == "pending" else 0.0
        with webhooks.expecting(row.attempt) as arrived:
            while not arrived.is_set():
                with suppress(TimeoutError):
                    await asyncio.wait_for(arrived.wait(), pause * (0.75 + random.random() / 2))  # noqa: S311
                try:
                    await handle.wait(timeout=0)
                except WaitTimeoutError as error:
                    if error.__cause__ is not None:  # the last poll came to nothing
                        break
                else:
                    return
                pause = _SAFETY_NET
        await handle.wait(timeout=None)

    async def save(self, row: Claimed, handle: AsyncPrediction) -> tuple[State, dict[str, Any]]:
        """Save the outputs of a task, and return the row's state and what is to be written.

        A disk that is full stops the sending; the row stays `accepted`, and the next run saves it.
        """
        settings = self._shared.settings
        if settings.out is None or not settings.download:
            return "completed", {"files": "[]"}
        name = "dropped" if row.position is None else f"{row.position:06}"
        folder = settings.out / "files" / name
        try:
            paths = await handle.download(folder)
        except LocalFileError as error:
            self._shared.stop(f"a result cannot be saved: {words_of(error)}")
            return "accepted", {"error": words_of(error)}
        except ConnectionFailedError as error:
            return "accepted", {"error": words_of(error)}
        except Get3WError as error:
            if isinstance(error, APIError) and error.status_code >= 500:
                return "accepted", {"error": words_of(error)}
            return "completed", {"files": "[]", "error": f"not saved: {words_of(error)}"}
        files = [path.relative_to(settings.out).as_posix() for path in paths]
        return "completed", {"files": json.dumps(files)}

    async def settle(self, row: Claimed, state: State, values: dict[str, Any]) -> None:
        """Write the end of a row; one that is still `accepted` is kept from others in this run."""
        if state != "accepted":
            values |= {"folder": self._shared.folder, "finished_at": time.time(), "worker": None}
        await self._shared.journal.move(Move(row.key, state, row.attempt, values))
        if state != "accepted":
            self._shared.count(state)
