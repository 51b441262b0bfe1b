"""A submit that is struck at any moment: the exception leaves, and what is said of it is true.

A trace function raises like a signal handler, as one function after the other is entered: that is
where Python runs handlers, too. What was accepted is what the server has read.
"""

import asyncio
import gc
import io
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from get3w_core import AsyncClient, Client, Retried, SubmitFailed, Submitted

pytestmark = [
    # An HTTP library that is struck leaves its socket to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("struck_sockets"),
]

# So many calls lie between two strikes. A prime, so that no loop hides a call.
STRIDE = 3


class Limit(Exception):
    """As a task queue raises it."""


class Ledger:
    """A server that accepts every submit, or refuses each once before, and keeps the prompts."""

    def __init__(self, *, refusing=False):
        self.posts = []
        self.accepted = {}
        ledger = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 1  # what was struck may leave its connection to the garbage collector

            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                status, headers = 200, {}
                if self.path.endswith("files/upload"):
                    data = {"url": "https://cdn.get3w.test/a.png"}
                else:
                    prompt = json.loads(body)["prompt"]
                    ledger.posts.append(prompt)
                    if refusing and ledger.posts.count(prompt) == 1:
                        status, data, headers = 429, None, {"Retry-After": "0"}
                    else:
                        data = {"id": f"pred_{prompt}", "status": "created"}
                        ledger.accepted[prompt] = data["id"]
                answer = json.dumps({"code": status, "message": "", "data": data}).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *arguments):
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = False
        self._server.block_on_close = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self):
        """Close once every request that was begun is read."""
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Strike:
    """Raises as the n-th function is entered, as a signal handler would.

    What is raised in a finalizer goes nowhere. So the garbage collector, which calls those of
    earlier tests at any moment, rests meanwhile. A generator expression that `any` leaves early is
    traced as called when it is closed, though no handler can run there: it does not count.
    """

    def __init__(self, at, kind=Limit):
        self.left, self.kind, self.done = at, kind, False

    def __enter__(self):
        gc.disable()
        sys.settrace(self._call)

    def __exit__(self, *exception):
        sys.settrace(None)
        gc.enable()

    def _call(self, frame, event, arg):
        ours = str(frame.f_globals.get("__name__", "")).startswith(("get3w_core", "httpx"))
        counts = event == "call" and frame.f_code.co_name != "<genexpr>"
        if counts and ours and not self.done:
            self.left -= 1
            if self.left < 0:
                self.done = True
                raise self.kind("time is up")


def check(ledger, prompt, events, raised):
    """Compare what was said of one submit with what the server has."""
    ends = [each for each in events if isinstance(each, Submitted | SubmitFailed)]
    identity = ledger.accepted.get(prompt)
    # What is struck while it is told is told again.
    assert len({(type(each), each.prediction_id) for each in ends}) <= 1, (prompt, events)
    if identity is not None:
        end = ends[-1]
        known = isinstance(end, Submitted) and end.prediction_id == identity
        assert known or end.verdict == "unknown", (prompt, end)
        notes = " ".join(getattr(raised, "__notes__", []))
        if raised is not None and not known:
            assert "unknown" in notes, (prompt, end)
    else:
        assert all(isinstance(each, SubmitFailed) for each in ends), (prompt, ends)
    tries = 1 + sum(isinstance(each, Retried) for each in events)
    assert ledger.posts.count(prompt) <= tries, (prompt, events)


def strike_everywhere(ledger, client, make, events, stride):
    """Strike one submit after the other, each a little later, until one gets through."""
    said = {}
    number = 0
    while True:
        prompt = f"number {number}"
        request = make(prompt)
        events.clear()
        strike, raised = Strike(number * stride), None
        try:
            with strike:
                client.submit(request)
        except Limit as error:
            raised = error
        assert (raised is not None) is strike.done, number
        said[prompt] = (list(events), raised)
        number += 1
        if not strike.done:
            return said


@pytest.fixture
def ledger():
    made = Ledger()
    yield made
    made.close()


def image():
    return io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(5000))


@pytest.mark.parametrize("refusing", [False, True], ids=["accepting", "refusing first"])
@pytest.mark.parametrize("with_file", [False, True], ids=["plain", "with a file"])
@pytest.mark.parametrize("way", ["own", "httpx"])
def test_struck_in_any_call(way, with_file, refusing, key, Paint):
    """One strike is one exception, at most one task, and an event and a note that are true."""
    ledger, events = Ledger(refusing=refusing), []
    inner = httpx.Client() if way == "httpx" else None
    client = Client(key, ledger.url, http_client=inner, on_event=lambda each: events.append(each))

    def make(prompt):
        return Paint(prompt=prompt, **({"image": image()} if with_file else {}))

    client.submit(make("first"))
    said = strike_everywhere(ledger, client, make, events, STRIDE * (3 if refusing else 1))
    client.close()
    if inner is not None:
        inner.close()
    ledger.close()

    assert len(said) > 10
    for prompt, (told, raised) in said.items():
        check(ledger, prompt, told, raised)


@pytest.mark.parametrize("way", ["own", "httpx"])
def test_cancelled_at_every_turn(way, key, Paint):
    """A submit that is cancelled at any turn of the event loop makes at most one task."""
    ledger, events, said = Ledger(), [], {}

    async def main():
        inner = httpx.AsyncClient() if way == "httpx" else None
        client = AsyncClient(key, ledger.url, http_client=inner, on_event=events.append)
        await client.submit(Paint(prompt="first", image=image()))
        for turns in range(400):
            events.clear()
            prompt = f"number {turns}"
            task = asyncio.ensure_future(client.submit(Paint(prompt=prompt, image=image())))
            for _ in range(turns):
                await asyncio.sleep(0)
            ended = task.done()
            task.cancel()
            [outcome] = await asyncio.gather(task, return_exceptions=True)
            said[prompt] = list(events)
            if ended:
                assert f"pred_{prompt}" == outcome.id
                break
        await client.aclose()
        if inner is not None:
            await inner.aclose()

    asyncio.run(main())
    ledger.close()
    for prompt, told in said.items():
        check(ledger, prompt, told, None)
