"""A server, the proxy before it, and both clients, shared by all tests: they are expensive."""

import asyncio
import threading

import pytest
from get3w_core import AsyncClient, Client, ModelInfo, ModelRequest
from get3w_emulator import running

from .proxy import Proxy

# Long enough not to stand in anything by chance.
KEY = "sk-marker-5f1d7c3a9e"


class DrawRequest(ModelRequest):
    """The input of a real model, without what generated code adds."""

    __model__ = ModelInfo("get3w/flux-dev")

    prompt: str


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    """Keep the machine's own settings out."""
    for name in ("GET3W_API_KEY", "GET3W_BASE_URL"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture(scope="session")
def key():
    return KEY


@pytest.fixture(scope="session")
def draw():
    """Make a request."""
    return DrawRequest


@pytest.fixture(scope="session")
def emulator():
    with running(api_key=KEY, image_seconds=0.02) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def proxy(emulator):
    """Make lines to the emulator."""
    proxy = Proxy(emulator.url)
    yield proxy
    proxy.close()


@pytest.fixture
def line(proxy):
    """Make lines that are closed after the test."""
    made = []

    def make(*faults):
        made.append(proxy.line(*faults))
        return made[-1]

    yield make
    for each in made:
        each.close()


@pytest.fixture(scope="session")
def sync_client():
    with Client(KEY) as client:
        yield client


@pytest.fixture(scope="session")
def loop():
    """An event loop in a thread of its own; `run(awaitable)` waits for the result."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="clients")
    thread.start()
    yield loop
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


@pytest.fixture(scope="session")
def async_client(loop):
    client = AsyncClient(KEY)
    yield client
    asyncio.run_coroutine_threadsafe(client.aclose(), loop).result()


@pytest.fixture(scope="session")
def in_ledger(emulator):
    """Count the tasks with a prompt."""

    def count(prompt):
        return sum(prompt == entry.input["prompt"] for entry in emulator.ledger())

    return count
