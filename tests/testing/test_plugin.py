"""The pytest plugin: loaded by its entry point, silent until used."""

import asyncio
import subprocess
import sys

import httpx
import pytest

AUTH = {"Authorization": "Bearer test-key"}


def submit(emulator):
    url = f"{emulator.url}/v1/get3w/flux-dev"
    return httpx.post(url, json={"prompt": "x"}, headers=AUTH).json()["id"]


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
    assert 54 == len(get3w_client.models())

    prediction = submit(get3w_emulator)

    assert "get3w/flux-dev" == get3w_client.prediction(prediction).refresh().model


def test_async_client_is_wired_to_the_emulator(get3w_async_client):
    """The asynchronous client does so too, and is closed by the test."""

    async def calls():
        async with get3w_async_client as client:
            return await client.models()

    assert 54 == len(asyncio.run(calls()))


def test_plugin_loads_nothing_until_used(tmp_path):
    """A run that uses no fixture of it pays for none of its packages."""
    (tmp_path / "test_nothing.py").write_text(
        "import sys\n"
        "def test_nothing(pytestconfig):\n"
        "    assert 'get3w_testing.plugin' in sys.modules\n"
        "    heavy = {'get3w_core', 'get3w_emulator', 'starlette', 'uvicorn', 'httpx', 'PIL'}\n"
        "    assert not heavy & {*sys.modules}\n"
    )
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        cwd=tmp_path,
    )

    assert "1 passed" in result.stdout
    assert 0 == result.returncode
