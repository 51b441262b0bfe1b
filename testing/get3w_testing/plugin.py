"""The pytest plugin: a local Get3W and clients wired to it, as fixtures.

It is loaded in every pytest run of whoever installs the package, so it imports nothing but the
standard library and pytest until one of its fixtures is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from get3w_core import AsyncClient, Client
    from get3w_emulator import Emulator


@pytest.fixture(scope="session")
def get3w_server() -> Iterator[Emulator]:
    """Run one emulator for the whole test run; what a test leaves in it stays there.

    Yields:
        The running emulator. Most tests want `get3w_emulator`, which is clean for each test.
    """
    from get3w_emulator import running

    with running() as emulator:
        yield emulator


@pytest.fixture
def get3w_emulator(get3w_server: Emulator) -> Iterator[Emulator]:
    """Give the emulator with nothing in it: no predictions, no uploads, no faults.

    Yields:
        The emulator of the session, reset before and after the test.
    """
    get3w_server.reset()
    yield get3w_server
    get3w_server.reset()


@pytest.fixture
def get3w_client(get3w_emulator: Emulator) -> Iterator[Client]:
    """Give a synchronous client wired to `get3w_emulator`, closed after the test.

    Yields:
        The client.
    """
    from get3w_core import Client

    client = Client(api_key=get3w_emulator.api_key, base_url=get3w_emulator.url)
    yield client
    client.close()


@pytest.fixture
def get3w_async_client(get3w_emulator: Emulator) -> AsyncClient:
    """Give an asynchronous client wired to `get3w_emulator`.

    Its connections belong to the event loop of the test, so the test closes it there:
    `async with get3w_async_client as client:`.

    Returns:
        The client.
    """
    from get3w_core import AsyncClient

    return AsyncClient(api_key=get3w_emulator.api_key, base_url=get3w_emulator.url)
