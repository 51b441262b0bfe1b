"""Look for the tasks of rows whose outcome is unknown; nothing is ever sent from here."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from get3w_core import (
    Accepted,
    Ambiguous,
    AsyncPrediction,
    AuthenticationError,
    Get3WError,
    SavedSubmission,
)

from get3w_batch.engine.shared import Shared, words_of
from get3w_batch.journal.claims import neighbours, owner_of
from get3w_batch.journal.moves import Move

if TYPE_CHECKING:
    from get3w_batch.journal.claims import Claimed


class Detective:
    """Reconciles rows that this worker has."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    async def look_for(self, row: Claimed) -> AsyncPrediction | None:
        """Return the handle of the row's task if there is proof of it; else the row is listed."""
        shared = self._shared
        around = await shared.journal.call(lambda connection: neighbours(connection, row))
        try:
            result = await shared.client.reconcile(
                self._submission(row),
                within=shared.settings.within,
                others=[self._submission(rival) for rival in around.rivals],
                taken=around.taken,
            )
        except AuthenticationError as error:
            shared.stop(words_of(error))
            return await self._list(row, words_of(error))
        except Get3WError as error:
            return await self._list(row, words_of(error))
        if not isinstance(result, Accepted):
            tasks = [each.id for each in result.candidates] if isinstance(result, Ambiguous) else []
            named = f"; it may be {' or '.join(tasks)}" if tasks else ""
            return await self._list(row, f"{result.outcome}{named} ({result.report})")
        handle = result.prediction
        owner = await shared.journal.call(lambda connection: owner_of(connection, handle.id))
        if owner not in {None, row.key}:
            return await self._list(row, f"ambiguous; {handle.id} fits and is row {owner!r}'s")
        values = {"task": handle.id, "handle": handle.to_json(), "error": None}
        verdict = await shared.journal.move(Move(row.key, "accepted", row.attempt, values))
        return handle if verdict == "done" else None

    def _submission(self, row: Claimed) -> SavedSubmission:
        if row.submission is not None:
            return SavedSubmission.from_json(row.submission)
        # Its process was killed: the journal knows what was sent and between which times.
        sent_at = row.sent_at or 0.0
        request = self._shared.request(row.model, json.loads(row.sent_body or row.body))
        return self._shared.client.saved_submission(
            request, sent_at=sent_at, ended_at=max(sent_at, row.ended_at or time.time())
        )

    async def _list(self, row: Claimed, why: str) -> None:
        values: dict[str, Any] = {
            "error": f"unknown whether it was accepted: {why}",
            "worker": None,
            "checked_at": time.time(),
            "finished_at": time.time(),
            "folder": self._shared.folder,
        }
        await self._shared.journal.move(Move(row.key, "unknown", row.attempt, values))
        self._shared.count("unknown")
