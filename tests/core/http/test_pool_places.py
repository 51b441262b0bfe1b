"""No place in the pool is lost or given back twice, wherever an exception strikes a submit."""

import asyncio
import dis
import gc
import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import count

import httpx
import pytest
from get3w_core import AsyncClient, Client
from get3w_core.flow.effects import HttpRequest
from get3w_core.flow.options import ClientOptions
from get3w_core.http.sender import SyncSender

from tests.core.loopback import PATIENCE, answer

pytestmark = [
    # A connection that is struck while it is opened is left to the garbage collector.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning"),
    pytest.mark.usefixtures("struck_sockets"),
]

WATCHED = ("get3w_core.http", "get3w_core._common.interruptions", "httpx")
# Here the end of a call counts too, not only its beginning.
CLOSELY = ("get3w_core.http.pool", "get3w_core.http.sender", "get3w_core.http.attempt")
CALLS = {number for name, number in dis.opmap.items() if name.startswith("CALL")}


class Limit(Exception):
    """As a task queue raises it."""


class Strike:
    """Raises `Limit` as the n-th call of the HTTP code begins or ends: there Python runs handlers.

    In an event loop it strikes in tasks alone, as what is raised in a callback ends in the loop.
    Its `with` block ends without an exception when it has struck.
    """

    def __init__(self, at):
        self.left, self.done = at, False
        self._codes = {}
        self._last = {}

    def __enter__(self):
        gc.disable()  # what is raised in a finalizer goes nowhere
        sys.settrace(self._enter)

    def __exit__(self, kind, *exception):
        sys.settrace(None)
        self._last.clear()
        gc.enable()
        return kind is Limit and self.done

    def _enter(self, frame, event, arg):
        name = str(frame.f_globals.get("__name__", ""))
        # A generator that is closed early is traced as called, though no handler can run there.
        if self.done or not name.startswith(WATCHED) or frame.f_code.co_name == "<genexpr>":
            return None
        if asyncio._get_running_loop() is not None and asyncio.current_task() is None:
            return None
        frame.f_trace_opcodes = name.startswith(CLOSELY)
        self._strike()
        return self._step

    def _step(self, frame, event, arg):
        if event == "opcode" and not self.done:
            code = self._codes.get(frame.f_code)
            if code is None:
                code = self._codes[frame.f_code] = frame.f_code.co_code
            before, self._last[frame] = self._last.get(frame), code[frame.f_lasti]
            if before in CALLS:
                self._strike()
        elif event == "return":
            self._last.pop(frame, None)
        return self._step

    def _strike(self):
        self.left -= 1
        if self.left < 0 and not self.done:
            self.done = True
            raise Limit("time is up")


def strikes():
    """Yield a number and a strike for each call in turn, and last one that finds no call left."""
    for number in count():
        strike = Strike(number)
        yield number, strike
        if not strike.done:
            return


def echo(server):
    """Let *server* answer each submit with its own prompt as the id."""

    def reply(connection):
        body = json.loads(server.pieces[-1].partition(b"\r\n\r\n")[2])
        data = {"id": f"pred_{body['prompt']}", "status": "created"}
        connection.sendall(
            answer(
                json.dumps({"code": 200, "message": "success", "data": data}).encode(),
                b"Set-Cookie: a=b\r\n",
            )
        )
        return True

    server.answers = [reply]


def settled(book):
    """Return whether nobody has a place, or waits for one."""
    return 0 == len(book.used) and not book.waiting


def settles(book):
    """Return whether it comes to that, once other threads have ended their requests."""
    end = time.monotonic() + PATIENCE
    while not settled(book) and time.monotonic() < end:
        time.sleep(0)  # lets the other threads run, without waiting
    return settled(book)


