"""Clients in real programs: threads, forks, event loops, closing, sharing."""

import asyncio
import gc
import os
import subprocess
import sys
import textwrap
import threading
import time

import httpx
import pytest
from get3w_core import (
    AsyncClient,
    AsyncPrediction,
    Client,
    ClientClosedError,
    ConfigurationError,
    ConnectionFailedError,
    Get3WError,
    Prediction,
    SubmitOutcomeUnknownError,
    default_async_client,
    default_client,
    set_default_client,
    submit,
    submit_async,
)
from get3w_core._common.once import Lazily


def test_closed_client_says_so(side, script, ok, paint):
    """After closing, a call raises our own error and sends nothing."""
    server = script(ok())
    client = side.client(server)
    prediction = side.run(client.submit(paint))
    side.run(client.close() if side.name == "sync" else client.aclose())
    for call in (lambda: client.submit(paint), lambda: client.balance(), prediction.refresh):
        with pytest.raises(ClientClosedError):
            side.run(call())

    with pytest.raises(ClientClosedError) as caught:
        side.run(prediction.wait())
    assert "pred_1" == caught.value.prediction_id
    assert 1 == len(server.requests)


def test_context_managers_close(script, ok, paint, key):
    """Leaving the block closes the client, and not an injected connection pool."""
    http_client = httpx.Client(transport=httpx.MockTransport(script(ok())))
    with Client(key, http_client=http_client) as client:
        client.submit(paint)

    async def main():
        async with AsyncClient(key) as other:
            pass
        return other

    assert client.is_closed
    assert not http_client.is_closed
    assert asyncio.run(main()).is_closed


def test_an_injected_client_that_was_closed(script, ok, paint, key):
    """A closed `http_client` is reported as a closed client."""
    http_client = httpx.Client(transport=httpx.MockTransport(script(ok())))
    http_client.close()
    with pytest.raises(ClientClosedError):
        Client(key, http_client=http_client).submit(paint)


def test_errors_of_the_sender_name_the_prediction(side, script, ok, paint):
    """What is raised while sending passes through the flow, which adds the id."""
    client = side.client(script(ok()))
    prediction = side.run(client.submit(paint))
    http_client = (
        client._session.sender.get()._client
        if side.name == "sync"
        else (client._session.sender.get()._injected)
    )
    if side.name == "sync":
        http_client.close()
    else:
        asyncio.run(http_client.aclose())
    with pytest.raises(ClientClosedError) as caught:
        side.run(prediction.refresh())

    assert "pred_1" == caught.value.prediction_id


@pytest.mark.parametrize("kind", [httpx.ConnectError, httpx.PoolTimeout, httpx.InvalidURL])
def test_a_hook_of_httpx_that_fails(script, ok, paint, key, kind):
    """What a hook for answers cannot reach says nothing of the submit: it is not sent again."""
    server = script(ok())

    def report(response):
        raise kind("nobody collects metrics here")

    async def report_async(response):
        report(response)

    http_client = httpx.Client(
        transport=httpx.MockTransport(server), event_hooks={"response": [report]}
    )
    with pytest.raises(SubmitOutcomeUnknownError, match="metrics"):
        Client(key, http_client=http_client).submit(paint)

    async def main():
        async with httpx.AsyncClient(
            transport=httpx.MockTransport(server.answer), event_hooks={"response": [report_async]}
        ) as http_client:
            await AsyncClient(key, http_client=http_client).submit(paint)

    with pytest.raises(SubmitOutcomeUnknownError, match="metrics"):
        asyncio.run(main())

    assert 2 == server.posts


def test_wrong_kind_of_http_client(key, paint):
    """A sync pool in an async client, or the reverse, is refused clearly."""
    with pytest.raises(ConfigurationError, match=r"httpx\.Client"):
        Client(key, http_client=httpx.AsyncClient()).submit(paint)


def test_derived_clients_share_the_connections(script, ok, paint, key):
    """Closing a derived client leaves the first open; closing the first closes both."""
    server = script(ok())
    first = Client(key, http_client=httpx.Client(transport=httpx.MockTransport(server)))
    derived = first.with_options(surface="v1")
    derived.submit(paint)
    derived.close()
    first.submit(paint)
    another = first.with_options(timeout=1).with_options(timeout=2)
    first.close()

    assert ["/v1/get3w/paint", "/api/v3/get3w/paint"] == server.paths
    with pytest.raises(ClientClosedError):
        derived.submit(paint)
    with pytest.raises(ClientClosedError):
        another.submit(paint)


