"""The sender for threads: one HTTP attempt, through a client of httpx's kind.

It does not import asyncio, which is slow to load; `sender_aio` has the sender for event loops.
"""

from __future__ import annotations

import logging
import time
from contextlib import nullcontext
from typing import TYPE_CHECKING, cast

import httpx

from get3w_core._common.interruptions import ignored
from get3w_core._common.logging import LOGGER, log
from get3w_core._common.once import CLOSED
from get3w_core.errors.base import ClientClosedError
from get3w_core.flow.effects import TransportFailure
from get3w_core.http.attempt import Attempt
from get3w_core.http.environment import make_client
from get3w_core.http.failure import Closed
from get3w_core.http.pool.sync import PooledTransport
from get3w_core.http.receive import pieces
from get3w_core.http.trace import watched

if TYPE_CHECKING:
    from get3w_core.flow.effects import HttpRequest, Outcome
    from get3w_core.flow.options import ClientOptions


class SyncSender:
    """Sends through a client of our own, or through one that was passed in."""

    def __init__(self, injected: object) -> None:
        self._own = injected is None
        # httpx2 has the same interface.
        self._client, self._pooled = (
            make_client(httpx.Client, PooledTransport)
            if injected is None
            else (cast("httpx.Client", injected), False)
        )

    def send(self, request: HttpRequest, options: ClientOptions) -> Outcome:
        """Make one attempt; what goes wrong in the network is a value, and all else is raised."""
        started = time.monotonic()
        outcome = unless_closed(self._attempt(request, options))
        log_attempt(request, outcome, started)
        return outcome

    def _attempt(self, request: HttpRequest, options: ClientOptions) -> Outcome | Closed:
        attempt = Attempt(self._client, request, options, pooled=self._pooled)
        if attempt.unprepared is not None:
            return attempt.unprepared
        try:
            return self._exchange(attempt, request)
        finally:
            attempt.release()

    def _exchange(self, attempt: Attempt, request: HttpRequest) -> Outcome | Closed:
        prepared, auth = attempt.prepared, attempt.auth
        watch = nullcontext() if self._pooled else watched(prepared, attempt.evidence)
        request.evidence.unsent = False
        try:
            with watch:
                response = self._client.send(
                    prepared, auth=auth, follow_redirects=False, stream=True
                )
        except BaseException as error:  # noqa: BLE001 - injected transports and hooks raise anything
            return attempt.unanswered(error)
        try:
            reception = attempt.answered(response)
            for chunk in pieces(response, plain=self._pooled):
                if not reception.take(chunk):
                    break
            return attempt.outcome(reception)
        except BaseException as error:  # noqa: BLE001 - raised again where it is none of the network
            return attempt.broken_off(error)
        finally:
            with ignored(Exception):
                response.close()

    def close(self) -> None:
        """Close the connections, unless they are somebody else's."""
        if self._own:
            self._client.close()


def unless_closed(outcome: Outcome | Closed) -> Outcome:
    """Return *outcome*, or raise that the client was closed."""
    if isinstance(outcome, Closed):
        raise ClientClosedError(CLOSED)
    return outcome


def log_attempt(request: HttpRequest, outcome: Outcome, started: float) -> None:
    """Log what became of *request*."""
    if not LOGGER.isEnabledFor(logging.DEBUG):
        return
    log(
        logging.DEBUG,
        "%s %s: %s in %.3f s",
        request.method,
        request.shown_url,
        outcome.text if isinstance(outcome, TransportFailure) else outcome.status,
        time.monotonic() - started,
    )
