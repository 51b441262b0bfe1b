"""Send one row, and write down what came of it before anything else happens to it."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

from get3w_core import (
    AsyncPrediction,
    AuthenticationError,
    ClientClosedError,
    ConfigurationError,
    ConnectionFailedError,
    Get3WError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
    SubmitOutcomeUnknownError,
)
from pydantic import ValidationError

from get3w_batch.engine.shared import Shared, code_of, words_of
from get3w_batch.errors import JournalError
from get3w_batch.journal.moves import Move
from get3w_batch.rows.media import MARK, upload_marked

if TYPE_CHECKING:
    from get3w_batch.journal.claims import Claimed
    from get3w_batch.results import State

# The next row would be answered the same, and none of them is to blame.
_NOT_THE_ROWS_FAULT = (
    AuthenticationError,
    PermissionDeniedError,
    NotFoundError,
    ConfigurationError,
    ClientClosedError,
)
_PAYMENT_REQUIRED = "402"  # Get3W answers 403 where the balance is used up


class Sender:
    """Sends rows that this worker has."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._unreachable_since: float | None = None

    async def send(self, row: Claimed) -> AsyncPrediction | State:
        """Send a row; return its handle, or the state that it is in without one.

        Args:
            row: A row of this worker; its `attempt` names this submit, and is new.

        Raises:
            JournalError: The journal cannot be written; a note names a task that is not in it.
        """
        shared = self._shared
        sent: dict[str, Any] = {"sent_body": None, "ended_at": None, "submission": None}
        try:
            body = json.loads(row.body)
            if MARK in row.body:
                body = await upload_marked(body, shared.kind(row.model), shared.client.upload)
                sent["sent_body"] = json.dumps(body)
            request = shared.request(row.model, body)
        except (Get3WError, ValidationError) as error:
            return await self._not_sent(row, error, None)
        sent["sent_at"] = time.time()
        verdict = await shared.journal.move(Move(row.key, "sending", row.attempt, sent))
        if verdict == "not ours":
            shared.stop("others took the rows over, because this process did not write in time")
            return "pending"
        if verdict == "over the cap":
            shared.stop("the cap on cost is reached")
        if verdict != "done" or shared.stopping.is_set() or not shared.journal.is_fresh:
            return await self._give_back(row)
        callback = None
        if shared.webhooks is not None and row.attempt is not None:
            callback = shared.webhooks.url_of(row.attempt)
        began = time.monotonic()
        try:
            handle = await shared.client.submit(request, webhook_url=callback)
        except SubmitOutcomeUnknownError as error:
            await self._give_up(row, error)
            return "unknown"
        except Get3WError as error:  # every other one says that there is no task
            return await self._not_sent(row, error, began)
        self._unreachable_since = None
        shared.limiter.accepted()
        return await self._accept(row, handle)

    async def _accept(self, row: Claimed, handle: AsyncPrediction) -> AsyncPrediction | State:
        values = {"task": handle.id, "handle": handle.to_json(), "error": None}
        lost = f"The task {handle.id} of row {row.position} ({row.key}) is not in the journal"
        try:
            verdict = await self._shared.journal.move(
                Move(row.key, "accepted", row.attempt, values)
            )
        except JournalError as error:
            error.add_note(lost)
            raise
        if verdict != "done":
            self._shared.stop(lost)
        return handle if verdict == "done" else "unknown"

    async def _give_up(self, row: Claimed, error: SubmitOutcomeUnknownError) -> None:
        """Note that nobody knows whether there is a task; it is looked for next."""
        values: dict[str, Any] = {
            "error": words_of(error),
            "submission": error.to_json(),
            "ended_at": time.time(),
            "checked_at": None,
            "worker": None,
        }
        await self._shared.journal.move(Move(row.key, "unknown", row.attempt, values))

    async def _not_sent(self, row: Claimed, error: Exception, began: float | None) -> State:
        """Note that there is certainly no task; *began* is None before there was a submit."""
        shared = self._shared
        # A 5xx of an upload says nothing of room; one of a submit came with Retry-After.
        if isinstance(error, RateLimitError) or (isinstance(error, ServerError) and began):
            shared.limiter.refused(began or time.monotonic(), error.retry_after)
        elif isinstance(error, ConnectionFailedError | ServerError):
            self._cannot_reach(error)
        elif isinstance(error, _NOT_THE_ROWS_FAULT) or code_of(error) == _PAYMENT_REQUIRED:
            shared.stop(words_of(error))
        else:
            values = {
                "error": words_of(error),
                "code": code_of(error),
                "worker": None,
                "folder": shared.folder,
                "finished_at": time.time(),
            }
            await shared.journal.move(Move(row.key, "refused", row.attempt, values))
            shared.count("refused")
            return "refused"
        return await self._give_back(row)

    def _cannot_reach(self, error: Exception) -> None:
        shared, now = self._shared, time.monotonic()
        self._unreachable_since = self._unreachable_since or now
        if now - self._unreachable_since >= shared.settings.outage_timeout:
            shared.stop(words_of(error))
        shared.limiter.wait(None)

    async def _give_back(self, row: Claimed) -> State:
        """Make the row pending; it stays this worker's while it goes on sending."""
        worker = None if self._shared.stopping.is_set() else self._shared.journal.me.id
        values = {"worker": worker, "sent_at": None, "sent_body": None}
        await self._shared.journal.move(Move(row.key, "pending", row.attempt, values))
        return "pending"
