"""Emulators that bring clients along."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

import httpx
from get3w_core import AsyncClient, Client
from get3w_emulator.control import Emulator
from get3w_emulator.in_process import InProcessEmulator

if TYPE_CHECKING:
    from asyncio import AbstractEventLoop
    from collections.abc import Callable

    from get3w_emulator.state.world import World


class TestEmulator(Emulator):
    """A running emulator with a client wired to it, for one test after the other."""

    __test__ = False  # no class of tests, whatever its name

    def __init__(
        self, url: str, world: World, loop: Callable[[], AbstractEventLoop | None]
    ) -> None:
        super().__init__(url, world, loop)
        self._client: Client | None = None
        self._open = ExitStack()

    @property
    def client(self) -> Client:
        """A synchronous client, made at first use and closed after the test."""
        if self._client is None:
            self._client = self._open.enter_context(self._new_client())
        return self._client

    def async_client(self) -> AsyncClient:
        """Return a new asynchronous client; the test closes it in its own event loop."""
        return AsyncClient(api_key=self.api_key, base_url=self.url)

    def reset(self) -> None:
        """Forget everything that happened, and close the client."""
        super().reset()
        self._client = None
        self._open.close()

    def _new_client(self) -> Client:
        return Client(api_key=self.api_key, base_url=self.url)


class InProcessTestEmulator(TestEmulator, InProcessEmulator):
    """The same without a socket."""

    __test__ = False

    def async_client(self) -> AsyncClient:
        """Return a new asynchronous client; the test closes it in its own event loop."""
        http = httpx.AsyncClient(transport=self.transport())
        return AsyncClient(api_key=self.api_key, base_url=self.url, http_client=http)

    def _new_client(self) -> Client:
        http = self._open.enter_context(httpx.Client(transport=self.transport()))
        return Client(api_key=self.api_key, base_url=self.url, http_client=http)
