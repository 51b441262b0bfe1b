"""Many at once, over real connections: threads, tasks, loops, forks, cancellations, closing."""

import asyncio
import gc
import os
import subprocess
import sys
import textwrap
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import anyio
import httpx
import pytest
from get3w_core import AsyncClient, Client, ClientClosedError, ConfigurationError, Get3WError
from get3w_core.flow.effects import HttpRequest, TransportFailure
from get3w_core.http.environment import tls_context
from get3w_core.http.pool.aio import AsyncPooledTransport
from get3w_core.http.pool.bookkeeping import MAX_CONNECTIONS
from get3w_core.http.sender import SyncSender
from get3w_core.http.sender_aio import AsyncSender

from tests.core.loopback import PATIENCE, PREDICTION, answer


@pytest.fixture
def client(serve, key):
    """A client, and a server that holds its answers back until the gate is opened."""
    server = serve()
    with Client(key, server.url) as made:
        made.server = server
        yield made


def pools_of(client):
    """Return the bookkeeping of all pools of an async client."""
    return [
        made._transport._pool._book for made, *_ in client._session.sender.get()._clients.values()
    ]


def test_64_threads_share_a_client_from_its_first_use(client, paint):
    """Each gets its own answer, and there are no more connections than threads."""
    client.server.gate.clear()
    with ThreadPoolExecutor(64) as threads:
        calls = [threads.submit(client.submit, paint) for _ in range(64)]
        client.server.wait_for_requests(64)
        client.server.gate.set()
        found = {call.result(PATIENCE).id for call in calls}
        again = [threads.submit(client.submit, paint) for _ in range(256)]
        assert 256 == sum(call.result(PATIENCE).id == "pred_1" for call in again)

    assert {"pred_1"} == found
    assert 64 == client.server.most


def test_more_threads_than_connections(client, paint):
    """Those beyond the limit wait for a place, and all get through."""
    client.server.gate.clear()
    with ThreadPoolExecutor(MAX_CONNECTIONS + 20) as threads:
        calls = [threads.submit(client.submit, paint) for _ in range(MAX_CONNECTIONS + 20)]
        client.server.wait_for_requests(MAX_CONNECTIONS)
        client.server.gate.set()
        assert all(call.result(PATIENCE).id == "pred_1" for call in calls)

    assert MAX_CONNECTIONS == client.server.most == client.server.opened


def test_more_tasks_than_connections(serve, key, paint):
    """The same for tasks: 300 at once over the connections that there may be."""
    server = serve()
    server.gate.clear()

    async def main():
        async with AsyncClient(key, server.url) as client:
            tasks = [asyncio.ensure_future(client.submit(paint)) for _ in range(300)]
            await asyncio.to_thread(server.wait_for_requests, MAX_CONNECTIONS)
            server.gate.set()
            found = await asyncio.gather(*tasks)
            # Each place was given back, or nobody got through a second time.
            return found + await asyncio.gather(*(client.submit(paint) for _ in range(300)))

    assert 600 == len(asyncio.run(main()))
    assert MAX_CONNECTIONS == server.most == server.opened
    server.wait_for_ends(MAX_CONNECTIONS)


class Narrow:
    """Senders with a single connection, to be waited for at most as long as said."""

    def __init__(self, server, options):
        self.options = options
        self.server = server
        self.sync = SyncSender(None)
        self.sync._client._transport._pool._book.limit = 1
        self.asynchronous = AsyncSender(None)

    def request(self, path, pool=PATIENCE):
        timeout = httpx.Timeout(PATIENCE, pool=pool)
        return HttpRequest("POST", f"{self.server.url}/{path}", body=b"{}", timeout=timeout)

    def send(self, *arguments):
        return self.sync.send(self.request(*arguments), self.options)

    async def send_async(self, *arguments):
        await self.asynchronous._of_this_loop()
        [(client, *_)] = self.asynchronous._clients.values()
        client._transport._pool._book.limit = 1
        return await self.asynchronous.send(self.request(*arguments), self.options)

    def paths(self):
        return [request.rpartition("/")[2] for request in self.server.requests]


@pytest.fixture
def narrow(serve, options):
    made = Narrow(serve(), options)
    made.server.gate.clear()
    yield made
    made.sync.close()


def check_pool_timeout(outcome):
    assert isinstance(outcome, TransportFailure)
    assert "unsent" == outcome.kind
    assert (
        "PoolTimeout: all 1 connections were in use, and none became free within 0.01 s"
        == outcome.text
    )


