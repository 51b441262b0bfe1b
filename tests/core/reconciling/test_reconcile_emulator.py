"""Submits whose answers are lost on a real connection, and what is found of them afterwards."""

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest
from get3w_core import (
    Accepted,
    Ambiguous,
    AsyncClient,
    Client,
    ConfigurationError,
    NoEvidence,
    SavedSubmission,
    SubmitOutcomeUnknownError,
    WebhookReceiver,
    parse_webhook,
)
from get3w_emulator import running

from tests.core.conftest import ModelInfo, ModelRequest

# Of all submits on one surface, and of some on the other: connections that are dropped take time.
MANY, SOME = 200, 30
# What a process does that is killed before it can ask.
VICTIM = """
import sys, time
from get3w_core import Client, ModelInfo, ModelRequest, SubmitOutcomeUnknownError


class FluxRequest(ModelRequest):
    __model__ = ModelInfo("get3w/flux-dev")
    prompt: str


url, key, surface, folder = sys.argv[1:]
client = Client(key, url, surface=surface)
for number in range(5):
    try:
        client.submit(FluxRequest(prompt=f"number {number}"))
    except SubmitOutcomeUnknownError as error:
        with open(f"{folder}/{number}.json", "w") as file:
            file.write(error.to_json())
print("saved", flush=True)
time.sleep(600)
"""


class FluxRequest(ModelRequest):
    """The input of a model that the emulator has."""

    __model__ = ModelInfo("get3w/flux-dev")

    prompt: str


@pytest.fixture(scope="module")
def _emulator():
    with running(image_seconds=0) as emulator:
        yield emulator


@pytest.fixture
def emulator(_emulator):
    """An emulator that has seen nothing."""
    _emulator.reset()
    return _emulator


@pytest.fixture(params=["v3", "v1"])
def surface(request):
    """Each surface in turn."""
    return request.param


def lose(emulator, fault, times=None):
    """Let the answers to submits be lost."""
    rule = {"method": "POST", "path": "*get3w/flux-dev", "fault": fault}
    emulator.faults([rule if times is None else {**rule, "times": times}])


def submitted(client, prompts):
    """Submit prompts whose answers are lost, and return the errors."""
    errors = []
    for prompt in prompts:
        with pytest.raises(SubmitOutcomeUnknownError) as caught:
            client.submit(FluxRequest(prompt=prompt))
        errors.append(caught.value)
    return errors


def prompts_of(emulator):
    """Return the true prompt of every task."""
    return {each.id: each.input["prompt"] for each in emulator.ledger()}


@pytest.mark.parametrize(("surface", "count"), [("v3", MANY), ("v1", SOME)])
def test_every_lost_answer_is_found(emulator, surface, count):
    """All of 200 submits are reconciled to their own tasks, by a few threads at once."""
    prompts = [f"number {each}" for each in range(count)]
    lose(emulator, "drop_after_accept")
    with Client(emulator.api_key, emulator.url, surface=surface) as client:
        errors = submitted(client, prompts)
        with ThreadPoolExecutor(4) as pool:
            found = list(pool.map(lambda error: client.reconcile(error, within=0), errors))

    truth = prompts_of(emulator)
    assert {Accepted: count} == Counter(map(type, found))
    assert prompts == [truth[each.prediction.id] for each in found]
    assert count == len(truth)


@pytest.mark.parametrize(("surface", "count"), [("v3", SOME), ("v1", MANY)])
def test_every_lost_answer_is_found_by_an_async_client(emulator, surface, count):
    """The same for asyncio, several at once."""
    prompts = [f"number {each}" for each in range(count)]
    lose(emulator, "drop_after_accept")

    async def run():
        async with AsyncClient(emulator.api_key, emulator.url, surface=surface) as client:
            errors = []
            for prompt in prompts:
                with pytest.raises(SubmitOutcomeUnknownError) as caught:
                    await client.submit(FluxRequest(prompt=prompt))
                errors.append(caught.value)
            gate = asyncio.Semaphore(4)

            async def look(error):
                async with gate:
                    return await client.reconcile(error, within=0)

            return await asyncio.gather(*map(look, errors))

    found = asyncio.run(run())
    truth = prompts_of(emulator)
    assert {Accepted: count} == Counter(map(type, found))
    assert prompts == [truth[each.prediction.id] for each in found]


def test_equal_inputs_are_ambiguous(emulator, surface):
    """Equal prompts are told apart by nothing, and the handles of all candidates are given."""
    lose(emulator, "drop_after_accept")
    with Client(emulator.api_key, emulator.url, surface=surface) as client:
        errors = submitted(client, ["the same"] * 3)
        found = [client.reconcile(error, within=0) for error in errors]

    assert [Ambiguous] * 3 == [type(each) for each in found]
    assert set(prompts_of(emulator)) == {handle.id for handle in found[0].candidates}


def test_lost_requests_leave_no_evidence(emulator, surface):
    """Requests that never arrived are on no record, though others' are."""
    with Client(emulator.api_key, emulator.url, surface=surface) as client:
        client.submit(FluxRequest(prompt="number 0"))
        lose(emulator, "drop_before_accept")
        errors = submitted(client, [f"number {each}" for each in range(20)])
        found = [client.reconcile(error, within=0) for error in errors]

    assert {NoEvidence: 20} == Counter(map(type, found))


