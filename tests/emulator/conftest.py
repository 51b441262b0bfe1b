"""A running emulator whose clock stands still until a test moves it."""

import httpx
import pytest
from get3w_emulator import ManualClock, running
from get3w_emulator.schemas.catalogue import default_folder, load

AUTH = {"Authorization": "Bearer test-key"}


@pytest.fixture(scope="session")
def _running():
    clock = ManualClock()
    with running(image_seconds=1.0, clock=clock) as emulator:
        yield emulator, clock


@pytest.fixture
def emulator(_running):
    _running[0].reset()
    return _running[0]


@pytest.fixture
def clock(_running):
    return _running[1]


@pytest.fixture(scope="session")
def _clients(_running):
    # Made once: reading the certificates takes longer than most of the tests.
    url = _running[0].url
    with (
        httpx.Client(base_url=url, headers=AUTH) as http,
        httpx.Client(base_url=url) as stranger,
    ):
        yield http, stranger


@pytest.fixture
def http(_clients, emulator):
    """A client that shows the right key."""
    return _clients[0]


@pytest.fixture
def stranger(_clients, emulator):
    """A client that shows no key."""
    return _clients[1]


@pytest.fixture(scope="session")
def catalogue():
    """The models as the emulator reads them."""
    return load(default_folder())


@pytest.fixture(scope="session")
def checked():
    """What the emulator says of an input and of the calls that send it."""

    def checked(http, model_id, value, **more):
        answer = http.post(f"/_emulator/check/{model_id}", json={"input": value, **more})
        assert 200 == answer.status_code
        return answer.json()

    return checked
