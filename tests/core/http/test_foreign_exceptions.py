"""What a signal handler or another thread raises inside HTTP I/O leaves the call as it is."""

import asyncio
import ctypes
import gc
import io
import signal
import socket
import threading
from contextlib import suppress

import httpx
import httpx2
import pytest
from get3w_core import AsyncClient, Client, SubmitFailed

from tests.core.loopback import PATIENCE, PREDICTION, answer

pytestmark = [
    pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs POSIX signals"),
    # The standard library and httpcore leave a socket to the garbage collector then.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("struck_sockets"),
]

WAYS = ["own", "httpx", "httpx2"]


class SoftTimeLimit(Exception):
    """As a task queue raises it."""


class Stop(BaseException):
    """As a test runner raises it."""


class OwnTimeout(TimeoutError):
    """A time limit that looks like the network's."""


KINDS = [SoftTimeLimit, Stop, TimeoutError, OSError, ConnectionResetError, OwnTimeout]


@pytest.fixture
def limit():
    """Let `strike()`, called in any thread, raise `limit.kind` in the main thread."""

    class Limit:
        kind = SoftTimeLimit

        def strike(self):
            signal.pthread_kill(threading.main_thread().ident, signal.SIGUSR1)

        def on_signal(self, number, frame):
            raise self.kind("time is up")

    limit = Limit()
    before = signal.signal(signal.SIGUSR1, limit.on_signal)
    # What is raised in a finalizer goes nowhere: the collector, which calls many, rests meanwhile.
    gc.disable()
    yield limit
    gc.enable()
    signal.signal(signal.SIGUSR1, before)


def gone(connection):
    """Wait until the client is gone."""
    with suppress(OSError):
        while connection.recv(1 << 20):
            pass
    return False


def striking(limit, before=b""):
    """Answer with *before*, strike, and wait for the client to go."""

    def reply(connection):
        connection.sendall(before)
        limit.strike()
        return gone(connection)

    return reply


class Raw:
    """A server that strikes as soon as a byte arrives, and reads no more."""

    def __init__(self, limit):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.over = threading.Event()
        self.accepted = 0
        self.thread = threading.Thread(target=self.run, args=(limit,))
        self.thread.start()

    def run(self, limit):
        with suppress(OSError):
            while True:
                connection, _ = self.listener.accept()
                self.accepted += 1
                with connection:
                    connection.recv(1)
                    limit.strike()
                    self.over.wait(PATIENCE)

    def close(self):
        self.over.set()
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(PATIENCE)


@pytest.fixture
def raw(limit):
    """A server that strikes at the first byte."""
    made = Raw(limit)
    yield made
    made.close()


def sync_client(way, key, url, **options):
    library = {"own": None, "httpx": httpx, "httpx2": httpx2}[way]
    return Client(key, url, http_client=library and library.Client(), **options)


async def call_async(way, key, url, call, **options):
    library = {"own": None, "httpx": httpx, "httpx2": httpx2}[way]
    async with AsyncClient(
        key, url, http_client=library and library.AsyncClient(), **options
    ) as it:
        return await call(it)


HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(PREDICTION)
PLACES = {"head": b"", "in the head": HEAD[:20], "body": HEAD + PREDICTION[:9]}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", WAYS)
def test_submit_that_was_sent(way, place, kind, limit, serve, key, paint):
    """It is not sent again, the exception leaves, and the event and a note say what is known."""
    limit.kind = kind
    server = serve(striking(limit, PLACES[place]), answer())
    told = []
    client = sync_client(way, key, server.url, on_event=told.append)
    with pytest.raises(kind, match="time is up") as caught:
        client.submit(paint)

    assert kind is caught.type
    assert 1 == len(server.requests)
    [event] = told
    assert (SubmitFailed, "unknown") == (type(event), event.verdict)
    if issubclass(kind, Exception):
        assert (
            "Whether the submit of get3w/paint was accepted is unknown" in caught.value.__notes__[0]
        )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_submit_in_the_middle_of_tls(way, kind, limit, raw, key, paint):
    """Before the request is sent, the event says so."""
    limit.kind = kind
    told = []
    client = sync_client(way, key, f"https://127.0.0.1:{raw.port}", on_event=told.append)
    with pytest.raises(kind, match="time is up"):
        client.submit(paint)

    assert 1 == raw.accepted
    assert ["unsent"] == [event.verdict for event in told]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_upload_before_a_submit(way, kind, limit, raw, key, Paint):
    """An upload that is struck in writing is not repeated, and nothing is submitted."""
    limit.kind = kind
    image = io.BytesIO(b"\x89PNG\r\n\x1a\n" + bytes(15_000_000))
    client = sync_client(way, key, f"http://127.0.0.1:{raw.port}")
    with pytest.raises(kind, match="time is up"):
        client.submit(Paint(prompt="x", image=image))

    assert 1 == raw.accepted


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_poll(way, kind, limit, serve, key, paint):
    """A wait ends with what struck, and does not go on."""
    limit.kind = kind
    server = serve(answer(), striking(limit), answer())
    prediction = sync_client(way, key, server.url).submit(paint)
    with pytest.raises(kind, match="time is up"):
        prediction.wait()

    assert 2 == len(server.requests)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("way", WAYS)
def test_connecting(way, kind, limit, key, paint):
    """A connection that is not answered is not tried again."""
    limit.kind = kind
    told = []
    with socket.socket() as deaf, socket.socket() as filler:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(0)
        port = deaf.getsockname()[1]
        filler.connect(("127.0.0.1", port))
        client = sync_client(way, key, f"http://127.0.0.1:{port}", on_event=told.append)
        timer = threading.Timer(0.05, limit.strike)
        timer.start()
        with pytest.raises(kind, match="time is up"):
            client.submit(paint)
        timer.join()

    assert ["unsent"] == [event.verdict for event in told]


@pytest.mark.parametrize("kind", [SoftTimeLimit, Stop, TimeoutError, OSError])
@pytest.mark.parametrize("way", WAYS)
def test_event_loop(way, kind, limit, serve, key, paint):
    """A handler that raises ends the loop, and the submit is not sent again."""
    limit.kind = kind
    server = serve(striking(limit), answer())
    told = []
    with pytest.raises(kind, match="time is up"):
        asyncio.run(
            call_async(way, key, server.url, lambda it: it.submit(paint), on_event=told.append)
        )

    assert 1 == len(server.requests)
    assert ["unknown"] == [event.verdict for event in told]


def raise_in(thread, kind):
    """Raise *kind* in *thread*, as soon as that runs Python code again."""
    ident = ctypes.c_ulong(thread.ident)
    assert 1 == ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(kind))


@pytest.mark.parametrize("kind", [SoftTimeLimit, Stop, TimeoutError, OSError, ConnectionResetError])
@pytest.mark.parametrize("ends", ["hangs up", "answers"])
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("way", WAYS)
def test_another_thread(way, place, ends, kind, serve, key, paint):
    """What another thread raises leaves the submit, which is not sent again."""
    seen = []

    def reply(connection):
        connection.sendall(PLACES[place])
        raise_in(worker, kind)
        if ends == "answers":
            connection.sendall((HEAD + PREDICTION)[len(PLACES[place]) :])
        return False

    server = serve(reply, answer())
    client = sync_client(way, key, server.url)

    def work():
        try:
            client.submit(paint)
        except BaseException as error:  # noqa: BLE001 - judged below
            seen.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    worker.join(PATIENCE)

    assert [kind] == [type(error) for error in seen]
    assert 1 == len(server.requests)


@pytest.mark.parametrize("way", WAYS)
def test_errors_of_the_network_are_still_values(way, serve, key, paint, data):
    """Reads go on after real errors of the network, in whatever the caller is just handling."""
    server = serve(lambda connection: False, answer(b'{"code":200,"data":{"balance":1}}'))
    try:
        raise SoftTimeLimit("caught long ago")
    except SoftTimeLimit:
        assert 1 == sync_client(way, key, server.url).balance()

    assert 2 == len(server.requests)
