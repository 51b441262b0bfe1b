"""The pytest plugin: loaded by its entry point, silent until used."""

import asyncio
import subprocess
import sys
import textwrap
from importlib.metadata import entry_points

import httpx
import pytest
from get3w_models import model_ids

AUTH = {"Authorization": "Bearer test-key"}


def submit(emulator, prompt="x"):
    url = f"{emulator.url}/v1/get3w/flux-dev"
    return httpx.post(url, json={"prompt": prompt}, headers=AUTH).json()["id"]


@pytest.mark.parametrize("repeat", [1, 2])
def test_emulator_is_clean_for_each_test(get3w_emulator, repeat):
    """Whatever the test before left is gone: ledger and faults."""
    assert [] == get3w_emulator.ledger()

    prediction = submit(get3w_emulator)

    assert [prediction] == [each.id for each in get3w_emulator.ledger()]
    get3w_emulator.faults([{"fault": "drop_before_accept"}])


def test_emulator_is_the_one_of_the_session(get3w_emulator, get3w_server):
    """One server serves all tests."""
    assert get3w_emulator is get3w_server


def test_client_is_wired_to_the_emulator(get3w_client, get3w_emulator):
    """The client reaches the emulator without any setting."""
    assert len(model_ids()) == len(get3w_client.models())

    prediction = submit(get3w_emulator)

    assert "get3w/flux-dev" == get3w_client.prediction(prediction).refresh().model


def test_async_client_is_wired_to_the_emulator(get3w_async_client):
    """The asynchronous client does so too, and is closed by the test."""

    async def calls():
        async with get3w_async_client as client:
            return await client.models()

    assert len(model_ids()) == len(asyncio.run(calls()))


def test_emulator_brings_a_client_and_its_time(get3w_emulator):
    """One fixture is enough: client, clock, outcomes, ledger and books."""
    get3w_emulator.outcomes([{"prompt": "lost", "code": 5000, "seconds": 3600}])
    client = get3w_emulator.client
    opening = get3w_emulator.balance()
    prediction = client.prediction(submit(get3w_emulator, "lost"))
    assert "created" == prediction.refresh().status

    get3w_emulator.advance(3600)

    assert "failed" == prediction.refresh().status
    assert client is get3w_emulator.client
    assert opening == get3w_emulator.balance()
    assert "lost" == get3w_emulator.ledger()[0].input["prompt"]


PROGRAM = """
    import pytest
    from get3w_core import RateLimitError, ConnectionFailedError
    from get3w_models import model_ids, submit_flux_dev

    @pytest.mark.parametrize("number", range(4))
    def test_it(get3w_emulator, get3w_client, number):
        prediction = submit_flux_dev("x", client=get3w_client)
        assert prediction.wait().outputs
        assert [prediction.id] == [each.id for each in get3w_emulator.ledger()]
        get3w_emulator.faults([{"fault": "drop_before_accept", "times": 1}])
        assert get3w_client.balance() < 1000

    async def later(client):
        async with client:
            return await client.models()

    def test_async(get3w_async_client):
        import asyncio
        assert len(asyncio.run(later(get3w_async_client))) == len(model_ids())
"""


@pytest.mark.parametrize(
    ("options", "reached"),
    [
        ([], "http://127.0.0.1:"),
        (["--get3w-in-process"], "http://emulator.test"),
        (["-o", "get3w_in_process=true"], "http://emulator.test"),
        (["-n", "2"], "http://127.0.0.1:"),
    ],
    ids=["served", "in process", "by the settings", "two workers"],
)
def test_same_tests_run_in_every_way(tmp_path, options, reached):
    """Over a socket, in process and in several workers, each test has a clean emulator."""
    more = f"""
    def test_url(get3w_emulator):
        assert get3w_emulator.url.startswith({reached!r})
    """
    (tmp_path / "test_it.py").write_text(textwrap.dedent(PROGRAM) + textwrap.dedent(more))

    result = pytest_run(tmp_path, "-W", "error", *options)

    assert "6 passed" in result.stdout, result.stdout
    assert 0 == result.returncode


def test_settings_can_be_overridden(tmp_path):
    """A project says in its conftest how the emulator is set up."""
    (tmp_path / "conftest.py").write_text(
        "import pytest\n"
        "@pytest.fixture(scope='session')\n"
        "def get3w_settings():\n"
        "    from get3w_emulator import Settings\n"
        "    return Settings(api_key='other')\n"
    )
    (tmp_path / "test_it.py").write_text(
        "def test_it(get3w_client, get3w_emulator):\n"
        "    assert 'other' == get3w_emulator.api_key\n"
        "    assert get3w_client.models()\n"
    )

    assert "1 passed" in pytest_run(tmp_path).stdout


def test_settings_of_another_kind_are_told(tmp_path):
    """A dict is no settings, and the error says what is."""
    (tmp_path / "conftest.py").write_text(
        "import pytest\n"
        "@pytest.fixture(scope='session')\n"
        "def get3w_settings():\n"
        "    return {'api_key': 'other'}\n"
    )
    (tmp_path / "test_it.py").write_text("def test_it(get3w_client):\n    pass\n")

    told = pytest_run(tmp_path).stdout

    assert "must return get3w_emulator.Settings" in told
    assert "not dict" in told
    assert "AttributeError" not in told


# Plugins that are installed for other tests take seconds to load, and load httpx themselves.
OTHERS = [
    f"-pno:{each.name}"
    for each in entry_points(group="pytest11")
    if each.name != "get3w" and not each.name.startswith("xdist")
]


def pytest_run(folder, *options):
    options = ["-q", "-pno:cacheprovider", *OTHERS, *options]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, str(folder)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=folder,
    )


def test_plugin_loads_nothing_until_used(tmp_path):
    """A run that uses no fixture of it pays for none of its packages."""
    (tmp_path / "test_nothing.py").write_text(
        "import sys\n"
        "def test_nothing(pytestconfig):\n"
        "    assert 'get3w_testing.plugin' in sys.modules\n"
        "    heavy = {'get3w_core', 'get3w_emulator', 'starlette', 'uvicorn', 'httpx', 'av'}\n"
        "    assert not heavy & {*sys.modules}\n"
    )
    result = pytest_run(tmp_path)

    assert "1 passed" in result.stdout
    assert 0 == result.returncode


def test_missing_extra_is_told():
    """Naming the emulator of a test without the extra gives the line that installs it."""
    program = (
        "import sys; sys.modules['starlette'] = None\n"
        "try: from get3w_testing import TestEmulator\n"
        "except ImportError as error: print(error)\n"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=20, check=True
    )

    assert 'get3w-emulator needs its extra: pip install "get3w-models[emulator]"\n' == result.stdout
