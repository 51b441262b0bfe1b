"""What surrounds a request: variables, certificates, blocked sockets, missing threads."""

import asyncio
import subprocess
import sys
import textwrap
from pathlib import Path

import httpx
import httpx2
import pytest
import pytest_socket
from get3w_core import (
    AsyncClient,
    Client,
    ConfigurationError,
    default_async_client,
    default_client,
    set_default_client,
)

from tests.core.loopback import answer

CORE = Path(__file__).parents[3] / "core"


@pytest.mark.parametrize("default", [default_client, default_async_client])
def test_default_client_follows_the_environment(default, monkeypatch, key):
    """A base URL or key that is set after the first use counts from then on."""
    monkeypatch.setenv("GET3W_API_KEY", key)
    first = default()
    monkeypatch.setenv("GET3W_BASE_URL", "http://127.0.0.1:9")
    second = default()
    monkeypatch.setenv("GET3W_API_KEY", "sk-another-0123456789")

    assert "https://api.get3w.com" == first.base_url
    assert "http://127.0.0.1:9" == second.base_url
    assert second is not default()
    assert default() is default()


def test_key_that_is_taken_out_of_the_environment_is_kept(monkeypatch, key):
    """A program may remove its key from the environment after the first use."""
    monkeypatch.setenv("GET3W_API_KEY", key)
    first = default_client()
    monkeypatch.delenv("GET3W_API_KEY")

    assert first is default_client()


def test_client_that_was_set_stays(monkeypatch, key):
    """The environment does not replace what a program has chosen."""
    with Client(key, "http://127.0.0.1:9") as client:
        set_default_client(client)
        monkeypatch.setenv("GET3W_BASE_URL", "http://127.0.0.1:10")

        assert client is default_client()


CERTIFICATES = ["SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]


@pytest.mark.parametrize("name", [*CERTIFICATES, "SSLKEYLOGFILE"])
def test_certificates_that_cannot_be_read(name, monkeypatch, tmp_path, key):
    """The error names the variable and its value."""
    for other in CERTIFICATES:
        monkeypatch.delenv(other, raising=False)
    value = str(tmp_path / "missing" / "file.pem")
    monkeypatch.setenv(name, value)
    with Client(key) as client, pytest.raises(ConfigurationError) as caught:
        client.balance()

    assert f"{name}={value}" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("HTTPS_PROXY", "ftp://me:secret@proxy.test:21", "HTTPS_PROXY=ftp://proxy.test:21"),
        ("HTTP_PROXY", "http://me:secret@proxy.test:x", "HTTP_PROXY=http://proxy.test:x"),
        ("all_proxy", "gopher://proxy.test", "all_proxy=gopher://proxy.test"),
    ],
)
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_proxies_that_cannot_be_used(kind, name, value, shown, monkeypatch, key):
    """The error names the variable and its value, and no password."""
    for other in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"):
        monkeypatch.delenv(other, raising=False)
        monkeypatch.delenv(other.lower(), raising=False)
    monkeypatch.setenv(name, value)

    async def asynchronous():
        async with AsyncClient(key) as client:
            await client.balance()

    def sync():
        with Client(key) as client:
            client.balance()

    call = sync if kind == "sync" else lambda: asyncio.run(asynchronous())
    with pytest.raises(ConfigurationError) as caught:
        call()

    assert shown in str(caught.value)
    assert "secret" not in str(caught.value)


def test_exceptions_to_proxies_that_cannot_be_used(monkeypatch, key):
    """The error names NO_PROXY where that is what cannot be read."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("NO_PROXY", "[::1")
    monkeypatch.setenv("no_proxy", "[::1")
    with Client(key) as client, pytest.raises(ConfigurationError, match=r"(?i)no_proxy="):
        client.balance()


# The warning comes with the error that the test is about.
@pytest.mark.filterwarnings("ignore:A test tried to use")
@pytest.mark.parametrize("library", [None, httpx, httpx2], ids=["own", "httpx", "httpx2"])
def test_blocked_socket_is_unsent(library, serve, key, paint):
    """pytest-socket's error leaves as it is, and the event says that nothing was sent."""
    server, told = serve(), []
    http_client = library and library.Client()
    client = Client(key, server.url, http_client=http_client, on_event=told.append)
    pytest_socket.disable_socket()
    try:
        with pytest.raises(pytest_socket.SocketBlockedError) as caught:
            client.submit(paint)
    finally:
        pytest_socket.enable_socket()

    assert ["unsent"] == [event.verdict for event in told]
    assert "nothing was billed" in caught.value.__notes__[0]


