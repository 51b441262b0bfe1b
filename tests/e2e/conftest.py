"""A real emulator over real HTTP, clients for it, and the example input that the demo uses."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from get3w_core import AsyncClient, Client, set_default_client
from get3w_emulator import running

ROOT = Path(__file__).parents[2]
SOURCES = [str(ROOT / folder) for folder in ("core", "generated", "emulator")]


@pytest.fixture(scope="session")
def root():
    """The checkout."""
    return ROOT


@pytest.fixture(scope="session")
def example_arguments():
    """The function that makes example input for any request class."""
    path = ROOT / "examples/example_input.py"
    spec = importlib.util.spec_from_file_location("example_input", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.example_arguments


@pytest.fixture(scope="session")
def _emulator():
    with running(image_seconds=0.02) as emulator:
        yield emulator


@pytest.fixture(scope="session")
def _http():
    # Made once: reading the certificates takes longer than most of the tests.
    with httpx.Client() as http:
        yield http


@pytest.fixture
def emulator(_emulator):
    """An emulator that has seen nothing."""
    _emulator.reset()
    return _emulator


@pytest.fixture
def http(_http):
    """A plain HTTP client, to look at the emulator with other eyes than ours."""
    return _http


@pytest.fixture(autouse=True)
def no_settings(monkeypatch):
    """Keep the machine's own settings and shared clients out."""
    monkeypatch.delenv("GET3W_API_KEY", raising=False)
    monkeypatch.delenv("GET3W_BASE_URL", raising=False)
    yield
    set_default_client(None)


@pytest.fixture
def client(emulator):
    """A client of the emulator."""
    with Client(emulator.api_key, emulator.url) as client:
        yield client


@pytest.fixture
def connect(emulator):
    """Make an asynchronous client of the emulator, to be closed in its event loop."""
    return lambda: AsyncClient(emulator.api_key, emulator.url)


@pytest.fixture
def python(tmp_path):
    """Run this interpreter with the checkout on its path, in an empty folder and without a key."""

    def run(*arguments, **environment):
        inherited = {key: os.environ[key] for key in os.environ if not key.startswith("GET3W_")}
        return subprocess.run(
            [sys.executable, *arguments],
            cwd=tmp_path,
            env={**inherited, "PYTHONPATH": os.pathsep.join(SOURCES), **environment},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    return run