def test_struck_after_any_call(serve, key, Paint):
    """The place is free at once, and the next submit gets its own answer."""
    server = serve()
    echo(server)
    with Client(key, server.url) as client:
        book = client._session.sender.get()._client._transport._pool._book
        book.limit = 2
        for number, strike in strikes():
            with strike:
                client.submit(Paint(prompt="struck"))
            assert settled(book), number
            assert f"pred_{number}" == client.submit(Paint(prompt=str(number))).id
    assert number >= 200


def test_struck_in_a_task_after_any_call(serve, key, Paint):
    """In an event loop as in threads."""
    server = serve()
    echo(server)

    async def main():
        async with AsyncClient(key, server.url) as client:
            await client.submit(Paint(prompt="first"))
            [(made, *_)] = client._session.sender.get()._clients.values()
            book = made._transport._pool._book
            book.limit = 2
            for number, strike in strikes():
                with strike:
                    await client.submit(Paint(prompt="struck"))
                assert settled(book), number
                assert f"pred_{number}" == (await client.submit(Paint(prompt=str(number)))).id
        return number

    assert asyncio.run(main()) >= 200


def test_struck_while_another_thread_waits(serve):
    """Whatever strikes the one that has the only place, the one that waits gets it."""
    server = serve()
    sender = SyncSender(None)
    options = ClientOptions.resolve("sk-0123456789", server.url)
    book = sender._client._transport._pool._book
    book.limit = 1
    first, second = (
        HttpRequest("POST", f"{server.url}/{name}", body=b"{}") for name in ("first", "second")
    )
    with ThreadPoolExecutor(1) as threads:
        calls = []

        def reply(connection):
            if server.requests[-1] == "POST /first":
                second_call = threads.submit(sender.send, second, options)
                calls.append(second_call)
                while not (book.waiting or second_call.done()):
                    time.sleep(0)  # lets the other thread run, without waiting
            connection.sendall(answer())
            return True

        server.answers = [reply]
        for number, strike in strikes():
            with strike:
                sender.send(first, options)
            while calls:
                assert 200 == calls.pop().result(PATIENCE).status
            assert settles(book), number
    sender.close()
    assert "POST /second" in server.requests


def test_struck_while_it_waits(serve):
    """One that is struck while it waits, or gives up waiting, takes no place away."""
    server = serve()
    sender = SyncSender(None)
    options = ClientOptions.resolve("sk-0123456789", server.url)
    book = sender._client._transport._pool._book
    book.limit = 1
    request = HttpRequest(
        "POST", f"{server.url}/second", body=b"{}", timeout=httpx.Timeout(5, pool=0)
    )
    client = sender._client
    with client.stream("GET", server.url):
        for _, strike in strikes():
            with strike:
                assert "unsent" == sender.send(request, options).kind
            assert (1, 0) == (len(book.used), len(book.waiting))
    assert settled(book)
    assert 200 == sender.send(request, options).status
    sender.close()


def test_cancelled_at_any_turn_while_others_wait(serve, key, Paint):
    """Of three submits for one place, the two that are not cancelled get their own answers."""
    server = serve()
    echo(server)

    async def main():
        async with AsyncClient(key, server.url) as client:
            await client.submit(Paint(prompt="first"))
            [(made, *_)] = client._session.sender.get()._clients.values()
            book = made._transport._pool._book
            book.limit = 1
            turns, cancelled = 0, True
            while cancelled:
                cancelled = False
                for which in range(3):
                    names = [f"{turns}-{which}-{each}" for each in range(3)]
                    tasks = [
                        asyncio.ensure_future(client.submit(Paint(prompt=name))) for name in names
                    ]
                    for _ in range(turns):
                        await asyncio.sleep(0)
                    cancelled |= tasks[which].cancel()
                    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
                    assert {f"pred_{name}" for name in names} >= {
                        each.id for each in outcomes if not isinstance(each, BaseException)
                    }
                    assert 1 >= sum(isinstance(each, BaseException) for each in outcomes)
                    assert settled(book), turns
                # Each of the first turns; then fewer, since a busy machine needs many.
                turns += 1 + turns // 20

    asyncio.run(main())
