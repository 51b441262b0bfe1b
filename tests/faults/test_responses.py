"""Whatever bytes a server sends, to whichever call: a result, or an error of ours.

The answers are mostly right, with something wrong somewhere: a field of another type, a body in
another encoding or cut short, an odd header or status. A client here never waits; once its answers
are used up the server says 400, so that every call comes to an end.
"""

import asyncio
import copy
import gzip
import io
import json
import pickle
from functools import partial
from itertools import product

import httpx
import pytest
from get3w_core import AsyncClient, Client, Get3WError, ModelInfo, ModelRequest
from get3w_core.client.session import AsyncSession, Session
from get3w_core.flow.driver import run_async, run_sync
from get3w_core.flow.options import ClientOptions
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

KEY = "sk-marker-5f1d7c3a9e"
ORIGIN = "https://api.get3w.com"
PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


class FuzzRequest(ModelRequest):
    """The input of a model that exists only here."""

    __model__ = ModelInfo("get3w/fuzz")


class Long(bytes):
    """Bytes that do not fill the report of a failure."""

    def __repr__(self):
        return f"<{len(self)} bytes of {self[:1]!r}>"


# Values: plain ones, and those that have broken programs before.
odd_texts = st.sampled_from(
    ["", ".", "..", "../x", "a/b", "a\\b", "\0", "\ud800", "é" * 300, "x" * 300, "null", "1e9"]
)
odd_numbers = st.sampled_from([-1, 0, 2**63, 10**400, -0.0, 1e308, float("nan"), float("inf")])
scalars = st.none() | st.booleans() | odd_numbers | odd_texts | st.text(max_size=6)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=4,
)
words = st.sampled_from(["created", "processing", "completed", "failed", "timeout", "new"])
outputs = st.sampled_from(
    [
        "https://cdn.test/a.png",
        "https://cdn.test/../..",
        "https://cdn.test/%2e%2e%2fetc?x#y",
        "http://[",
        "http://cdn.test:99999/",
        "https://a\ud800.test/",
        "ftp://cdn.test/x",
        "file:///etc/hosts",
        "data:image/png;base64,AAAA",
        "data:,",
        "data:image/png;base64,***",
        "some text",
        {"text": "x"},
    ]
)
polls = st.sampled_from(
    [
        f"{ORIGIN}/api/v3/predictions/p1",
        f"{ORIGIN}:443/x",
        "https://evil.test/x",
        f"{ORIGIN}@evil.test/",
        "/relative",
        "http://[",
    ]
)
predictions = st.fixed_dictionaries(
    {"id": st.just("p1"), "status": words},
    optional={
        "outputs": st.lists(outputs, max_size=2),
        "urls": st.fixed_dictionaries({"get": polls}),
        "timings": st.fixed_dictionaries({"inference": st.integers()}),
        "created_at": st.just("2025-05-19T06:09:15.948268264Z") | odd_texts,
        "completed_at": st.just("2025-05-19T06:09:15Z"),
        "error": st.just("no") | st.none(),
        "code": st.sampled_from([0, 1402, 5004]),
        "model": st.just("get3w/fuzz"),
        "has_nsfw_contents": st.lists(st.booleans(), max_size=2),
        "estimated_duration": st.integers(0, 99),
    },
)
listings = st.lists(
    st.fixed_dictionaries(
        {"model_id": st.just("a/b"), "name": st.just("a/b"), "base_price": st.floats(0, 1)},
        optional={
            "api_schema": st.just(
                {"api_schemas": [{"type": "model_run", "request_schema": {"type": "object"}}]}
            )
        },
    ),
    max_size=2,
)
usages = st.just(
    {"total_tasks": 1, "total_cost": 0.1, "breakdown": {"text-to-image": {"tasks": 1, "cost": 1}}}
)
bills = st.just(
    {
        "records": [{"id": "bill_1", "date": "2026-01-01", "type": "usage", "amount": -0.03}],
        "total": 50,
        "page": 1,
        "per_page": 20,
    }
)
uploads = st.sampled_from([{"url": "https://cdn.test/u"}, {"download_url": "https://cdn.test/u"}])
# What a call is answered with, when all is well.
CONTENTS = {
    "submit": predictions,
    "prediction": predictions,
    "get_result": predictions,
    "delete": st.none(),
    "upload": uploads,
    "models": listings,
    "balance": st.just({"balance": 1.5}),
    "usage": usages,
    "billings": bills,
}