def test_first_use_from_64_threads_makes_one():
    """However many threads come first, the content is made once."""
    made = []
    start = threading.Barrier(64)
    seen = []

    def make():
        made.append(1)
        for _ in range(200):
            time.sleep(0)  # lets the others run, without waiting
        return object()

    box = Lazily(make)

    def use():
        start.wait()
        seen.append(box.get())

    threads = [threading.Thread(target=use) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [1] == made
    assert 1 == len(set(map(id, seen)))


def test_a_closed_box_makes_nothing():
    """A call that passes the check just before another thread closes opens nothing new."""
    box = Lazily(object)
    first = box.get()

    assert first is box.close()
    assert box.close() is None
    with pytest.raises(ClientClosedError):
        box.get()


def test_default_client_from_64_threads_is_one(monkeypatch, key):
    """All threads get the same default client."""
    monkeypatch.setenv("GET3W_API_KEY", key)
    start = threading.Barrier(64)
    seen = []

    def use():
        start.wait()
        seen.append(default_client())

    threads = [threading.Thread(target=use) for _ in range(64)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 64 == len(seen)
    assert {id(default_client())} == set(map(id, seen))


def test_submit_uses_the_default_client(script, ok, paint, key):
    """The module functions use the shared client, or the one they are given."""
    server, other = script(ok()), script(ok())
    set_default_client(Client(key, http_client=httpx.Client(transport=httpx.MockTransport(server))))
    submit(paint)
    submit(
        paint, client=Client(key, http_client=httpx.Client(transport=httpx.MockTransport(other)))
    )

    assert (1, 1) == (server.posts, other.posts)


def test_submit_async_uses_the_default_async_client(script, ok, paint, key):
    """The async function uses the shared async client, in one loop after another."""
    server = script(ok())
    http_client = httpx.AsyncClient(transport=httpx.MockTransport(server))
    set_default_client(AsyncClient(key, http_client=http_client))
    for _ in range(2):
        asyncio.run(submit_async(paint))

    assert 2 == server.posts


def test_default_client_without_a_key_is_made_anew(monkeypatch, key):
    """A key that is put into the environment later is found."""
    assert default_client()._session.options.api_key is None
    monkeypatch.setenv("GET3W_API_KEY", key)

    assert default_client()._session.options.api_key is not None
    assert default_async_client()._session.options.api_key is not None
    assert default_client() is default_client()


def test_default_client_that_was_closed_is_made_anew(monkeypatch, key):
    """Closing the shared client does not break the module functions."""
    monkeypatch.setenv("GET3W_API_KEY", key)
    first = default_client()
    first.close()

    assert not default_client().is_closed


def test_each_event_loop_has_its_own_connections(key):
    """Several calls of `asyncio.run` use several pools, and each is closed with its loop."""
    client = AsyncClient(key, "http://127.0.0.1:9", max_retries=0)
    pools = []

    async def main():
        with pytest.raises(ConnectionFailedError, match="balance"):
            await client.balance()
        transport = client._session.sender.get()
        pools.extend(known for known, *_ in transport._clients.values())
        assert 1 == len(transport._clients)

    for _ in range(3):
        asyncio.run(main())
    gc.collect()

    assert 3 == len(set(map(id, pools)))
    assert all(pool.is_closed for pool in pools)
    assert 0 == len(client._session.sender.get()._clients)


def test_a_loop_that_ends_without_notice_is_forgotten(key):
    """A loop that is only closed does not keep its pool in the client for ever."""
    client = AsyncClient(key, "http://127.0.0.1:9", max_retries=0)

    async def main():
        with pytest.raises(ConnectionFailedError):
            await client.balance()

    for _ in range(3):
        loop = asyncio.new_event_loop()
        loop.run_until_complete(main())
        loop.close()

    assert 1 == len(client._session.sender.get()._clients)


def test_event_loops_at_once(script, ok, paint, key):
    """Two loops in two threads use one client at once."""
    client = AsyncClient(key, "http://127.0.0.1:9", max_retries=0)
    errors = []
    meet = threading.Barrier(2)

    async def main():
        meet.wait()
        try:
            await client.balance()
        except Get3WError as error:
            errors.append(type(error).__name__)

    threads = [threading.Thread(target=lambda: asyncio.run(main())) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert ["ConnectionFailedError"] * 2 == errors


def test_async_close_closes_the_pool(key):
    """`aclose` closes what was opened in this loop."""

    async def main():
        client = AsyncClient(key, "http://127.0.0.1:9", max_retries=0)
        with pytest.raises(ConnectionFailedError, match="balance"):
            await client.balance()
        [(pool, *_)] = client._session.sender.get()._clients.values()
        await client.aclose()
        return pool

    assert asyncio.run(main()).is_closed


def test_cancelled_wait_leaves_the_handle_usable(script, ok, paint, key):
    """A wait that is cancelled can be taken up again, without another submit."""
    server = script(ok(), *[ok("processing")] * 3, ok("completed"))

    async def main():
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(server))
        client = AsyncClient(key, http_client=http_client)
        prediction = await client.submit(paint)
        task = asyncio.ensure_future(prediction.wait())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return await prediction.refresh()

    assert "processing" == asyncio.run(main()).status
    assert 1 == server.posts


def test_an_update_that_raises_stops_the_wait(side, script, ok, paint):
    """What the caller's own function raises comes through as it is."""
    prediction = side.run(side.client(script(ok())).submit(paint))
    with pytest.raises(ZeroDivisionError):
        side.run(prediction.wait(on_update=lambda handle: 1 / 0))


def run(code, **environment):
    """Run *code* in a fresh interpreter and return what it printed."""
    paths = os.pathsep.join(path for path in sys.path if path)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        env={**os.environ, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert 0 == done.returncode, done.stderr
    return done.stdout.split()


SLOW_MODULES = """
    import sys
    slow = ("httpx httpcore anyio h11 ssl asyncio http.client email urllib.request "
            "importlib.metadata logging").split()
    print(*[name for name in slow if name in sys.modules])
"""


@pytest.mark.parametrize(
    "module",
    ["client.sync", "client.aio", "client.default", "client.prediction", "errors", "flow.options"],
)
def test_imports_stay_light(module):
    """Importing a module, and making a client, loads neither httpx nor asyncio nor logging."""
    code = f"import get3w_core.{module}\nfrom get3w_core.client.sync import Client\nClient()\n"

    assert [] == run(code + textwrap.dedent(SLOW_MODULES))


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_fork_starts_anew():
    """A child makes its own connections, also if the parent's lock was held at the fork."""
    code = """
        import os, signal
        from get3w_core.client.default import default_client, default_async_client
        from get3w_core.client.shared import SYNC, ASYNC
        client = default_client()
        before = client._session.sender.get()
        client._session.sender._lock.acquire()
        SYNC.lock.acquire()
        ASYNC.lock.acquire()
        child = os.fork()
        if child == 0:
            signal.alarm(20)
            fresh = client._session.sender.get() is not before
            default_async_client()
            os._exit(0 if fresh and default_client() is client else 1)
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), client._session.sender._content is before)
    """

    assert ["0", "True"] == run(code, GET3W_API_KEY="sk-0123456789")


CLIENT = """
balance base_url billings delete get_result is_closed iter_billings models prediction reconcile
submit upload usage with_options
""".split()
HANDLE = """
code completed_at created_at data delete done download error estimated_duration from_delivery
from_json id
model output_text output_urls outputs refresh status timings to_json urls wait
""".split()


@pytest.mark.parametrize(
    ("kind", "members"),
    [
        (Client, [*CLIENT, "close"]),
        (AsyncClient, [*CLIENT, "aclose"]),
        (Prediction, HANDLE),
        (AsyncPrediction, HANDLE),
    ],
)
def test_completion_offers_what_users_need(kind, members):
    """What an editor offers after a dot is for users: nothing of the machinery stands among it."""
    assert sorted(members) == [name for name in dir(kind) if not name.startswith("_")]