PROGRAM = """
import asyncio, sys, threading
from get3w_core import AsyncClient, Get3WError, ModelInfo, ModelRequest

class PaintRequest(ModelRequest):
    __model__ = ModelInfo("get3w/paint")
    prompt: str

async def main(library):
    http_client = __import__(library).AsyncClient() if library != "own" else None
    client = AsyncClient("sk-0123456789", "http://localhost:9", http_client=http_client,
                         submit_deadline=0.2, on_event=lambda event: print(event))

    def refuse(*arguments, **named):
        raise RuntimeError("can't start new thread")

    # Since Python 3.13 a thread is started by another function.
    name = next(n for n in ("_start_joinable_thread", "_start_new_thread") if hasattr(threading, n))
    start = getattr(threading, name)
    setattr(threading, name, refuse)
    try:
        await client.submit(PaintRequest(prompt="x"))
    except Get3WError as error:
        print(type(error).__name__)
    finally:
        setattr(threading, name, start)

asyncio.run(main(sys.argv[1]))
"""


def run_program(source, library):
    """Run a program on its own, with nothing in its environment but the way to the core."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(source), library],
        env={"PYTHONPATH": str(CORE)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize("library", ["own", "httpx", "httpx2"])
def test_no_more_threads(library):
    """A name that cannot be looked up for want of a thread has sent nothing."""
    done = run_program(PROGRAM, library)

    assert "ConnectionFailedError" == done.stdout.strip().splitlines()[-1], (
        done.stdout + done.stderr
    )
    assert "unknown" not in done.stdout


AT_EXIT = """
import asyncio, atexit, concurrent.futures.thread, sys
from get3w_core import AsyncClient, Get3WError, ModelInfo, ModelRequest

class PaintRequest(ModelRequest):
    __model__ = ModelInfo("get3w/paint")
    prompt: str

async def main(library):
    http_client = __import__(library).AsyncClient() if library != "own" else None
    client = AsyncClient("sk-0123456789", "http://localhost:9", http_client=http_client)
    try:
        await client.submit(PaintRequest(prompt="x"))
    except Get3WError as error:
        print(type(error).__name__, error)

atexit.register(lambda: asyncio.run(main(sys.argv[1])))
"""


@pytest.mark.parametrize("library", ["own", "httpx", "httpx2"])
def test_interpreter_that_shuts_down(library):
    """A submit as the program ends is unsent, and is not tried again for a minute."""
    done = run_program(AT_EXIT, library)

    assert done.stdout.startswith("ConnectionFailedError"), done.stdout + done.stderr
    assert "nothing was billed: RuntimeError: cannot schedule new futures" in done.stdout


@pytest.mark.parametrize("kind", ["Client", "AsyncClient"])
@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda other: getattr(httpx, other)(), "pass it to get3w_core."),
        (lambda other: getattr(httpx2, other)(), "pass it to get3w_core."),
        (lambda other: httpx.Client, "the class Client: call it"),
        (lambda other: object(), "not a builtins.object"),
        (lambda other: "http://proxy", "not a builtins.str"),
    ],
)
def test_wrong_http_client_is_refused_at_once(kind, wrong, words, key):
    """The error says what to pass instead."""
    made = wrong("AsyncClient" if kind == "Client" else "Client")
    make = Client if kind == "Client" else AsyncClient
    with pytest.raises(ConfigurationError) as caught:
        make(key, http_client=made)

    assert words in str(caught.value)
    assert f"httpx.{kind} or httpx2.{kind}" in str(caught.value)


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_timeouts_of_both_libraries(library, serve, key, paint):
    """A `Timeout` of either library works with every client."""
    server = serve()
    timeout = library.Timeout(5, connect=2)
    for http_client in (None, httpx.Client(), httpx2.Client()):
        with Client(key, server.url, http_client=http_client, timeout=timeout) as client:
            assert "pred_1" == client.submit(paint, timeout=timeout).id


def test_query_of_an_address_is_not_in_the_log_of_httpx(serve, key, flat, caplog):
    """On v1 it holds the address of a callback, which may hold a secret."""
    caplog.set_level("DEBUG")
    server = serve(answer(b'{"id":"pred_1","status":"created"}'))
    with Client(key, server.url) as client:
        client.submit(flat, webhook_url="https://my.test/hook?token=hidden")

    assert "hidden" in server.requests[0]
    assert "hidden" not in caplog.text
    assert "HTTP Request: POST" in caplog.text
