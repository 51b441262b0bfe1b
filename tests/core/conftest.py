"""A scripted server, a clock that never waits, and both clients behind one fixture."""

import asyncio
import inspect
import json
from contextlib import ExitStack

import get3w_core
import httpx
import pytest
from get3w_core import AsyncClient, Client, ModelInfo, ModelRequest
from get3w_core.client.default import set_default_client
from get3w_core.client.session import AsyncSession, Session
from get3w_core.flow.context import Context
from get3w_core.flow.driver import run_async, run_sync
from get3w_core.flow.effects import TransportFailure
from get3w_core.flow.options import ClientOptions
from get3w_core.request.values.types import Integer, Media, Omittable

from .loopback import Server

KEY = "sk-marker-0123456789"
ORIGIN = "https://api.get3w.com"


class PaintRequest(ModelRequest):
    """The input of a model that exists only here."""

    __model__ = ModelInfo("get3w/paint")

    prompt: str
    width: Omittable[Integer] = None
    image: Omittable[Media] = None
    images: Omittable[list[Media]] = None


class RumourRequest(ModelRequest):
    """The input of a model that Get3W does not document."""

    __model__ = ModelInfo("rumour/paint", documented=False)

    prompt: str


class FlatRequest(ModelRequest):
    """The input of a model that is documented on v1 only."""

    __model__ = ModelInfo("google/flat/text-to-image", surface="v1")

    prompt: str


class Script:
    """Answers requests one by one; the last answer is repeated."""

    def __init__(self, *answers):
        self.answers = list(answers)
        self.requests = []

    def __call__(self, request):
        self.requests.append(request)
        answer = self.answers[min(len(self.requests), len(self.answers)) - 1]
        if callable(answer) and not isinstance(answer, type):
            answer = answer(request)
        if isinstance(answer, Exception):
            raise answer
        if isinstance(answer, type):
            raise answer("scripted")
        # A response can be read once, and the last answer is given again and again.
        return httpx.Response(answer.status_code, headers=answer.headers, stream=answer.stream)

    async def answer(self, request):
        """Answer an async client, whose body has to be read first."""
        await request.aread()
        return self(request)

    @property
    def posts(self):
        """How many requests were submits."""
        return sum(request.method == "POST" for request in self.requests)

    @property
    def paths(self):
        return [request.url.raw_path.decode() for request in self.requests]

    def body(self, index=0):
        return json.loads(self.requests[index].content)


class Clock:
    """Time that passes when somebody sleeps."""

    def __init__(self):
        self.now = 1000.0
        self.pauses = []

    def context(self, options):
        return Context(options, lambda: self.now, lambda: 0.5, lambda: self.now)

    def sleep(self, seconds):
        self.pauses.append(seconds)
        self.now += seconds

    async def asleep(self, seconds):
        self.sleep(seconds)


UNSENT = ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol")


def with_evidence(outcome):
    """Take the word of a scripted error that nothing was sent, as it is not of other transports.

    What counts as evidence has tests of its own, over real connections.
    """
    if isinstance(outcome, TransportFailure) and outcome.text.startswith(UNSENT):
        permanent = outcome.text.startswith("UnsupportedProtocol")
        return TransportFailure("unsent", outcome.text, permanent=permanent)
    return outcome


class SyncSide:
    """The sync client on a virtual clock."""

    name = "sync"

    def __init__(self):
        self.clock = Clock()

    def client(self, script, **options):
        clock = self.clock

        class VirtualSession(Session):
            def context(self, *, keyed=True):
                super().context(keyed=keyed)
                return clock.context(self.options)

            def run(self, flow):
                return run_sync(flow, self.send, clock.sleep)

            def send(self, request):
                return with_evidence(super().send(request))

        resolved = ClientOptions.resolve(**{"api_key": KEY, "base_url": ORIGIN, **options})
        transport = httpx.MockTransport(script)
        return Client._over(VirtualSession(resolved, httpx.Client(transport=transport)))

    def run(self, result):
        assert not inspect.iscoroutine(result)
        return result

    def collect(self, iterator):
        """Return everything that an iterator of this client yields."""
        return list(iterator)

    def many(self, name, *arguments, **options):
        """Call a function of the package that has an async twin."""
        return getattr(get3w_core, name)(*arguments, **options)


class AsyncSide:
    """The async client on a virtual clock."""

    name = "async"

    def __init__(self):
        self.clock = Clock()

    def client(self, script, **options):
        clock = self.clock

        class VirtualSession(AsyncSession):
            def context(self, *, keyed=True):
                super().context(keyed=keyed)
                return clock.context(self.options)

            async def run(self, flow):
                return await run_async(flow, self.send, clock.asleep)

            async def send(self, request):
                return with_evidence(await super().send(request))

        resolved = ClientOptions.resolve(**{"api_key": KEY, "base_url": ORIGIN, **options})
        transport = httpx.MockTransport(script.answer)
        return AsyncClient._over(VirtualSession(resolved, httpx.AsyncClient(transport=transport)))

    def run(self, result):
        assert inspect.iscoroutine(result)

        async def settle():
            return await result

        return asyncio.run(settle())

    def collect(self, iterator):
        async def drain():
            return [item async for item in iterator]

        return asyncio.run(drain())

    def many(self, name, *arguments, **options):
        return getattr(get3w_core, f"{name}_async")(*arguments, **options)


@pytest.fixture(params=[SyncSide, AsyncSide], ids=["sync", "async"])
def side(request):
    """Each of the two clients in turn."""
    return request.param()


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch):
    """Keep the machine's own settings and the shared clients out."""
    monkeypatch.delenv("GET3W_API_KEY", raising=False)
    monkeypatch.delenv("GET3W_BASE_URL", raising=False)
    yield
    set_default_client(None)


@pytest.fixture
def serve():
    """Start servers that are closed after the test."""
    with ExitStack() as stack:

        def start(*answers, **options):
            server = Server(*answers, **options)
            stack.callback(server.close)
            return server

        yield start


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def script():
    """Make a scripted server."""
    return Script


@pytest.fixture
def paint():
    return PaintRequest(prompt="a lighthouse")


@pytest.fixture
def Paint():
    return PaintRequest


@pytest.fixture
def rumour():
    return RumourRequest(prompt="a lighthouse")


@pytest.fixture
def flat():
    return FlatRequest(prompt="a lighthouse")


@pytest.fixture
def key():
    return KEY


@pytest.fixture
def origin():
    return ORIGIN


@pytest.fixture
def options():
    return ClientOptions.resolve(api_key=KEY, base_url=ORIGIN)


@pytest.fixture
def ok():
    """Make a v3 answer that holds a prediction."""

    def answer(status="created", headers=None, **fields):
        data = {"id": "pred_1", "status": status, **fields}
        body = {"code": 200, "message": "success", "data": data}
        # Plain ASCII, so that a test can send a lone surrogate.
        return httpx.Response(200, content=json.dumps(body).encode(), headers=headers)

    return answer


@pytest.fixture
def data():
    """Make a v3 answer that holds anything."""

    def answer(value, status=200):
        body = {"code": status, "message": "success", "data": value}
        return httpx.Response(status, json=body)

    return answer


@pytest.fixture
def error():
    """Make a v3 answer that is an error."""

    def answer(status, message="no", headers=None, **fields):
        body = {"code": status, "message": message, "data": None, **fields}
        return httpx.Response(status, json=body, headers=headers)

    return answer
