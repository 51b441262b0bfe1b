"""Whatever a server sends, nothing but our own errors comes out."""

import asyncio
import contextlib
import io
import json
import tempfile

import httpx
from get3w_core import AsyncClient, Client, Get3WError, ModelInfo, ModelRequest, Prediction
from get3w_core.client.session import AsyncSession, Session
from get3w_core.flow.context import Context
from get3w_core.flow.driver import run_async, run_sync
from get3w_core.flow.options import ClientOptions
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
words = st.sampled_from(["created", "processing", "completed", "failed", "timeout", "new", ""])
urls = st.sampled_from(
    ["https://cdn.test/a", "https://cdn.test/..", "http://[", "https://a\ud800", "data:x", "text"]
)
values = st.recursive(
    scalars | words | urls,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
predictions = st.fixed_dictionaries(
    {},
    optional={
        "id": st.just("p1") | values,
        "status": words | values,
        "outputs": st.lists(urls | values, max_size=2) | values,
        "error": values,
        "code": st.sampled_from([0, 1402, 5004]) | values,
        "timings": values,
        "urls": st.fixed_dictionaries({"get": urls | values}) | values,
        "created_at": values,
        "retry_after": values,
    },
)
bodies = st.one_of(
    values,
    predictions,
    st.fixed_dictionaries(
        {},
        optional={
            "code": st.sampled_from([200, 429, 404, 500, 503, 0, -1, 10**30]) | values,
            "message": values,
            "data": predictions | values,
            "error": values,
            "retry_after": values,
        },
    ),
).map(lambda body: json.dumps(body).encode())
raw = st.binary(max_size=40) | bodies | bodies.map(lambda body: body[: len(body) // 2])
headers = st.dictionaries(
    st.sampled_from(["Retry-After", "Date", "Location", "Content-Type"]),
    st.sampled_from(
        ["", "0", "1", "-1", "nan", "Fri, 31 Feb 2026 99:99:99 GMT", "http://[", "x/y"]
    ),
    max_size=2,
)
failures = st.sampled_from([httpx.ConnectError, httpx.ReadError, httpx.ProxyError, ValueError])
responses = st.tuples(
    st.sampled_from([200, 200, 200, 200, 201, 204, 302, 400, 404, 429, 500, 503, 599]), headers, raw
)


class FuzzRequest(ModelRequest):
    """The input of a model that exists only here."""

    __model__ = ModelInfo("get3w/fuzz")


class Server:
    def __init__(self, answers):
        self.answers = answers
        self.count = 0

    def __call__(self, request):
        answer = self.answers[self.count % len(self.answers)]
        self.count += 1
        if isinstance(answer, type):
            raise answer("scripted")
        status, headers, body = answer
        return httpx.Response(status, headers=headers, content=body)

    async def answer(self, request):
        return self(request)


class Fast:
    """Time that jumps, for one client."""

    now = 0.0

    def sleep(self, seconds):
        self.now += seconds + 0.01

    async def asleep(self, seconds):
        self.sleep(seconds)

    def context(self, options):
        return Context(options, lambda: self.now, lambda: 0.5, lambda: self.now)


answers = st.lists(responses | failures, min_size=1, max_size=4)
few = settings(
    max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow], database=None
)


@few
@given(answers, st.sampled_from(["v3", "v1"]))
def test_sync_calls_raise_only_our_errors(answers, surface):
    """Submit, wait, download, lists: every answer ends in a result or a `Get3WError`."""
    fast = Fast()

    class FastSession(Session):
        def context(self, *, keyed=True):
            return fast.context(self.options)

        def run(self, flow):
            return run_sync(flow, self.send, fast.sleep)

    transport = httpx.Client(transport=httpx.MockTransport(Server(answers)))
    options = ClientOptions.resolve(api_key="sk-0123456789", surface=surface)
    client = Client._over(FastSession(options, transport))
    calls = [
        lambda: use(client.submit(FuzzRequest())),
        lambda: use(client.prediction("p1")),
        lambda: client.delete("p1"),
        lambda: client.models(),
        lambda: client.balance(),
        lambda: client.usage(),
        lambda: client.billings(),
        lambda: client.upload(io.BytesIO(b"\x89PNG\r\n\x1a\n")),
    ]
    for call in calls:
        with contextlib.suppress(Get3WError):
            call()


def use(prediction):
    copy = Prediction.from_json(prediction.to_json())
    assert prediction.to_json() == copy.to_json()
    repr(prediction), prediction.created_at, prediction.completed_at
    with tempfile.TemporaryDirectory() as folder:
        prediction.wait(timeout=10).download(folder)


@few
@given(answers)
def test_async_calls_raise_only_our_errors(answers):
    """The same for the async client."""
    fast = Fast()

    class FastSession(AsyncSession):
        def context(self, *, keyed=True):
            return fast.context(self.options)

        async def run(self, flow):
            return await run_async(flow, self.send, fast.asleep)

    async def main():
        transport = httpx.AsyncClient(transport=httpx.MockTransport(Server(answers).answer))
        options = ClientOptions.resolve(api_key="sk-0123456789")
        client = AsyncClient._over(FastSession(options, transport))
        with contextlib.suppress(Get3WError):
            prediction = await client.submit(FuzzRequest())
            with tempfile.TemporaryDirectory() as folder:
                await (await prediction.wait(timeout=10)).download(folder)

    asyncio.run(main())