def test_a_thread_that_waits_in_vain(narrow):
    """No free connection in time is a request that was not sent; the next one is served."""
    with ThreadPoolExecutor() as threads:
        first = threads.submit(narrow.send, "first")
        narrow.server.wait_for_requests(1)
        check_pool_timeout(narrow.send("vain", 0.01))
        narrow.server.gate.set()

        assert 200 == first.result(PATIENCE).status
    assert 200 == narrow.send("last").status
    assert ["first", "last"] == narrow.paths()


def test_a_task_that_waits_in_vain(narrow):
    """The same for a task."""

    async def main():
        first = asyncio.ensure_future(narrow.send_async("first"))
        await asyncio.to_thread(narrow.server.wait_for_requests, 1)
        check_pool_timeout(await narrow.send_async("vain", 0.01))
        narrow.server.gate.set()
        assert 200 == (await first).status
        assert 200 == (await narrow.send_async("last")).status

    asyncio.run(main())
    assert ["first", "last"] == narrow.paths()


def test_tasks_are_served_in_their_order(narrow):
    """Whoever has waited longest is next, also before one that comes just then."""

    async def main():
        tasks = [asyncio.ensure_future(narrow.send_async(str(n))) for n in range(20)]
        await asyncio.to_thread(narrow.server.wait_for_requests, 1)
        narrow.server.gate.set()
        await asyncio.gather(*tasks)

    asyncio.run(main())
    assert list(map(str, range(20))) == narrow.paths()
    assert 1 == narrow.server.opened


