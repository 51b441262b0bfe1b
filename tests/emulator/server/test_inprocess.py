"""The emulator without a socket."""

import asyncio
import threading

import httpx
import pytest
from get3w_emulator import Settings, in_process

AUTH = {"Authorization": "Bearer test-key"}
FLUX = "/api/v3/get3w/flux-dev"


@pytest.fixture(scope="module")
def emulator():
    with in_process() as emulator:
        yield emulator


@pytest.fixture
def http(emulator):
    emulator.reset()
    with httpx.Client(
        transport=emulator.transport(), base_url=emulator.url, headers=AUTH
    ) as client:
        yield client


def test_calls_reach_it(emulator, http):
    """Submit, result and output work as over a socket."""
    prediction = http.post(FLUX, json={"prompt": "x", "width": 8}).json()["data"]
    assert prediction["urls"]["get"].startswith("http://emulator.test/")
    emulator.advance(1)

    (output,) = http.get(prediction["urls"]["get"]).json()["data"]["outputs"]

    assert http.get(output).content.startswith(b"\x89PNG")
    assert [prediction["id"]] == [each.id for each in emulator.ledger()]


def test_async_calls_reach_it(emulator, http):
    """Many at once, from another event loop than its own."""

    async def calls():
        transport = emulator.transport()
        async with httpx.AsyncClient(
            transport=transport, base_url=emulator.url, headers=AUTH
        ) as client:
            return await asyncio.gather(
                *(client.post(FLUX, json={"prompt": str(each)}) for each in range(20))
            )

    assert {200} == {answer.status_code for answer in asyncio.run(calls())}
    assert 20 == len(emulator.ledger())


@pytest.mark.parametrize(
    ("rule", "accepted"),
    [("drop_before_accept", 0), ("drop_after_accept", 1), ("truncate", 1)],
)
def test_closed_connection_looks_like_one(emulator, http, rule, accepted):
    """A client sees the error that a socket would bring."""
    emulator.faults([{"fault": rule}])

    with pytest.raises(httpx.RemoteProtocolError):
        http.post(FLUX, json={"prompt": "x"})

    assert accepted == len(emulator.ledger())


def test_timeout_looks_like_one(emulator, http):
    """A call that takes longer than the client waits ends in a timeout."""
    emulator.faults([{"fault": "delay", "seconds": 60}])

    with pytest.raises(httpx.ReadTimeout):
        http.get("/api/v3/balance", timeout=0.05)


def test_upload_is_kept(http):
    """A multipart body arrives whole."""
    answer = http.post("/api/v3/files/upload", files={"file": ("a.png", b"bytes" * 100_000)})

    assert b"bytes" * 100_000 == http.get(answer.json()["data"]["url"]).content


def test_end_leaves_nothing_behind():
    """After the block its thread is gone, though a call and a webhook were waiting."""
    before = threading.active_count()
    with in_process(Settings(image_seconds=3600)) as emulator:
        with (
            httpx.Client(transport=emulator.transport(), base_url=emulator.url) as client,
            pytest.raises(httpx.ReadTimeout),
        ):
            client.post(
                "/v1/get3w/flux-dev?sync=true&webhook=http://127.0.0.1:9",
                json={"prompt": "x"},
                headers=AUTH,
                timeout=0.1,
            )
        assert 1 == len(emulator.ledger())

    assert before == threading.active_count()
