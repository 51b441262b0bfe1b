"""Look for the tasks of rows whose outcome is unknown; nothing is ever sent from here."""

from __future__ import annotations

import asyncio
import json
import time
from typing import TYPE_CHECKING, Any, Final

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
    from get3w_core import Reconciliation, WebhookDelivery

    from get3w_batch.journal.claims import Claimed

_LOOK_AGAIN: Final = 0.2


class Reconciler:
    """Reconciles rows that this worker has."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared

    async def reconcile(self, row: Claimed) -> AsyncPrediction | None:
        """Return the handle of the row's task if there is proof of it; else the row is listed."""
        shared = self._shared
        found = await self._find(row)
        if isinstance(found, str):
            values: dict[str, Any] = {
                "error": f"unknown whether it was accepted: {found}",
                "worker": None,
                # Not before this run, whatever was done to the clock: once a run is enough.
                "checked_at": max(time.time(), shared.began),
                "finished_at": time.time(),
                "folder": shared.folder,
            }
            await shared.journal.move(Move(row.key, "unknown", row.attempt, values))
            shared.count("unknown")
            return None
        values = {"task": found.id, "handle": found.to_json(), "error": None}
        verdict = await shared.journal.move(Move(row.key, "accepted", row.attempt, values))
        return found if verdict == "done" else None

    async def _find(self, row: Claimed) -> AsyncPrediction | str:
        """Return the handle of the row's task, or why none is known to be its."""
        shared = self._shared
        try:
            result = await self._reconcile(row)
            if not isinstance(result, Accepted) and await self._is_delivered(row):
                result = await self._reconcile(row)
        except AuthenticationError as error:
            shared.stop(words_of(error))
            return words_of(error)
        except Get3WError as error:
            return words_of(error)
        if not isinstance(result, Accepted):
            tasks = [each.id for each in result.candidates] if isinstance(result, Ambiguous) else []
            named = f"; it may be {' or '.join(tasks)}" if tasks else ""
            return f"{result.outcome}{named} ({result.report})"
        handle = result.prediction
        owner = await shared.journal.call(lambda connection: owner_of(connection, handle.id))
        if owner not in {None, row.key}:
            return f"ambiguous; {handle.id} fits and is row {owner!r}'s"
        return handle

    async def _reconcile(self, row: Claimed) -> Reconciliation[AsyncPrediction]:
        shared, submission = self._shared, self._submission(row)
        around = await shared.journal.call(lambda connection: neighbours(connection, row))
        return await shared.client.reconcile(
            submission,
            within=shared.settings.reconcile_timeout,
            delivery=self._delivered(row, submission),
            others=[self._submission(rival) for rival in around.rivals],
            taken=around.taken,
        )

    async def _is_delivered(self, row: Claimed) -> bool:
        """Wait for a delivery about the row, as long as its task is looked for."""
        webhooks = self._shared.webhooks
        if webhooks is None or row.attempt is None:
            return False
        for _ in range(int(self._shared.settings.reconcile_timeout / _LOOK_AGAIN)):
            if webhooks.early(row.attempt) is not None:
                return True
            await asyncio.sleep(_LOOK_AGAIN)
        return False

    def _delivered(self, row: Claimed, submission: SavedSubmission) -> WebhookDelivery | None:
        """Return what came to the callback address of this very submit."""
        webhooks = self._shared.webhooks
        if webhooks is None or row.attempt is None:
            return None
        found = webhooks.early(row.attempt)
        same = found is not None and found.callback_nonce == submission.callback_nonce
        return found if same else None

    def _submission(self, row: Claimed) -> SavedSubmission:
        if row.submission is not None:
            return SavedSubmission.from_json(row.submission)
        # Its process was killed: the journal knows what was sent and between which times.
        sent_at = row.sent_at or 0.0
        request = self._shared.request(row.model, json.loads(row.sent_body or row.body))
        return self._shared.client.describe_submit(
            request, sent_at=sent_at, ended_at=max(sent_at, row.ended_at or time.time())
        )