WRONG = [
    *(None, True, False, 0, 7, -1, 1.5, 2**63, 10**400, float("inf"), float("nan")),
    *("", "x", "..", "\0", "\ud800", "x" * 300, [], [1], ["x"], [[]], [{}], {}, {"a": 1}),
]
wrong = st.sampled_from(WRONG)


@st.composite
def damaged(draw, whole):
    """Draw JSON, and put something else in the place of some of its parts, or take them out."""
    root = [copy.deepcopy(draw(whole))]
    for _ in range(draw(st.integers(1, 3))):
        places = list(places_in(root))
        # Counted from the end, where the parts are that are deep inside.
        holder, at = places[-draw(st.integers(1, len(places)))]
        if isinstance(holder, dict) and draw(st.integers(0, 4)) == 0:
            del holder[at]
        else:
            holder[at] = copy.deepcopy(draw(wrong | wrong | wrong | values))
    return root[0]


def places_in(holder):
    """Yield every place below *holder*, as a container and a key."""
    pairs = list(holder.items()) if isinstance(holder, dict) else list(enumerate(holder))
    for at, value in pairs:
        yield holder, at
        if isinstance(value, dict | list):
            yield from places_in(value)


def enveloped(content):
    return st.fixed_dictionaries(
        {"code": st.just(200), "message": st.just("success"), "data": content}
    )


errors = st.fixed_dictionaries(
    {"code": st.sampled_from([400, 401, 429, 500, 503, 5004])},
    optional={
        "message": st.just("no"),
        "error": st.just("no"),
        "data": st.none(),
        "retry_after": st.sampled_from([0, 1, 0.5, "2", -1, "soon", 10**400]),
    },
)
headers = st.dictionaries(
    st.sampled_from(
        [
            b"Retry-After",
            b"Date",
            b"Location",
            b"Content-Type",
            b"Content-Encoding",
            b"Content-Length",
            b"Content-Disposition",
        ]
    ),
    st.sampled_from(
        [
            *(b"", b"0", b"1", b"-1", b"nan", b"1e999", b"1, 2", b"\xff\xfe", b"x/y; charset=zz"),
            *(b"gzip", b"deflate", b"gzip, gzip", b"br", b"identity", b"image/png"),
            *(b"Fri, 31 Feb 2026 99:99:99 GMT", b"Thu, 01 Jan 2026 12:00:00 GMT", b"http://["),
            b'attachment; filename="../../x"',
        ]
    ),
    max_size=2,
)
statuses = st.sampled_from([200] * 9 + [201, 204, 206, 302, 304, 400, 401, 404, 429, 500, 503, 599])
failures = st.sampled_from(
    [httpx.ConnectError, httpx.PoolTimeout, httpx.ReadTimeout, httpx.RemoteProtocolError, OSError]
)
garbage = st.binary(max_size=60) | st.sampled_from(
    [b"", Long(b"[" * 50_000), b"<html>", Long(b"1" * 5000), b'{"id":"p1","sta', PNG]
)


def written(tree):
    return json.dumps(tree).encode()


def spoilt(texts):
    """Draw texts that are cut, go on after their end, or are written in another way."""
    return st.one_of(
        texts.flatmap(lambda text: st.integers(0, len(text)).map(lambda at: text[:at])),
        texts.map(lambda text: b"\xef\xbb\xbf" + text),
        texts.map(lambda text: text.decode().encode("utf-16")),
        texts.map(lambda text: text + b"}"),
        texts.map(gzip.compress),
    )


def scripts_of(content):
    """Draw answers that hold *content*, most of them in a bad state."""
    whole = enveloped(content) | content
    right = whole.map(written)
    damages = damaged(whole).map(written)
    others = (values | errors).map(written)
    bodies = st.one_of(right, damages, damages, damages, spoilt(right | damages), others, garbage)
    odd = st.tuples(statuses, headers, bodies, st.booleans())
    plain = st.tuples(st.just(200), st.just({}), damages | damages | bodies, st.just(False))
    # An answer that is right lets the calls that come after it be tried.
    good = st.tuples(st.just(200), st.just({}), right, st.just(False))
    return st.lists(st.one_of(plain, plain, plain, good, odd, failures), min_size=1, max_size=5)


