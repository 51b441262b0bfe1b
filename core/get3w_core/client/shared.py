"""The sessions that are shared by all who bring no client of their own."""

from __future__ import annotations

import os
import threading
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from get3w_core._common.secret import Secret, hidden
from get3w_core.client.session import AsyncSession, Session
from get3w_core.flow.options import ClientOptions

if TYPE_CHECKING:
    from collections.abc import Callable

S = TypeVar("S", Session, AsyncSession)


class Shared(Generic[S]):
    """One session, made from the environment when it is first needed."""

    def __init__(self, make: Callable[[ClientOptions], S]) -> None:
        self._make: Callable[[ClientOptions], S] = make
        self._session: S | None = None
        self._made_with: tuple[Secret | None, Secret | None] | None = None
        self.lock: threading.Lock = threading.Lock()
        if hasattr(os, "register_at_fork"):
            # In a forked child no thread is left to free the lock.
            os.register_at_fork(after_in_child=self._renew_lock)

    def get(self) -> S:
        """Return the session, made anew where the environment has changed since."""
        session = self._usable()
        if session is None:
            with self.lock:
                session = self._usable()
                if session is None:
                    variables = _variables()
                    session = self._make(ClientOptions.resolve())
                    # Without a key it is of no use, and the key may still be put into the
                    # environment.
                    if session.options.api_key is not None:
                        self._session, self._made_with = session, variables
        return session

    def set(self, session: S | None) -> None:
        """Share *session* from now on, whatever the environment says; None makes one at need."""
        with self.lock:
            self._session, self._made_with = session, None

    def _usable(self) -> S | None:
        session, made_with = self._session, self._made_with
        if session is None or session.is_closed:
            return None
        if made_with is None:
            return session
        base_url, api_key = _variables()
        # A key that was taken out of the environment goes on being used.
        return session if (base_url, api_key or made_with[1]) == made_with else None

    def _renew_lock(self) -> None:
        self.lock = threading.Lock()


def _variables() -> tuple[Secret | None, Secret | None]:
    return hidden(os.environ.get("GET3W_BASE_URL")), hidden(os.environ.get("GET3W_API_KEY"))


SYNC: Final[Shared[Session]] = Shared(Session)
ASYNC: Final[Shared[AsyncSession]] = Shared(AsyncSession)
