"""The example receiver over real HTTP, and every program of the documentation."""

import asyncio
import importlib.util
import json
import logging
import queue
import re
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from get3w_core import (
    AsyncClient,
    Client,
    ModelInfo,
    ModelRequest,
    WaveSpeedSignature,
    WebhookDuplicateError,
    WebhookReceiver,
    WebhookVerificationError,
    default_client,
)
from get3w_emulator import running

ROOT = Path(__file__).parents[3]
SECRET = "a secret of the receiver alone"
SCHEME = WaveSpeedSignature("whsec_testsecret")
PATIENCE = 20  # seconds until a test that hangs is given up
TEXT = (ROOT / "docs/webhooks.md").read_text(encoding="utf-8")
PROGRAMS = re.findall(r"^```python\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)


class DevRequest(ModelRequest):
    """The input of a model that the emulator has."""

    __model__ = ModelInfo("get3w/flux-dev")

    prompt: str


@pytest.fixture(scope="module")
def emulator():
    with running(image_seconds=0.3) as emulator:
        yield emulator


@pytest.fixture(scope="module")
def example():
    path = ROOT / "examples/webhook_receiver.py"
    spec = importlib.util.spec_from_file_location("webhook_receiver", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def http():
    with httpx.Client(timeout=PATIENCE, trust_env=False) as http:
        yield http


@pytest.fixture(scope="module")
def client(emulator):
    with Client(emulator.api_key, emulator.url) as client:
        yield client


@pytest.fixture(scope="module")
def prediction(client):
    """A prediction that has ended."""
    return client.submit(DevRequest(prompt="a lighthouse")).wait(timeout=PATIENCE)


class Received:
    """What the receiver did, in the order in which it did it."""

    def __init__(self):
        self.events = queue.Queue()

    def done(self, delivery, paths):
        self.events.put((delivery, paths))

    def next(self):
        return self.events.get(timeout=PATIENCE)


@contextmanager
def serving(app, client):
    config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", ws="none")
    server = uvicorn.Server(config)

    async def serve(listener):
        async with client:
            await server.serve([listener])

    # It listens from the start, so a request waits for the server by itself.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=asyncio.run, args=(serve(listener),))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.getsockname()[1]}/hooks"
        finally:
            server.should_exit = True
            thread.join()


@pytest.fixture
def served(example, emulator, tmp_path):
    """Run the example with a receiver; its log is turned into events too."""

    @contextmanager
    def served(receiver, key=emulator.api_key, **options):
        received = Received()
        handler = logging.Handler()
        handler.emit = lambda record: received.events.put(record.getMessage())
        example.LOGGER.addHandler(handler)
        client = AsyncClient(key, emulator.url, max_retries=0)
        app = example.create_app(receiver, client, tmp_path / "outputs", received.done, **options)
        try:
            with serving(app, client) as base:
                yield base, received
        finally:
            example.LOGGER.removeHandler(handler)

    return served


def body_of(identity, status="completed", **fields):
    return json.dumps({"id": identity, "status": status, **fields}).encode()


def test_a_delivery_from_end_to_end(served, http, prediction):
    """A delivery is answered, confirmed and downloaded, once; what it claims is not fetched."""
    receiver = WebhookReceiver(secret=SECRET)
    with served(receiver) as (base, received):
        url = receiver.callback_url(base, reference="order-7")
        body = body_of(prediction.id, outputs=["http://127.0.0.1:1/forged.png"])
        answers = [http.post(url, content=body).status_code for _ in range(2)]
        delivery, [path] = received.next()

    assert [202, 200] == answers
    assert "order-7" == delivery.reference
    assert path.name.startswith(prediction.id)
    assert path.read_bytes().startswith((b"\x89PNG", b"\xff\xd8", b"RIFF"))
    assert received.events.empty()


def test_a_delivery_that_comes_too_early(served, http, client):
    """A running prediction is followed to its end, whatever was delivered."""
    running_one = client.submit(DevRequest(prompt="a lighthouse"))
    receiver = WebhookReceiver(secret=SECRET)
    with served(receiver) as (base, received):
        http.post(receiver.callback_url(base), content=body_of(running_one.id, "failed"))
        _, paths = received.next()

    assert 1 == len(paths)


@pytest.mark.parametrize("query", ["", "?get3w_token=x", "?get3w_token=" + "0" * 64 + ".1.a"])
def test_strangers_are_refused(served, http, prediction, query):
    """Without the token nothing happens, and the log does not hold what was tried."""
    with served(WebhookReceiver(secret=SECRET)) as (base, received):
        answer = http.post(base + query, content=body_of(prediction.id))

    assert (401, b"") == (answer.status_code, answer.content)
    assert "0000" not in received.next()
    assert received.events.empty()


def test_a_signed_delivery(served, http, prediction):
    """Where a signature is wanted the token is not enough."""
    receiver = WebhookReceiver(secret=SECRET, signature=SCHEME)
    body = body_of(prediction.id)
    now = int(prediction.completed_at.timestamp())
    headers = SCHEME.sign(body, delivery_id="evt_1", timestamp=now)
    with served(receiver) as (base, received):
        url = receiver.callback_url(base)
        answers = [
            http.post(url, content=body),
            http.post(url, content=body + b" ", headers=headers),
            http.post(url, content=body, headers=headers),
            http.post(url, content=body, headers=headers),
        ]
        events = [received.next() for _ in range(3)]

    assert [401, 401, 202, 200] == [answer.status_code for answer in answers]
    assert ["refused: The header webhook-id is missing"] == events[:1]
    assert prediction.id == events[2][0].prediction_id


def test_other_requests(served, http):
    """A body that is no prediction, one without end, and another method are answered."""
    receiver = WebhookReceiver(secret=SECRET)
    with served(receiver, largest_body=1000) as (base, received):
        url = receiver.callback_url(base)
        answers = [
            http.post(url, content=b"no JSON"),
            http.post(url, content=b"x" * 1001),
            http.get(url),
        ]

    assert [400, 413, 405] == [answer.status_code for answer in answers]
    assert received.events.empty()


def test_a_forged_id_is_found_out(served, http):
    """A prediction that the server does not know is logged, and lets a later one in."""
    receiver = WebhookReceiver(secret=SECRET)
    with served(receiver) as (base, received):
        answers = []
        for _ in range(2):
            answers.append(http.post(receiver.callback_url(base), content=body_of("pred_forged")))
            assert "pred_forged, which the server does not know" in received.next()

    assert [202, 202] == [answer.status_code for answer in answers]


def test_a_server_that_refuses_us(served, http, prediction):
    """When the API cannot be asked, a repeat of the delivery is let in."""
    receiver = WebhookReceiver(secret=SECRET)
    with served(receiver, key="wrong-key") as (base, received):
        url = receiver.callback_url(base)
        first = http.post(url, content=body_of(prediction.id))
        assert received.next().startswith("AuthenticationError: ")
        second = http.post(url, content=body_of(prediction.id))
        received.next()

    assert [202, 202] == [first.status_code, second.status_code]


def test_the_example_starts_as_it_says(emulator, tmp_path):
    """Run as a program it says what is missing, before anything listens."""
    run = subprocess.run(
        [sys.executable, str(ROOT / "examples/webhook_receiver.py"), "http://app.example/hooks"],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT / "core"), "CALLBACK_SECRET": SECRET},
    )

    assert 1 == run.returncode
    assert "'http://app.example/hooks' must be https" in run.stderr
    assert SECRET not in run.stderr