def cases_of(*names):
    """Draw the name of a call, and answers to it."""
    return st.sampled_from(names).flatmap(
        lambda name: st.tuples(st.just(name), scripts_of(CONTENTS[name]))
    )


class Body(httpx.SyncByteStream, httpx.AsyncByteStream):
    """A body that may break off."""

    def __init__(self, content, breaks):
        self.content = content
        self.breaks = breaks

    def __iter__(self):
        yield self.content
        if self.breaks:
            raise httpx.ReadError("broke off")

    async def __aiter__(self):
        for piece in self:
            yield piece


class Server:
    """Gives the answers of a script, and then says 401, which ends a wait too."""

    def __init__(self, script):
        self.script = list(script)

    def __call__(self, request):
        answer = self.script.pop(0) if self.script else (401, {}, b"", False)
        if isinstance(answer, type):
            raise answer("scripted")
        status, headers, body, breaks = answer
        return httpx.Response(status, headers=list(headers.items()), stream=Body(body, breaks))

    async def answer(self, request):
        await request.aread()
        return self(request)


class HastySession(Session):
    """Runs flows without waiting."""

    def run(self, flow):
        return run_sync(flow, self.send, lambda seconds: None)


class HastyAsyncSession(AsyncSession):
    """Runs flows without waiting, in an event loop."""

    async def run(self, flow):
        return await run_async(flow, self.send, _at_once)


async def _at_once(seconds):
    pass


def hasty(script, surface):
    http_client = httpx.Client(transport=httpx.MockTransport(Server(script)))
    return Client._over(HastySession(hasty_options(surface), http_client))


def hasty_options(surface):
    return ClientOptions.resolve(api_key=KEY, base_url=ORIGIN, surface=surface)


def shown(thing):
    """Show *thing* in every way there is."""
    assert KEY not in f"{thing!r} {thing!s}"
    return thing


def attempt(call):
    """Make *call*; an error has to be one of ours, shown without harm and pickled."""
    try:
        return shown(call())
    except Get3WError as error:
        caught = error
    again = pickle.loads(pickle.dumps(shown(caught)))
    assert str(caught) == str(again)
    return None


def look_at(prediction):
    """Read everything that a handle tells."""
    again = pickle.loads(pickle.dumps(prediction))
    assert prediction.to_json() == again.to_json()
    _ = prediction.data, prediction.done, prediction.error, prediction.code, prediction.model
    _ = prediction.outputs, prediction.timings, prediction.urls, prediction.estimated_duration
    _ = prediction.created_at, prediction.completed_at


def fuzz(check, cases, soaking, **drawn):
    """Call *check* with *cases* drawn inputs, the same ones each time unless it is a soak."""
    run = settings(
        max_examples=cases * (30 if soaking else 1),
        deadline=None,
        database=None,
        derandomize=not soaking,
        suppress_health_check=list(HealthCheck),
    )(given(**drawn)(check))
    run()


soaking = pytest.mark.parametrize(
    "soaking", [False, pytest.param(True, marks=pytest.mark.soak)], ids=["sample", "all"]
)
surfaces = st.sampled_from(["v3", "v1"])


@soaking
def test_submit_wait_download(soaking, tmp_path):
    """250 scripts of answers to a submit and all that may follow raise nothing of others."""

    def check(case, surface):
        use(hasty(case[1], surface), tmp_path)

    fuzz(check, 250, soaking, case=cases_of("submit"), surface=surfaces)


def use(client, folder):
    """Submit, and do with the prediction what can be done."""
    prediction = attempt(lambda: client.submit(FuzzRequest(), webhook_url="https://a.test/"))
    if prediction is not None:
        look_at(prediction)
        attempt(lambda: prediction.wait(on_update=look_at))
        attempt(lambda: prediction.download(folder))
        attempt(prediction.refresh)
        attempt(lambda: client.prediction(prediction.id))
        look_at(prediction)


