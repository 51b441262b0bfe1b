"""An emulator, and both forms of `submit_all` behind one fixture."""

import asyncio
import contextlib
import signal
import threading

import httpx
import pytest
from get3w_core import (
    AsyncClient,
    Client,
    Get3WError,
    partial_results,
    set_default_client,
    submit_all,
    submit_all_async,
)
from get3w_emulator import running


class SyncSide:
    """`submit_all`, interrupted by Ctrl-C."""

    name = "sync"
    interruption = KeyboardInterrupt

    def run(self, requests, *, transport=None, url="http://get3w.test", options=None, **arguments):
        """Submit all with a client of its own; a transport stands for the server if it is given."""
        inner = None if transport is None else httpx.Client(transport=transport)
        with Client("test-key", url, http_client=inner, **(options or {})) as client:
            return submit_all(requests, client=client, **arguments)

    def interrupt(self):
        signal.raise_signal(signal.SIGINT)


class AsyncSide:
    """`submit_all_async`, interrupted by cancelling it."""

    name = "async"
    interruption = asyncio.CancelledError

    def run(self, requests, *, transport=None, url="http://get3w.test", options=None, **arguments):
        async def main():
            self.task, self.loop = asyncio.current_task(), asyncio.get_running_loop()
            inner = None if transport is None else httpx.AsyncClient(transport=transport)
            async with AsyncClient("test-key", url, http_client=inner, **(options or {})) as client:
                return await submit_all_async(requests, client=client, **arguments)

        return asyncio.run(main())

    def interrupt(self):
        self.loop.call_soon_threadsafe(self.task.cancel)


@pytest.fixture(params=[SyncSide, AsyncSide], ids=["sync", "async"])
def side(request):
    """Each of the two forms in turn."""
    return request.param()


@pytest.fixture(scope="session")
def _emulator():
    with running(image_seconds=0) as emulator:
        yield emulator


@pytest.fixture
def emulator(_emulator):
    """An emulator that has seen nothing."""
    _emulator.reset()
    return _emulator


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    """Keep the machine's own settings and the shared clients out."""
    monkeypatch.delenv("GET3W_API_KEY", raising=False)
    monkeypatch.delenv("GET3W_BASE_URL", raising=False)
    yield
    set_default_client(None)


@pytest.fixture
def attempt(side):
    """Submit all, and return the results, and what ended the call early, if anything did."""

    def attempt(requests, **arguments):
        try:
            return side.run(requests, **arguments), None
        except BaseException as stop:  # noqa: BLE001 - what ended it is looked at by the test
            return partial_results(stop), stop

    return attempt


@pytest.fixture
def is_error():
    """Tell an error among results."""
    return lambda result: isinstance(result, Get3WError)


class Gate(httpx.MockTransport):
    """A server that answers as it is told, and counts the calls that it has at once."""

    def __init__(self, answer):
        super().__init__(None)
        self._answer = answer
        self._lock = threading.Lock()
        self.calls = 0
        self.at_once = 0
        self.most = 0

    def _begin(self):
        with self._lock:
            self.calls += 1
            self.at_once += 1
            self.most = max(self.most, self.at_once)
            return self.calls

    def _end(self):
        with self._lock:
            self.at_once -= 1

    def handle_request(self, request):
        request.read()
        try:
            return self._answer(self._begin(), request)
        finally:
            self._end()

    async def handle_async_request(self, request):
        await request.aread()
        number = self._begin()
        try:
            loop = asyncio.get_running_loop()
            future = loop.create_future()

            def answer():
                response = self._answer(number, request)
                with contextlib.suppress(RuntimeError):  # the loop was closed meanwhile
                    loop.call_soon_threadsafe(lambda: future.done() or future.set_result(response))

            # A thread of the loop's own would keep `asyncio.run` from ending.
            threading.Thread(target=answer, daemon=True).start()
            return await future
        finally:
            self._end()


@pytest.fixture
def gate():
    """Make a server of a function of the number of the call and the request."""
    return Gate


@pytest.fixture
def accepted():
    """Make the answer to a submit that was accepted."""

    def accepted(number):
        data = {"id": f"pred_{number}", "status": "created"}
        return httpx.Response(200, json={"code": 200, "message": "success", "data": data})

    return accepted


@pytest.fixture
def refused():
    """Make the answer to a submit that was refused for a moment."""

    def refused(seconds=0.01):
        body = {"code": 429, "message": "Too many", "data": None}
        return httpx.Response(429, json=body, headers={"retry-after": str(seconds)})

    return refused
