"""Sessions: the options and connections of a client, which its predictions use too.

A session runs flows. `Client` and `Prediction` both hold one, so that neither needs the other.
"""

from __future__ import annotations

import time
from random import random
from typing import TYPE_CHECKING, Protocol, Self, TypeVar

from get3w_core._common.once import CLOSED, Lazily
from get3w_core.errors.base import ClientClosedError, ConfigurationError
from get3w_core.flow.context import Context
from get3w_core.flow.driver import run_async, run_sync

if TYPE_CHECKING:
    from get3w_core.files.upload_cache import UploadCache
    from get3w_core.flow.effects import Flow, HttpRequest, Outcome
    from get3w_core.flow.options import ClientOptions, OptionChanges
    from get3w_core.http.sender import SyncSender
    from get3w_core.http.sender_aio import AsyncSender
    from get3w_core.reconciling.memory import SubmissionMemory
    from get3w_core.request.values.types import AsyncHttpClient, SyncHttpClient

T = TypeVar("T")


class BaseSession:
    """What both kinds of sessions share: options, uploads, and what was submitted.

    Attributes:
        options: The options; the key in them does not show itself.
        uploads: What was uploaded already. A forked child starts with none.
        memory: What was submitted; it belongs to one account of one server, as the uploads do.
    """

    def __init__(self, options: ClientOptions) -> None:
        self.options = options
        self.uploads: Lazily[UploadCache] = Lazily(_make_cache)
        self.memory: Lazily[SubmissionMemory] = Lazily(_make_memory)
        self._closed = False
        self._owner: Self | None = None
        self._injected = False

    @property
    def origin(self) -> str:
        """The origin that the key is sent to."""
        return self.options.origin

    @property
    def is_closed(self) -> bool:
        """Whether it was closed, or the one it was derived from was."""
        return self._closed or (self._owner is not None and self._owner.is_closed)

    def derived(self, changes: OptionChanges) -> Self:
        """Return a session with other options over the same connections."""
        other = object.__new__(type(self))
        other.__dict__.update(self.__dict__)
        other.options = self.options.changed(**changes)
        other._owner = self._owner or self
        if {"api_key", "base_url"} & changes.keys():
            other.uploads, other.memory = Lazily(_make_cache), Lazily(_make_memory)
        return other

    def context(self, *, keyed: bool = True) -> Context:
        """Return what a flow runs with.

        Raises:
            ClientClosedError: The client was closed.
            ConfigurationError: There is no API key, and the flow needs one.
        """
        if keyed:
            self.options.require_key()
        self.check_open()
        return Context(self.options, time.monotonic, random, time.time)

    def check_open(self) -> None:
        """Refuse to work for a client that was closed.

        Raises:
            ClientClosedError: It was.
        """
        if self.is_closed:
            raise ClientClosedError(CLOSED)

    def _check_own_connections(self, instead: str) -> None:
        """Refuse to go round the `http_client=` that the client was given.

        Raises:
            ConfigurationError: It was given one.
        """
        if self._injected:
            raise ConfigurationError(
                f"This client sends through the http_client= it was given; {instead}."
                " Nothing was sent."
            )


class Session(BaseSession):
    """Runs flows in the calling thread."""

    def __init__(self, options: ClientOptions, http_client: SyncHttpClient | None = None) -> None:
        super().__init__(options)
        self._injected = http_client is not None

        def make() -> SyncSender:
            from get3w_core.http.sender import SyncSender  # this is where httpx is loaded

            return SyncSender(http_client)

        self.sender: Lazily[SyncSender] = Lazily(make)

    def run(self, flow: Flow[T]) -> T:
        """Run *flow* to its result."""
        return run_sync(flow, self.send, time.sleep)

    async def run_async(self, flow: Flow[T]) -> T:
        """Run *flow* in the running event loop, over connections of its own.

        Raises:
            ConfigurationError: The client sends through an `http_client=` that cannot do that.
        """
        self._check_own_connections("call read(), open(), save() or image(), perhaps in a thread")
        other = AsyncSession(self.options)
        try:
            return await other.run(flow)
        finally:
            await other.aclose()

    def send(self, request: HttpRequest) -> Outcome:
        """Make one HTTP attempt; in one that submits, the first Ctrl-C waits for the answer."""
        request.evidence.unsent = True
        self.check_open()
        sender = self.sender.get()
        if not request.submits:
            return sender.send(request, self.options)
        from get3w_core._common.ctrl_c import Interrupts  # only a submit needs it

        with Interrupts(tolerated=1) as interrupts:
            outcome = sender.send(request, self.options)
        if interrupts.pending:
            request.evidence.outcome = outcome  # what the answer says goes into the exception
            interrupts.check()
        return outcome

    def close(self) -> None:
        """Close the connections, unless they belong to the session this one was derived from."""
        self._closed = True
        if self._owner is None and (sender := self.sender.close()) is not None:
            sender.close()


class AsyncSession(BaseSession):
    """Runs flows in the running event loop."""

    def __init__(self, options: ClientOptions, http_client: AsyncHttpClient | None = None) -> None:
        super().__init__(options)
        self._injected = http_client is not None

        def make() -> AsyncSender:
            from get3w_core.http.sender_aio import AsyncSender  # this is where httpx is loaded

            return AsyncSender(http_client)

        self.sender: Lazily[AsyncSender] = Lazily(make)

    async def run(self, flow: Flow[T]) -> T:
        """Run *flow* to its result."""
        return await run_async(flow, self.send, _pause)

    def run_sync(self, flow: Flow[T]) -> T:
        """Run *flow* in the calling thread, over connections of its own.

        Raises:
            ConfigurationError: The client sends through an `http_client=` that cannot do that.
        """
        self._check_own_connections("await aread(), aopen(), asave() or aimage()")
        other = Session(self.options)
        try:
            return other.run(flow)
        finally:
            other.close()

    async def send(self, request: HttpRequest) -> Outcome:
        """Make one HTTP attempt."""
        request.evidence.unsent = True
        self.check_open()
        return await self.sender.get().send(request, self.options)

    async def aclose(self) -> None:
        """Close the connections; see `Session.close`."""
        self._closed = True
        if self._owner is None and (sender := self.sender.close()) is not None:
            await sender.aclose()


class ClientLike(Protocol):
    """A `Client`, as far as a prediction needs one."""

    @property
    def _session(self) -> Session: ...


class AsyncClientLike(Protocol):
    """An `AsyncClient`, as far as a prediction needs one."""

    @property
    def _session(self) -> AsyncSession: ...


S = TypeVar("S", bound=BaseSession)


def session_of(client: object, kind: type[S], name: str) -> S:
    """Return the session of *client*.

    Raises:
        ConfigurationError: It is no client, or one of the other kind.
    """
    session: object = getattr(client, "_session", None)
    if not isinstance(session, kind) or isinstance(client, type):
        raise ConfigurationError(
            f"client must be of {name}, not {type(client).__name__}. Nothing was sent."
        )
    return session


def _make_cache() -> UploadCache:
    from get3w_core.files.upload_cache import UploadCache

    return UploadCache()


def _make_memory() -> SubmissionMemory:
    from get3w_core.reconciling.memory import SubmissionMemory

    return SubmissionMemory()


async def _pause(seconds: float) -> None:
    import asyncio  # slow to load, and whoever gets here has loaded it

    await asyncio.sleep(seconds)