def test_the_example_is_short():
    """It is there to be read."""
    text = (ROOT / "examples/webhook_receiver.py").read_text(encoding="utf-8")

    assert 100 > len(text.splitlines())


def test_every_program_of_the_documentation_runs(
    emulator, prediction, tmp_path, monkeypatch, capsys
):
    """The programs build on each other; what they define does what the text says."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GET3W_API_KEY", emulator.api_key)
    monkeypatch.setenv("GET3W_BASE_URL", emulator.url)
    monkeypatch.setenv("CALLBACK_SECRET", SECRET)
    monkeypatch.setenv("WEBHOOK_SECRET", "whsec_testsecret")
    names = {}
    for program in PROGRAMS:
        if "\napp = " not in program:  # these have a test of their own
            exec(compile(program, "docs/webhooks.md", "exec"), names)

    receive, work, webhooks = names["receive"], names["work"], names["webhooks"]
    url = webhooks.callback_url("https://app.example/hooks", reference="order-8")
    assert 401 == receive("https://app.example/hooks", {}, body_of(prediction.id))
    assert 400 == receive(url, {}, b"no JSON")
    assert 202 == receive(url, {}, body_of(prediction.id))
    assert 200 == receive(url, {}, body_of(prediction.id))
    work()
    default_client().close()
    assert f"order-8 pictures/{prediction.id}" in capsys.readouterr().out

    proxied = {"url": "", "headers": {}, "body": b""}
    with pytest.raises(WebhookVerificationError, match="proxy"):
        names["proxied"].receive(**proxied)

    shared = {"url": url, "headers": {}, "body": body_of("pred_1")}
    delivery = names["shared"].receive(**shared)
    other = WebhookReceiver(secret=SECRET, replays=names["SqliteReplays"]("deliveries.db"))
    with pytest.raises(WebhookDuplicateError):
        other.receive(**shared)
    names["shared"].release(delivery)
    assert other.receive(**shared)


@pytest.mark.parametrize("framework", ["fastapi", "starlette"])
def test_recipe_takes_real_deliveries(
    framework, emulator, client, http, tmp_path, monkeypatch, capsys
):
    """The app of a recipe answers what the emulator delivers, works on it, and refuses the rest."""
    pytest.importorskip(framework)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GET3W_API_KEY", emulator.api_key)
    monkeypatch.setenv("GET3W_BASE_URL", emulator.url)
    monkeypatch.setenv("CALLBACK_SECRET", SECRET)
    emulator.reset()
    app = {"fastapi": "app = FastAPI(", "starlette": "app = Starlette("}[framework]
    [program] = [each for each in PROGRAMS if app in each]
    names = {"__name__": "recipe"}
    exec(compile(program, "docs/webhooks.md", "exec"), names)
    with serving(names["app"], AsyncClient(emulator.api_key, emulator.url)) as base:
        url = names["webhooks"].callback_url(base, reference="order-9")
        made = client.submit(DevRequest(prompt="a lighthouse"), webhook_url=url)
        refused = http.post(base, content=body_of(made.id))
        made.wait(timeout=PATIENCE)
        end = time.monotonic() + PATIENCE
        while not emulator.deliveries() and time.monotonic() < end:
            threading.Event().wait(0.01)
        again = http.post(url, content=body_of(made.id))
        broken = http.post(url, content=b"no JSON")
    default_client().close()

    assert [202] == [attempt.status for attempt in emulator.deliveries()]
    assert (401, 200, 400) == (refused.status_code, again.status_code, broken.status_code)
    # The server is shut down only once the work is done.
    assert capsys.readouterr().out.startswith("order-9 [")
    assert 1 == len(list((tmp_path / "pictures").iterdir()))


def test_the_documented_store_keeps_the_rules(tmp_path):
    """The store of the documentation expires and extends as the one in memory does."""
    [program] = [program for program in PROGRAMS if "class SqliteReplays" in program]
    names = {}
    exec(program.partition("shared =")[0], names)
    store = names["SqliteReplays"](str(tmp_path / "replays.db"))

    assert store.claim("a", until=300, now=0)
    assert not store.claim("a", until=500, now=300)
    assert not store.claim("a", until=400, now=500)
    assert store.claim("a", until=900, now=501)


def test_documentation_holds_programs():
    """The search for programs finds them, and no threat of the table got lost."""
    assert 10 == len(PROGRAMS)
    for threat in ("Forged body", "Replay", "Stolen URL", "Altered body", "Slow receiver"):
        assert f"| **{threat}**" in TEXT