def test_a_cancelled_task_gives_its_connection_up(narrow):
    """Nobody else may read the answer that is still to come on it."""

    async def main():
        task = asyncio.ensure_future(narrow.send_async("cancelled"))
        await asyncio.to_thread(narrow.server.wait_for_requests, 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        narrow.server.gate.set()
        await asyncio.to_thread(narrow.server.wait_for_ends, 1)
        assert 200 == (await narrow.send_async("next")).status

    asyncio.run(main())
    assert 2 == narrow.server.opened
    narrow.server.wait_for_ends(1)


def test_a_scope_that_is_cancelled_gives_its_connection_up(narrow):
    """anyio cancels again and again until the scope is left; the connection is closed all the same.

    Half of the answer has come by then.
    """
    half = threading.Event()

    def begin(connection):
        connection.sendall(answer()[:-10])
        half.set()
        return connection.recv(1) != b""

    narrow.server.answers = [begin, answer()]
    narrow.server.gate.set()

    async def main():
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as group:
                group.start_soon(narrow.send_async, "cancelled")
                await asyncio.to_thread(half.wait, PATIENCE)
                scope.cancel()
        await asyncio.to_thread(narrow.server.wait_for_ends, 1)
        assert 200 == (await narrow.send_async("next")).status

    asyncio.run(main())
    assert ["cancelled", "next"] == narrow.paths()


def test_a_task_that_is_cancelled_while_it_waits(narrow):
    """It is no longer waited on, and whoever comes after it is served."""

    async def main():
        first = asyncio.ensure_future(narrow.send_async("first"))
        await asyncio.to_thread(narrow.server.wait_for_requests, 1)
        waiting = [asyncio.ensure_future(narrow.send_async(name)) for name in ("second", "third")]
        await asyncio.sleep(0)
        waiting[0].cancel()
        narrow.server.gate.set()
        outcomes = await asyncio.gather(first, *waiting, return_exceptions=True)
        assert isinstance(outcomes[1], asyncio.CancelledError)
        assert [200, 200] == [outcomes[0].status, outcomes[2].status]

    asyncio.run(main())
    assert ["first", "third"] == narrow.paths()


def test_a_place_that_comes_with_the_cancellation_is_passed_on(serve):
    """The answer before frees the place in the very round in which its next owner is cancelled."""
    url = serve().url

    async def main():
        pooled = AsyncPooledTransport(tls_context(), 1)
        book = pooled._pool._book
        async with httpx.AsyncClient(transport=pooled) as client:
            first = await client.send(client.build_request("GET", url), stream=True)
            waiting = [asyncio.ensure_future(client.get(url)) for _ in range(2)]
            for _ in range(5):
                await asyncio.sleep(0)
            assert 2 == len(book.waiting)
            await first.aclose()
            waiting[0].cancel()
            outcomes = await asyncio.gather(*waiting, return_exceptions=True)
            assert isinstance(outcomes[0], asyncio.CancelledError)
            assert 200 == outcomes[1].status_code
            assert 0 == len(book.used)

    asyncio.run(main())


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_submit_that_is_cancelled_anywhere(serve, key, paint, host):
    """Cancelled after any number of steps, a submit leaves no socket, task or place behind."""
    server = serve()

    async def cancelled_after(client, steps):
        call = asyncio.create_task(client.submit(paint))
        for _ in range(steps):
            await asyncio.sleep(0)
        call.cancel()
        await asyncio.wait([call])
        ended = not call.cancelled()
        await asyncio.sleep(0)  # asyncio closes a socket in the next round of the loop

        assert 1 == len(asyncio.all_tasks())
        return ended

    async def main():
        steps, ended = 0, 0
        while ended < 3 and steps < 100_000:
            async with AsyncClient(key, f"http://{host}:{server.port}") as client:
                ended += await cancelled_after(client, steps)
                assert all(0 == len(pool.used) for pool in pools_of(client))
            # Each step of the first hundred; then fewer, since a busy machine needs many.
            steps += 1 + steps // 100
        return ended

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")

        assert 3 == asyncio.run(main())
        gc.collect()
    assert [] == [str(each.message) for each in caught]


def test_a_cancelled_wait_for_a_result_leaves_nothing_open(serve, key, paint):
    """The handle's own wait, cancelled in the middle of a poll."""
    processing = PREDICTION.replace(b"created", b"processing")
    server = serve(answer(), answer(processing))

    async def main():
        async with AsyncClient(key, server.url) as client:
            prediction = await client.submit(paint)
            server.wait_for_requests(1)
            server.gate.clear()
            task = asyncio.ensure_future(prediction.wait())
            await asyncio.to_thread(server.wait_for_requests, 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            server.gate.set()
            await asyncio.to_thread(server.wait_for_ends, 1)
            assert "processing" == (await prediction.refresh()).status
            assert (2, 1) == (server.opened, server.open)
        return [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]

    assert [] == asyncio.run(main())


def test_closing_lets_a_call_in_another_thread_finish(client, paint):
    """What was sent is answered; nothing is sent after."""
    client.server.gate.clear()
    with ThreadPoolExecutor() as threads:
        call = threads.submit(client.submit, paint)
        client.server.wait_for_requests(1)
        client.close()
        client.server.gate.set()

        assert "pred_1" == call.result(PATIENCE).id
    client.server.wait_for_ends(1)
    with pytest.raises(ClientClosedError):
        client.submit(paint)


def test_closing_tells_those_who_wait(narrow):
    """Threads and tasks that have no connection yet were not sent, and say so."""
    with ThreadPoolExecutor() as threads:
        first = threads.submit(narrow.send, "first")
        narrow.server.wait_for_requests(1)
        waiting = threads.submit(narrow.send, "second")
        book = narrow.sync._client._transport._pool._book
        while not book.waiting:
            time.sleep(0)  # lets the other thread run, without waiting
        narrow.sync.close()
        with pytest.raises(ClientClosedError):
            waiting.result(PATIENCE)
        narrow.server.gate.set()
        assert 200 == first.result(PATIENCE).status

    assert ["first"] == narrow.paths()


def test_closing_tells_the_tasks_that_wait(narrow):
    """And the task whose request is under way ends as it would have."""

    async def main():
        first = asyncio.ensure_future(narrow.send_async("first"))
        await asyncio.to_thread(narrow.server.wait_for_requests, 1)
        waiting = asyncio.ensure_future(narrow.send_async("second"))
        await asyncio.sleep(0)
        await narrow.asynchronous.aclose()
        with pytest.raises(ClientClosedError):
            await waiting
        narrow.server.gate.set()
        assert 200 == (await first).status

    asyncio.run(main())
    assert ["first"] == narrow.paths()
    narrow.server.wait_for_ends(1)


def test_every_loop_closes_its_connections(serve, key, paint):
    """One client in a loop after the other, without closing it, leaves no connection behind."""
    server = serve()
    client = AsyncClient(key, server.url)

    async def main():
        await asyncio.gather(*(client.submit(paint) for _ in range(5)))

    for _ in range(3):
        asyncio.run(main())
        server.wait_for_ends(5)
    assert 15 == server.opened


def test_loops_at_once(serve, key, paint):
    """Loops in eight threads use one client at once."""
    server = serve()
    client = AsyncClient(key, server.url)
    meet = threading.Barrier(8)

    async def main():
        meet.wait(PATIENCE)
        return await asyncio.gather(*(client.submit(paint) for _ in range(8)))

    with ThreadPoolExecutor(8) as threads:
        calls = [threads.submit(asyncio.run, main()) for _ in range(8)]
        assert 64 == sum(len(call.result(PATIENCE)) for call in calls)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.parametrize("http_client", [None, httpx.AsyncClient()], ids=["own", "injected"])
def test_no_loop_of_asyncio(serve, key, paint, http_client):
    """Under another event loop than asyncio's, the error says so, and nothing is sent."""
    server = serve()
    call = AsyncClient(key, server.url, http_client=http_client).submit(paint)
    with pytest.raises(ConfigurationError, match="event loop of asyncio"):
        call.send(None)

    assert 0 == server.opened


def test_nothing_is_left_open_at_the_end(serve, key):
    """A program that closes no client, as with the shared one, ends without a ResourceWarning."""
    program = """
        from get3w_core import set_default_client
        from get3w_models import submit_flux_dev
        for _ in range(2):
            submit_flux_dev("a lighthouse")
            set_default_client(None)
        submit_flux_dev("a lighthouse")
    """
    environment = {**os.environ, "GET3W_API_KEY": key, "GET3W_BASE_URL": serve().url}
    done = subprocess.run(
        [sys.executable, "-X", "dev", "-c", textwrap.dedent(program)],
        env=environment,
        capture_output=True,
        timeout=PATIENCE,
        check=True,
    )

    assert b"" == done.stderr


def test_a_forked_child_opens_its_own_connection(serve, key):
    """Parent and child go on with the same client, and their answers never mix."""
    server = serve()
    code = f"""
        import os, signal
        from get3w_core import Client
        client = Client({key!r}, {server.url!r})
        first = client.prediction("pred_1").id
        child = os.fork()
        signal.alarm({PATIENCE})
        for _ in range(20):
            client.prediction("pred_1")
        if child == 0:
            os._exit(0)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status))
        client.close()
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert "0\n" == done.stdout, done.stderr
    assert 41 == len(server.requests)
    assert 2 == server.opened


def test_proxies_of_the_environment_are_used(serve, key, paint, monkeypatch):
    """With a proxy, httpx's own client sends, which knows all about them."""
    proxy = serve()
    monkeypatch.setenv("HTTP_PROXY", proxy.url)
    with Client(key, "http://api.example.test") as client:
        client.submit(paint)

    async def main():
        async with AsyncClient(key, "http://api.example.test") as client:
            await client.submit(paint)

    asyncio.run(main())
    assert ["POST http://api.example.test/api/v3/get3w/paint"] * 2 == proxy.requests


@pytest.mark.parametrize("variable", ["HTTPS_PROXY", "SSL_CERT_FILE"])
def test_an_environment_that_cannot_be_used(serve, key, paint, monkeypatch, variable):
    """Nothing is sent, and the error is ours."""
    server = serve()
    monkeypatch.setenv(variable, "nonsense://nowhere")
    with Client(key, server.url) as client, pytest.raises(Get3WError, match="Nothing was sent"):
        client.submit(paint)

    assert [] == server.requests


def test_opentelemetry_sees_every_request(serve, key, paint):
    """Its instrumentation of httpx works as it is."""
    instrumentation = pytest.importorskip("opentelemetry.instrumentation.httpx")
    trace = pytest.importorskip("opentelemetry.sdk.trace")
    export = pytest.importorskip("opentelemetry.sdk.trace.export")
    memory = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
    spans = memory.InMemorySpanExporter()
    provider = trace.TracerProvider()
    provider.add_span_processor(export.SimpleSpanProcessor(spans))
    server = serve()
    instrumentor = instrumentation.HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    try:
        with Client(key, server.url) as client:
            client.submit(paint)

        async def main():
            async with AsyncClient(key, server.url) as client:
                await client.submit(paint)

        asyncio.run(main())
    finally:
        instrumentor.uninstrument()

    assert ["POST", "POST"] == [span.name for span in spans.get_finished_spans()]
    assert all(b"traceparent: " in piece.lower() for piece in server.pieces)
    assert key not in "".join(span.to_json() for span in spans.get_finished_spans())
