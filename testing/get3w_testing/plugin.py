"""The pytest plugin: a local Get3W and clients wired to it, as fixtures.

It is loaded in every pytest run of whoever installs the package, so it imports nothing but the
standard library and pytest until one of its fixtures is used. Under pytest-xdist, each worker
runs an emulator of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from get3w_core import AsyncClient, Client
    from get3w_emulator import Settings

    from get3w_testing.wired import TestEmulator

_IN_PROCESS = "get3w_in_process"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the option that chooses how the emulator is reached."""
    text = "run the Get3W emulator in the test process, without a socket"
    parser.addini(_IN_PROCESS, text, type="bool", default=False)
    parser.getgroup("get3w").addoption("--get3w-in-process", action="store_true", help=text)


@pytest.fixture(scope="session")
def get3w_settings() -> Settings:
    """Say how the emulator of the session is set up; a project may override it.

    The override is a session fixture of this name in `conftest.py`.

    Returns:
        Settings with which an image takes 0.05 s.
    """
    from get3w_emulator import Settings

    return Settings(image_seconds=0.05)


@pytest.fixture(scope="session")
def get3w_server(get3w_settings: Settings, pytestconfig: pytest.Config) -> Iterator[TestEmulator]:
    """Run one emulator for the whole test run; what a test leaves in it stays there.

    Yields:
        The running emulator. Most tests want `get3w_emulator`, which is clean for each test.
    """
    from get3w_emulator import Settings

    given = cast("object", get3w_settings)  # a project says what it returns
    if not isinstance(given, Settings):
        pytest.fail(
            "The fixture get3w_settings must return get3w_emulator.Settings, such as"
            f" Settings(image_seconds=0.05), not {type(given).__name__}.",
            pytrace=False,
        )
    from get3w_testing.wired import InProcessTestEmulator, TestEmulator

    if pytestconfig.getoption("--get3w-in-process") or pytestconfig.getini(_IN_PROCESS):
        from get3w_emulator.in_process import hosting

        with hosting(get3w_settings, make=InProcessTestEmulator) as emulator:
            yield emulator
    else:
        from get3w_emulator.server import serving

        with serving(get3w_settings, make=TestEmulator) as emulator:
            yield emulator


@pytest.fixture
def get3w_emulator(get3w_server: TestEmulator) -> Iterator[TestEmulator]:
    """Give the emulator with nothing in it: no predictions, no uploads, no faults.

    It has a `client`, the `ledger()`, `faults()`, `outcomes()`, `deliveries()`, `balance()`, and
    a clock to `advance()`.

    Yields:
        The emulator of the session, reset before and after the test.
    """
    get3w_server.reset()
    yield get3w_server
    get3w_server.reset()


@pytest.fixture
def get3w_client(get3w_emulator: TestEmulator) -> Client:
    """Give a synchronous client wired to `get3w_emulator`, closed after the test.

    Returns:
        The client.
    """
    return get3w_emulator.client


@pytest.fixture
def get3w_async_client(get3w_emulator: TestEmulator) -> AsyncClient:
    """Give an asynchronous client wired to `get3w_emulator`.

    Its connections belong to the event loop of the test, so the test closes it there:
    `async with get3w_async_client as client:`.

    Returns:
        The client.
    """
    return get3w_emulator.async_client()