READS = {
    "prediction": lambda client: client.prediction("p1"),
    "get_result": lambda client: client.get_result("p1"),
    "delete": lambda client: client.delete("p1"),
    "upload": lambda client: client.upload(io.BytesIO(PNG)),
    "models": lambda client: client.models(),
    "balance": lambda client: client.balance(),
    "usage": lambda client: client.usage("2026-01"),
    "billings": lambda client: client.billings(1, 20),
}


@soaking
def test_reads(soaking):
    """300 scripts of answers to every other call raise nothing of others."""

    def check(case, surface):
        name, script = case
        attempt(lambda: READS[name](hasty(script, surface)))

    fuzz(check, 300, soaking, case=cases_of(*READS), surface=surfaces)


@soaking
def test_async_calls(soaking, tmp_path):
    """200 scripts of answers to the async client raise nothing of others."""
    with asyncio.Runner() as runner:

        async def called(script, surface, name):
            http_client = httpx.AsyncClient(transport=httpx.MockTransport(Server(script).answer))
            client = AsyncClient._over(HastyAsyncSession(hasty_options(surface), http_client))
            if name != "submit":
                return await READS[name](client)
            prediction = await client.submit(FuzzRequest())
            look_at(prediction)
            await prediction.wait(on_update=look_at)
            return await prediction.download(tmp_path)

        def check(case, surface):
            name, script = case
            attempt(lambda: runner.run(called(script, surface, name)))

        fuzz(check, 200, soaking, case=cases_of(*CONTENTS), surface=surfaces)


COMPLETE = {
    "id": "p1",
    "status": "completed",
    "model": "get3w/fuzz",
    "outputs": ["https://cdn.test/a.png", {"text": "x"}],
    "urls": {"get": f"{ORIGIN}/api/v3/predictions/p1"},
    "timings": {"inference": 2500},
    "created_at": "2025-05-19T06:09:15.948268264Z",
    "completed_at": "2025-05-19T06:09:15Z",
    "error": "no",
    "code": 0,
    "has_nsfw_contents": [False],
    "estimated_duration": 52,
}
LISTING = {
    "model_id": "a/b",
    "name": "a/b",
    "description": "what it does",
    "type": "text-to-image",
    "base_price": 0.35,
    "api_schema": {"api_schemas": [{"type": "model_run", "request_schema": {"type": "object"}}]},
}
USAGE = {
    "total_tasks": 1,
    "total_cost": 0.1,
    "period": "2026-01",
    "breakdown": {"text-to-image": {"tasks": 1, "cost": 1}},
}
BILL = {
    "id": "bill_1",
    "date": "2026-01-01",
    "type": "usage",
    "amount": -0.03,
    "balance_after": 1.5,
    "model": "a/b",
    "task_id": "p1",
}
WHOLE = {
    "submit": COMPLETE,
    "prediction": COMPLETE,
    "get_result": COMPLETE,
    "delete": None,
    "upload": {"url": "https://cdn.test/u", "download_url": "https://cdn.test/u"},
    "models": [LISTING],
    "balance": {"balance": 1.5},
    "usage": USAGE,
    "billings": {"records": [BILL], "total": 50, "page": 1, "per_page": 20},
}
GONE = object()


def each_wrong(tree):
    """Yield *tree* with every wrong value in every place, and with every part taken out."""
    for number, value in product(range(len(list(places_in([tree])))), [*WRONG, GONE]):
        root = [copy.deepcopy(tree)]
        holder, at = list(places_in(root))[number]
        if value is not GONE:
            holder[at] = copy.deepcopy(value)
        elif isinstance(holder, dict):
            del holder[at]
        else:
            continue
        yield root[0]


@pytest.mark.parametrize("surface", ["v3", "v1"])
@pytest.mark.parametrize("name", WHOLE)
def test_each_field_wrong(name, surface, tmp_path):
    """Every wrong value in every place of a whole answer raises nothing of others."""
    whole = WHOLE[name]
    if surface == "v3" or name not in {"submit", "prediction", "get_result"}:
        whole = {"code": 200, "message": "success", "data": whole}
    for tree in each_wrong(whole):
        client = hasty([(200, {}, written(tree), False)] * 3, surface)
        if name == "submit":
            use(client, tmp_path)
        else:
            attempt(partial(READS[name], client))
