"""How much one call can take of an emulator: headers, bodies, time."""

import asyncio
import socket
import threading

import httpx
import pytest
from get3w_emulator.api.limits import KEYED_BYTES, KEYLESS_BYTES, LimitsMiddleware
from starlette.applications import Starlette
from starlette.routing import Route

MODEL = "/api/v3/get3w/flux-dev"
MIB = 1024 * 1024


def answered(emulator, *parts):
    """Send parts over a bare socket and return the status line."""
    url = httpx.URL(emulator.url)
    with socket.create_connection((url.host, url.port), timeout=30) as connection:
        try:
            for part in parts:
                connection.sendall(part)
        except OSError:
            pass  # the answer came before everything was sent
        return connection.recv(1000).split(b"\r\n")[0]


def pieces(size, piece=b"a" * 65536):
    for _ in range(size // len(piece) + 1):
        yield piece


@pytest.mark.parametrize(
    "head",
    [
        [b"GET / HTTP/1.1\r\nX: ", *pieces(64 * MIB)],
        [b"GET / HTTP/1.1\r\n", *(b"X: a\r\n" * 10_000 for _ in range(100))],
        [b"GET /", *pieces(8 * MIB)],
        [b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n"],
    ],
    ids=["one long header", "many headers", "long path", "whole at once"],
)
def test_long_headers_are_refused(emulator, http, head):
    """Headers end at 64 KiB; the connection is closed with words and others are served."""
    assert b"HTTP/1.1 431 Request Header Fields Too Large" == answered(emulator, *head)
    assert 200 == http.get("/_emulator/ledger").status_code


@pytest.mark.parametrize(
    ("keyed", "path", "size", "status"),
    [
        (False, "/_emulator/faults", KEYLESS_BYTES + 1, 413),
        (False, "/_emulator/check/get3w/flux-dev", KEYLESS_BYTES + 1, 413),
        (False, "/_emulator/outcomes", KEYLESS_BYTES + 1, 413),
        (False, MODEL, KEYLESS_BYTES + 1, 401),
        (True, MODEL, KEYED_BYTES + 1, 413),
        (True, MODEL, KEYLESS_BYTES + 1, 400),
    ],
)
@pytest.mark.parametrize("declared", [True, False])
def test_long_bodies_are_refused(http, stranger, keyed, path, size, status, declared):
    """The bound holds whether the length is declared or not, and the answer arrives."""
    headers = {"Content-Type": "application/json"}
    content = b" " * size if declared else (b" " * MIB for _ in range(size // MIB + 1))
    answer = (http if keyed else stranger).post(path, content=content, headers=headers)

    assert status == answer.status_code


def test_slow_body_is_refused():
    """A body that does not end in time is answered 408, and the handler ends."""
    seen = []

    async def handler(request):
        try:
            await request.body()
        except Exception as error:
            seen.append(error.status)
            raise

    async def call():
        async def never():
            await asyncio.Event().wait()

        app = LimitsMiddleware(Starlette(routes=[Route("/", handler, methods=["POST"])]), "k", 0.01)
        scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": b""}
        with pytest.raises(Exception, match="did not arrive in time"):
            await app(scope, never, lambda message: asyncio.sleep(0))

    asyncio.run(call())

    assert [408] == seen


def test_large_bodies_side_by_side_keep_nobody_waiting(emulator, http):
    """While refused bodies stream in, an ordinary call is served."""
    stop = threading.Event()

    def flood():
        def endless():
            while not stop.is_set():
                yield b" " * MIB

        with httpx.Client(base_url=emulator.url) as client:
            client.post(
                "/_emulator/faults",
                content=endless(),
                headers={"Content-Type": "application/json"},
                timeout=30,
            )

    threads = [threading.Thread(target=flood) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        statuses = [http.get("/api/v3/balance").status_code for _ in range(20)]
    finally:
        stop.set()
        for thread in threads:
            thread.join()

    assert [200] * 20 == statuses
