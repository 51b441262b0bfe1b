"""One HTTP attempt, apart from its I/O: the prepared request, the evidence, and the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING

from get3w_core.errors.base import Get3WError
from get3w_core.http.build import auth_for, build
from get3w_core.http.evidence import Evidence
from get3w_core.http.failure import failure_of, failure_to_build, raise_foreign
from get3w_core.http.library import library_of
from get3w_core.http.pool.bookkeeping import PoolRecord
from get3w_core.http.receive import Reception
from get3w_core.http.trace import read_time

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    import httpx

    from get3w_core.flow.effects import HttpRequest, Outcome, TransportFailure
    from get3w_core.flow.options import ClientOptions
    from get3w_core.http.failure import Closed


class Attempt:
    """One attempt through a client of httpx's kind; the senders do its I/O.

    Attributes:
        prepared: The request of the client's library.
        auth: What authenticates it.
        evidence: What was seen of it.
        library: The module of the client: httpx or httpx2.
        unprepared: Why it cannot be made; nothing was sent.
    """

    def __init__(
        self,
        client: httpx.Client | httpx.AsyncClient,
        request: HttpRequest,
        options: ClientOptions,
        *,
        pooled: bool,
    ) -> None:
        self._client = client
        self._request = request
        self._options = options
        self._reception: Reception | None = None
        self.library: ModuleType = library_of(client)
        record = PoolRecord() if pooled else None
        self.evidence: Evidence = Evidence(self.library, record)
        self.unprepared: TransportFailure | None = None
        try:
            self.prepared: httpx.Request = build(
                None if pooled else client, self.library, request, options, record
            )
        except Get3WError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing was sent
            self.unprepared = failure_to_build(error, options)
            return
        self.auth: Callable[[httpx.Request], httpx.Request] = auth_for(request, options)

    def release(self) -> None:
        """Give back what the request has of our own pool, whatever became of the answer."""
        if self.evidence.pool is not None:
            self.evidence.pool.release()

    def unanswered(self, error: BaseException) -> Outcome | Closed:
        """Return what an attempt came to that ended without an answer, or raise what struck it."""
        return failure_of(self._client, error, self.evidence, self._request, self._options)

    def answered(self, response: httpx.Response) -> Reception:
        """Begin to take in an answer.

        Raises:
            BaseException: What a signal handler or another thread raised in the meantime.
        """
        raise_foreign(self.evidence)
        answers = self.evidence.answers(response, self.prepared)
        timeout = read_time(self.prepared)
        self._reception = Reception(self._request, response, timeout, answers)
        return self._reception

    def outcome(self, reception: Reception) -> Outcome:
        """Note what was taken in as the outcome, and return it."""
        outcome = self._request.evidence.outcome = reception.response(self._options)
        return outcome

    def broken_off(self, error: BaseException) -> Outcome | Closed:
        """Return what an answer came to that *error* cut off, or raise what struck it."""
        if self._reception is None:
            return self.unanswered(error)
        self._reception.break_off(error)
        outcome = self.outcome(self._reception)
        if isinstance(error, Get3WError):
            raise error
        raise_foreign(self.evidence, error)
        return outcome
