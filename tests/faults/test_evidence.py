"""The rule about evidence, as `docs/faults.md` states it: each row, over every way it names."""

import asyncio
import os
import signal
import socket
import threading
from contextlib import contextmanager

import httpx
import httpx2
import pytest
from get3w_core import AsyncClient, Client, SubmitFailed

from . import faults as f
from .table import DOCUMENT
from .test_transports import About, Again
from .transports import NOWHERE, Cached, Lying, SendingElse, asking_elsewhere

pytestmark = [
    # An HTTP library that is struck in a handshake leaves its socket to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("struck_sockets"),
]

LIBRARIES = {"own pool": None, "httpx": httpx, "httpx2": httpx2}


def rule():
    """Return the rows of the table: what was seen, through what, and the verdict."""
    text = DOCUMENT.read_text(encoding="utf-8")
    lines = text.partition("<!-- the rule -->")[2].partition("<!-- end of the rule -->")[0]
    rows = [line.strip("| ").split(" | ") for line in lines.strip().splitlines()[2:]]
    return [(seen, way, verdict) for seen, ways, verdict in rows for way in ways.split(", ")]


class Limit(Exception):
    """What a signal handler raises."""


@contextmanager
def limited():
    """Let SIGUSR1 raise in the main thread, whatever it does."""

    def strike(number, frame):
        raise Limit

    before = signal.signal(signal.SIGUSR1, strike)
    try:
        yield
    finally:
        signal.signal(signal.SIGUSR1, before)


def strike():
    signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)


async def striking(exchange):
    strike()
    await exchange.stall()


class Deaf:
    """A server for TLS that strikes at the first byte, and says nothing."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.over = threading.Event()
        self.url = f"https://127.0.0.1:{self.listener.getsockname()[1]}"
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        with self.listener.accept()[0] as connection:
            connection.recv(1)
            strike()
            self.over.wait(20)

    def close(self):
        self.over.set()
        self.thread.join()
        self.listener.close()


@pytest.fixture
def case(proxy):
    """Make what a row happens to: fault, address, and the options of the client passed in."""
    opened = []

    def line(*faults):
        opened.append(proxy.line(*faults))
        return opened[-1].url

    def deaf():
        opened.append(Deaf())
        return opened[-1].url

    def made(seen, way):
        library = LIBRARIES.get(way)
        other = way == "another transport"
        status = 429 if "429" in seen else 400
        answer = f.answers(status)
        match seen:
            case "an error that is called a connect error and is not httpcore's own":
                return line(f.CLOSE_BEFORE_SERVER), {"transport": Lying(httpx.ConnectError)}
            case _ if seen.startswith("an error of httpcore's that came through"):
                return line(f.CLOSE_BEFORE_SERVER), {"transport": SendingElse()}
            case "an error about another request, in a hook":
                return line(), {"event_hooks": {"request": [asking_elsewhere]}}
            case _ if "answers another request" in seen:
                return line(answer, answer), {"transport": Again()}
            case _ if "did not see" in seen:
                return line(f.CLOSE_BEFORE_SERVER), {"transport": Cached(status)}
            case _ if "answers this request" in seen:
                mock = httpx.MockTransport(lambda request: httpx.Response(status))
                return (NOWHERE, {"transport": mock}) if other else (line(answer), {})
            case _ if "full pool" in seen:
                return line(), {"limits": library.Limits(max_connections=0)}
            case _ if "of a proxy" in seen:
                bad = line(f.says(b"HTTP/1.1 502 Bad Gateway\r\n\r\n"))
                return "https://get3w.test", {"proxy": bad}
            case "an exception of no network, before anything was sent":
                return deaf(), {}
            case "an exception of no network, after it was sent":
                return line(f.Fault(striking)), {}
            case _ if "the proxy hung up" in seen:
                return "https://get3w.test", {"proxy": line(f.CLOSE_BEFORE_SERVER)}
            case _ if "no byte" in seen or "of connecting" in seen:
                return NOWHERE, {}
            case _:
                return line(f.CLOSE_BEFORE_SERVER), {}

    yield made
    for each in opened:
        each.close()


def verdict_of(kind, way, url, options, key, draw):
    """Submit once, and return the verdict that the event shows."""
    library = LIBRARIES.get(way, httpx)
    events = []
    given = {
        "on_event": events.append,
        "submit_deadline": 0,
        "timeout": httpx.Timeout(5, pool=0.05),
    }

    async def asynchronous():
        inner = library and library.AsyncClient(**options)
        async with AsyncClient(key, url, http_client=inner, **given) as client:
            await client.submit(draw(prompt="x"))

    def sync():
        inner = library and library.Client(**options)
        with Client(key, url, http_client=inner, **given) as client:
            client.submit(draw(prompt="x"))

    with limited(), pytest.raises(Exception):  # noqa: B017 - the event is what counts
        sync() if kind == "sync" else asyncio.run(asynchronous())
    [verdict] = [each.verdict for each in events if isinstance(each, SubmitFailed)]
    return verdict


@pytest.mark.skipif(os.name == "nt", reason="needs POSIX signals")
@pytest.mark.parametrize(("seen", "way", "verdict"), rule())
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_row(kind, seen, way, verdict, case, key, draw):
    """The row's verdict is what the client comes to."""
    if kind == "async" and way == "another transport":
        pytest.skip("the transports of this table are sync; test_transports has async ones")
    url, options = case(seen, way)

    assert verdict == verdict_of(kind, way, url, options, key, draw)


def test_table_is_read():
    """The table has its rows, and every way and verdict is known."""
    rows = rule()

    assert 24 <= len(rows)
    assert {*LIBRARIES, "another transport"} == {way for _, way, _ in rows}
    assert {"unsent", "refused", "rejected", "unknown"} == {verdict for *_, verdict in rows}


def test_answer_about_another_request(proxy, key, draw):
    """The same holds for a client that returns somebody else's answer."""
    line = proxy.line(f.answers(429))
    events = []
    client = Client(key, line.url, http_client=About(), on_event=events.append)
    with pytest.raises(Exception):  # noqa: B017 - the event is what counts
        client.submit(draw(prompt="x"))
    line.close()

    assert ["unknown"] == [each.verdict for each in events]
