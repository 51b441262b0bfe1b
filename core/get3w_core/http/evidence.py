"""What was seen of one attempt: the evidence that decides whether a submit may be sent again.

`docs/faults.md` states the rule as a table. In short: a request is *unsent* only if our own pool
recorded that no byte of it was handed to a socket, or if httpcore's trace of this very request
reported no headers and the error is httpcore's own. What a transport calls its error proves
nothing.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Final

from get3w_core._common.interruptions import (
    chain,
    is_network_error,
    is_of_transport,
    is_raised_by_core,
    struck_by,
    took_usual_way,
)
from get3w_core.http.library import core_of
from get3w_core.http.pool.bookkeeping import PoolClosedError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from types import ModuleType

    import httpx

    from get3w_core.flow.effects import Answers
    from get3w_core.http.pool.bookkeeping import PoolRecord

_SENDING: Final = ".send_request_headers.started"
_ANSWERED: Final = ".receive_response_headers.complete"
_CONNECTING: Final = ("ConnectError", "ConnectTimeout", "ProxyError")
# httpcore raises these before it traces anything.
_UNTRACED: Final = ("PoolTimeout", "UnsupportedProtocol")


class Evidence:
    """What is seen of one request, from the moment when it is given to a client of httpx's kind.

    Args:
        library: The client's library.
        pool: The record of our pool, if the client is ours and over it.
    """

    __slots__ = (
        "_core",
        "_outer",
        "_status",
        "_struck",
        "_traced",
        "_tunnelling",
        "pool",
        "times_sent",
    )

    def __init__(self, library: ModuleType, pool: PoolRecord | None) -> None:
        self.pool: PoolRecord | None = pool
        self.times_sent: int = 0
        self._core: ModuleType | None = core_of(library)
        # What the caller is handling just now has nothing to do with this request.
        self._outer: BaseException | None = sys.exception()
        self._traced: bool = False
        self._tunnelling: bool = False
        self._status: int | None = None
        self._struck: BaseException | None = None

    def note(self, name: str, info: Mapping[str, Any]) -> None:
        """Take an event of httpcore's `trace`.

        Raises:
            BaseException: A signal handler or another thread raised it in the middle of the step.
                httpcore would pass over an `OSError` in writing, and go on.
        """
        self._traced = True
        if name.endswith(_SENDING):
            # A tunnel through a proxy is asked for first, by a request of its own.
            self._tunnelling = getattr(info.get("request"), "method", b"") == b"CONNECT"
            self.times_sent += not self._tunnelling
        elif name.endswith(_ANSWERED) and self.times_sent:
            # HTTP/2 has the status first, HTTP/1.1 its version.
            self._status = next(each for each in info["return_value"] if isinstance(each, int))
        elif name.endswith(".failed"):
            self._struck = struck_by(info["exception"], self._outer)
            if self._struck is not None:
                raise self._struck

    def foreign(self, error: BaseException | None = None) -> BaseException | None:
        """Return the exception that is not the network's and has to leave the call, if any is."""
        found = self._struck
        if error is not None and found is None:
            found = struck_by(error, self._outer)
            if found is None and not self._may_be_value(error):
                found = error
        return found

    def is_unsent(self, error: BaseException) -> bool:
        """Tell whether *error*, a network error, shows that the request was not sent."""
        if isinstance(error, RuntimeError) or (self.pool is not None and self.pool.taken):
            return self.is_unsent_after(error)  # no more threads, or our own record
        if self.times_sent or not took_usual_way(error, self._outer):
            return False
        causes = [each for each in chain(error, self._outer) if is_raised_by_core(each)]
        if self._tunnelling and causes:
            return True  # whatever the proxy did, this request comes after it
        return any(self._is_kind(each, _UNTRACED) for each in causes) or (
            self._traced and any(self._is_kind(each, _CONNECTING) for each in causes)
        )

    def is_unsent_after(self, foreign: BaseException) -> bool:
        """Tell whether *foreign* struck before the request was sent."""
        if self.pool is not None and self.pool.taken:
            return not self.pool.sent
        return self._traced and not self.times_sent and took_usual_way(foreign, self._outer)

    def answers(self, response: httpx.Response, request: httpx.Request) -> Answers:
        """Return whether *response* is known to answer *request*, and the only one sent."""
        try:
            asked = response.request
        except RuntimeError:  # nobody says what it answers
            return "unproven"
        if asked is not request:
            same = (asked.method, asked.url) == (request.method, request.url)
            return "unproven" if same else "another"  # a copy, which may be one of several
        # A cache may answer where the server did not, or in its place.
        seen = not self._traced or self._status == response.status_code
        times = self.times_sent if self.pool is None else self.pool.taken
        return "this" if seen and times <= 1 and not response.history else "unproven"

    def is_closed(self, client: httpx.Client | httpx.AsyncClient, error: BaseException) -> bool:
        """Tell whether *error* says that *client*, or our pool, was closed before this request."""
        if self.pool is not None and self.pool.taken:
            return isinstance(error, PoolClosedError) and not self.pool.sent
        # The first thing that httpx looks at. A hook may meet another client that was closed.
        words = isinstance(error, RuntimeError) and "has been closed" in str(error)
        return (
            words and client.is_closed and not self._traced and took_usual_way(error, self._outer)
        )

    def _may_be_value(self, error: BaseException) -> bool:
        if not isinstance(error, Exception):
            return False
        # Over our own pool there is nobody's transport or hook, only a mock or a tool that patches.
        injected = self.pool is None
        return is_network_error(error) or (injected and is_of_transport(error, self._outer))

    def _is_kind(self, error: BaseException, names: tuple[str, ...]) -> bool:
        kinds = tuple(getattr(self._core, name) for name in names if hasattr(self._core, name))
        return isinstance(error, kinds)
