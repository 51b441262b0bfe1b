"""Webhooks: a delivery settles its row at once, and nothing that is delivered does harm."""

import asyncio
import json
import socket
import time
from contextlib import closing
from urllib.parse import urlsplit

import httpx
import pytest
from get3w_batch import Batch, BatchError, BatchWebhooks
from get3w_batch.listener import kept_secret, listening
from get3w_core import AsyncClient, ConfigurationError, WaveSpeedSignature
from get3w_models import FluxDevRequest

SECRET = "a secret of sixteen or more"
TASK = {"id": "pred_1", "status": "completed", "model": "get3w/flux-dev", "outputs": []}


def free_port():
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        return taken.getsockname()[1]


@pytest.fixture
def listener():
    """Listen for a batch's deliveries while the test runs."""
    port = free_port()
    webhooks = BatchWebhooks(f"http://127.0.0.1:{port}/hooks", SECRET)
    with listening(f"127.0.0.1:{port}", webhooks):
        yield webhooks


def test_deliveries_settle_rows(emulator, listener, tmp_path):
    """Each task is asked for once, when it was delivered, and not before."""
    client = AsyncClient(api_key="test-key", base_url=emulator.url)
    requests = [FluxDevRequest(prompt=f"number {n}", width=16) for n in range(8)]
    asked = []
    client = client.with_options(on_event=lambda event: asked.append(type(event).__name__))
    batch = Batch(
        requests, out=tmp_path / "out", client=client, webhooks=listener, reconcile_timeout=0
    )
    summary = batch.run()
    lines = map(json.loads, (tmp_path / "out/results.jsonl").read_text("utf-8").splitlines())
    longest = max(line["finished_at"] - line["sent_at"] for line in lines)

    assert {"completed": 8} == summary.counts
    assert 8 == len(emulator.ledger())
    assert 8 == asked.count("Polled")
    assert longest < 45, "the safety net did it, and not the webhooks"


def test_delivery_that_never_comes(emulator, wait_until, tmp_path):
    """What an earlier run sent is asked for at once, since its delivery came to nobody."""
    webhooks = BatchWebhooks(f"http://127.0.0.1:{free_port()}/hooks", SECRET)
    emulator.outcomes({"completes": True, "seconds": 3600})

    def batch():
        client = AsyncClient(api_key="test-key", base_url=emulator.url)
        requests = [FluxDevRequest(prompt=f"number {n}", width=16) for n in range(3)]
        place = {"journal": tmp_path / "journal.sqlite", "reconcile_timeout": 0}
        return Batch(requests, client=client, webhooks=webhooks, **place)

    async def leave():
        running = asyncio.create_task(batch().run_async())
        await asyncio.to_thread(wait_until, lambda: 3 == len(emulator.ledger()))
        running.cancel()
        await asyncio.wait({running})

    asyncio.run(leave())
    emulator.advance(3600)
    began = time.monotonic()
    summary = batch().run()

    assert {"completed": 3} == summary.counts, summary
    assert 3 == len(emulator.ledger())
    assert time.monotonic() - began < 45


def test_lost_answer_is_proven_by_its_delivery(emulator, listener, tmp_path):
    """The callback address of a submit names the task of an unknown row, even among equal ones."""
    emulator.faults({"fault": "drop_after_accept", "times": 2})
    client = AsyncClient(api_key="test-key", base_url=emulator.url)
    requests = [FluxDevRequest(prompt="the same", width=16)] * 2
    batch = Batch(
        requests, out=tmp_path / "out", client=client, webhooks=listener, reconcile_timeout=20
    )
    summary = batch.run()

    assert {"completed": 2} == summary.counts, (tmp_path / "out/results.jsonl").read_text()
    assert {"the same": 2} == emulator.prompts()


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({}, 202),
        ({"body": b"[]"}, 400),
        ({"url": "?get3w_token=1"}, 401),
        ({"url": ""}, 401),
    ],
)
def test_answers_to_deliveries(change, status):
    """One that is genuine is taken, for a task that nobody has too, and as often as it comes."""
    webhooks = BatchWebhooks("https://app.test/hooks", SECRET)
    given = {
        "url": webhooks.url_of("no such attempt"),
        "headers": {},
        "body": json.dumps(TASK).encode(),
    } | change

    assert [status] * 3 == [webhooks.deliver(**given) for _ in range(3)]


def test_deliveries_for_nobody_take_no_memory():
    """Of those that nobody waits for, the latest are kept."""
    webhooks = BatchWebhooks("https://app.test/hooks", SECRET)
    body = json.dumps(TASK).encode()
    for number in range(10_002):
        webhooks.deliver(url=webhooks.url_of(f"{number}"), headers={}, body=body)

    assert webhooks.early("0") is webhooks.early("1") is None
    assert webhooks.early("2") is not None


def test_signatures_are_checked():
    """With a signature scheme, the token alone is not enough."""
    scheme = WaveSpeedSignature("whsec_of_the_account")
    webhooks = BatchWebhooks("https://app.test/hooks", SECRET, signature=scheme)
    body, url = json.dumps(TASK).encode(), webhooks.url_of("attempt")
    headers = scheme.sign(body, delivery_id="evt_1", timestamp=int(time.time()))

    assert 401 == webhooks.deliver(url=url, headers={}, body=body)
    assert 202 == webhooks.deliver(url=url, headers=headers, body=body)


def test_what_the_listener_answers(listener):
    """It takes POST alone, a body of some size, and no header twice."""
    url = urlsplit(listener.url_of("attempt"))
    address = f"http://{url.netloc}{url.path}?{url.query}"
    with httpx.Client(trust_env=False) as http:
        assert 405 == http.get(address).status_code
        assert 401 == http.post(f"http://{url.netloc}/hooks", json=TASK).status_code
        assert 413 == http.post(address, content=b" " * (33 * 2**20)).status_code
        assert 202 == http.post(address, json=TASK).status_code


@pytest.mark.parametrize("address", ["127.0.0.1", "nowhere.invalid:80", "127.0.0.1:port"])
def test_address_that_nothing_can_listen_on(address):
    """It is wrong use, in words."""
    webhooks = BatchWebhooks("https://app.test/hooks", SECRET)
    with pytest.raises(BatchError, match="Nothing can listen"), listening(address, webhooks):
        pass


def test_secret_is_kept(tmp_path):
    """Each run has the same, and nobody else may read it."""
    first, second = (kept_secret(tmp_path / "out") for _ in range(2))
    [file] = (tmp_path / "out").iterdir()

    assert first == second
    assert 0o600 == file.stat().st_mode & 0o777


def test_address_that_cannot_be_called():
    """It is refused before anything is sent."""
    with pytest.raises(ConfigurationError):
        BatchWebhooks("http://app.test/hooks", SECRET)


def test_command_with_webhooks(emulator, run, write_rows):
    """--webhook and --listen go together, and do what they say."""
    port = free_port()
    options = ("--webhook", f"http://127.0.0.1:{port}/hooks", "--no-download")
    alone = run(write_rows(1), *options)
    done = run(write_rows(3), *options, "--listen", f"127.0.0.1:{port}")

    assert 2 == alone.status
    assert "go together" in alone.err
    assert (0, {"completed": 3}) == (done.status, done.counts), done.err