def test_killed_process_leaves_what_is_needed(emulator, surface, tmp_path):
    """What was saved before a SIGKILL is reconciled by the next process."""
    lose(emulator, "drop_after_accept", times=4)
    arguments = [emulator.url, emulator.api_key, surface, str(tmp_path)]
    victim = subprocess.Popen(
        [sys.executable, "-c", VICTIM, *arguments], stdout=subprocess.PIPE, text=True
    )
    with victim:
        assert "saved\n" == victim.stdout.readline()
        os.kill(victim.pid, signal.SIGKILL)
    texts = [path.read_text() for path in sorted(tmp_path.iterdir())]
    with Client(emulator.api_key, emulator.url) as client:
        found = [client.reconcile(SavedSubmission.from_json(text), within=0) for text in texts]

    truth = prompts_of(emulator)
    assert [f"number {each}" for each in range(4)] == [truth[e.prediction.id] for e in found]
    assert not any(emulator.api_key in text for text in texts)


def test_submit_is_described_before_it_is_made(emulator, surface):
    """What was saved before a submit finds its task, and finds none where it was never sent."""
    with Client(emulator.api_key, emulator.url, surface=surface) as client:
        texts = []
        for prompt in ("sent", "never sent"):
            request = FluxRequest(prompt=prompt)
            texts.append(client.describe_submit(request, extra_body={"seed": 7}).to_json())
            if prompt == "sent":
                client.submit(request, extra_body={"seed": 7})
    with Client(emulator.api_key, emulator.url) as client:
        saved = [SavedSubmission.from_json(text) for text in texts]
        sent, never = (client.reconcile(each, within=0) for each in saved)

    [task] = emulator.ledger()
    assert task.id == sent.prediction.id
    assert isinstance(never, NoEvidence)


def test_local_file_cannot_be_described(emulator, tmp_path):
    """A local file has no URL yet, so nobody could compare what was sent."""
    with Client(emulator.api_key, emulator.url) as client, pytest.raises(ConfigurationError):
        client.describe_submit(FluxRequest(prompt="x"), extra_body={"image": tmp_path})


def test_found_handle_works_on(emulator, surface):
    """The handle of a reconciled submit is asked on its own surface."""
    lose(emulator, "drop_after_accept", times=1)
    with Client(emulator.api_key, emulator.url, surface=surface) as client:
        (error,) = submitted(client, ["a lighthouse"])
        prediction = client.reconcile(error, within=0).prediction
        prediction.wait(timeout=60)

    assert 1 == len(prediction.outputs)
    assert surface in prediction.to_json()


def test_late_billing_is_waited_for():
    """A record that appears later is found within the time that was given."""
    with (
        running(image_seconds=0, billing_lag=0.4) as emulator,
        Client(emulator.api_key, emulator.url) as client,
    ):
        lose(emulator, "drop_after_accept", times=1)
        (error,) = submitted(client, ["a lighthouse"])
        found = client.reconcile(error, within=60)

    assert isinstance(found, Accepted)
    assert 1 < found.report.looks


def test_moved_clock_is_no_obstacle(emulator):
    """The server's own clock counts, however wrong it is."""
    emulator.advance(86_400 * 3)
    lose(emulator, "drop_after_accept", times=1)
    with Client(emulator.api_key, emulator.url) as client:
        (error,) = submitted(client, ["a lighthouse"])

        assert isinstance(client.reconcile(error, within=0), Accepted)


@pytest.mark.parametrize("lag", [0, 3600])
def test_history_of_the_sibling_serves(lag):
    """Where the history is served, the task is found there before it is billed."""
    with (
        running(image_seconds=0, billing_lag=lag, history=True) as emulator,
        Client(emulator.api_key, emulator.url) as client,
    ):
        lose(emulator, "drop_after_accept", times=1)
        (error,) = submitted(client, ["a lighthouse"])
        found = client.reconcile(error, within=0)

    assert isinstance(found, Accepted)
    assert ("GET /api/v3/billings", "POST /api/v3/predictions") == found.report.asked


def test_webhook_of_the_emulator_is_proof(emulator, surface):
    """The delivery that the emulator makes at the callback address proves the task."""
    receiver = WebhookReceiver(secret="a secret of the receiver alone")
    address = receiver.callback_url("http://127.0.0.1:9/hooks")
    lose(emulator, "drop_after_accept")
    with Client(emulator.api_key, emulator.url, surface=surface) as client:
        errors = submitted(client, ["the same"])
        with pytest.raises(SubmitOutcomeUnknownError) as caught:
            client.submit(FluxRequest(prompt="the same"), webhook_url=address)
        body = b'{"id": "%s", "status": "completed"}' % emulator.ledger()[1].id.encode()
        assert isinstance(client.reconcile(errors[0], within=0), Ambiguous)
        delivery = receiver.receive(url=address, headers={}, body=body)
        found = client.reconcile(caught.value, within=0, delivery=delivery)

    assert (emulator.ledger()[1].id, "callback") == (found.prediction.id, found.evidence)
    assert parse_webhook(body).callback_nonce is None
