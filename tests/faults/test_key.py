"""The key is in the Authorization header at its own origin, and nowhere else.

Calls that succeed and calls that fail in every way are made over real connections, and everything
that they leave is searched for the key: objects, errors, tracebacks with the locals of each frame,
log records of all loggers, warnings, and what each server was sent.
"""

import asyncio
import contextlib
import copy
import io
import logging
import pickle
import traceback
import warnings
from functools import partial

import httpx
import pytest
from get3w_core import AsyncClient, Client, ConfigurationError, Get3WError, Prediction

from . import faults as f

PNG = b"\x89PNG\r\n\x1a\n" + b"0" * 20


STALL = f.STALL_AFTER_SERVER


def script(fault):
    """Let *fault* strike in every call; one stall is enough, because it takes its time."""
    return [] if fault is None else [fault] * (1 if fault is STALL else 20)


def echo(key):
    """Return faults whose answers show the key that was sent, as careless servers do."""
    shown = key.encode()
    return [
        f.answers(400, b'{"code":400,"message":"bad ' + shown + b'","data":null}'),
        f.answers(401, shown),
        f.answers(429, b"{}", [("retry-after", key)]),
        f.answers(500, shown, [("x-echo", f"Bearer {key}")]),
        f.answers(302, b"", [("location", f"/?key={key}")]),
        f.edited(error=f"Bearer {key}", outputs=[f"http://127.0.0.1:1/{key}"]),
        f.edited(id=key),
        f.edited(urls={"get": f"http://127.0.0.1:1/{key}"}),
        f.changed(b"[" + shown),
        f.says(b"HTTP/1.1 200 " + shown + b"\r\n" + shown + b"\r\n\r\n"),
    ]


def broken():
    """Return one fault for each way in which a call goes wrong."""
    return [
        f.RESET_AT_FIRST_BYTE,
        f.RESET_AFTER_SERVER,
        f.CLOSE_BEFORE_SERVER,
        STALL,
        f.cut("body", "close"),
        f.cut("head", "reset"),
        f.answers(400),
        f.answers(401),
        f.answers(403),
        f.answers(404),
        f.answers(429, headers=[("retry-after", "9")]),
        f.answers(500),
        f.answers(503),
        f.changed(b"<html>"),
        f.says(b"garbage\r\n\r\n"),
    ]


class Evidence(logging.Handler):
    """Keeps everything that could show the key."""

    def __init__(self):
        super().__init__(logging.DEBUG)
        self.things = []
        self.records = []
        self.errors = 0
        self.echoing = False

    def emit(self, record):
        # At DEBUG httpcore logs the headers of every answer, and httpx its address. That is theirs
        # to log: a server that echoes the key gets it in there. What was sent they do not show.
        if not (self.echoing and record.name.startswith(("httpcore", "httpx"))):
            self.records.append(record)

    def attempt(self, call):
        """Keep what *call* returns or raises, and return it."""
        try:
            result = call()
        except Get3WError as error:
            self.errors += 1
            result = error
        self.things.append(result)
        return result

    async def attempt_async(self, call):
        """Keep what *call* returns or raises."""
        try:
            self.things.append(await call())
        except Get3WError as error:
            self.errors += 1
            self.things.append(error)

    def texts(self):
        """Yield where something was found, and its text."""
        for thing in self.things:
            yield type(thing).__name__, f"{thing!r} {thing!s} {thing}"
            yield f"vars of {type(thing).__name__}", str(getattr(thing, "__dict__", ""))
            with contextlib.suppress(TypeError):
                yield f"pickled {type(thing).__name__}", pickle.dumps(thing).decode("latin-1")
            if isinstance(thing, Exception):
                yield from self.traceback(thing)
        for record in self.records:
            yield f"log of {record.name}", f"{record.getMessage()} {record.__dict__}"

    def traceback(self, error):
        """Yield a traceback with the locals of each frame but this test's own."""
        seen = traceback.TracebackException.from_exception(error, capture_locals=True)
        while seen is not None:
            yield "traceback", "".join(seen.format_exception_only())
            for frame in seen.stack:
                if frame.filename != __file__:
                    yield f"locals of {frame.name} in {frame.filename}", str(frame.locals)
            seen = seen.__cause__ or seen.__context__


@pytest.fixture
def evidence():
    """Everything that is logged at DEBUG by anybody, and what the test adds."""
    kept = Evidence()
    root = logging.getLogger()
    before = root.level
    root.addHandler(kept)
    root.setLevel(logging.DEBUG)
    yield kept
    root.setLevel(before)
    root.removeHandler(kept)


@pytest.fixture
def lines(proxy, key):
    """A line for each fault, and what they were sent."""
    made = []

    def make(*faults):
        made.append(proxy.line(*faults))
        return made[-1]

    yield make
    for line in made:
        line.close()
    for line in made:
        assert [] == line.errors
        for request in line.requests:
            # Outputs are public, and asked for without the key even at home.
            at_home = not request.path.startswith("/_outputs/")
            assert (f"Bearer {key}" if at_home else None) == header(request, b"authorization")
            assert [b"authorization"] * at_home == where_in(request, key)


def header(request, name):
    for line in request.head.split(b"\r\n")[1:]:
        found, _, value = line.partition(b":")
        if found.lower() == name:
            return value.strip().decode()
    return None


def where_in(request, key):
    """Return the names of the headers that hold the key, or the line or body that does."""
    first, *pairs = request.head.split(b"\r\n")
    holding = [pair.partition(b":")[0].lower() for pair in pairs if key.encode() in pair]
    others = [b"first line"] * (key.encode() in first) + [b"body"] * (key.encode() in request.body)
    return holding + others


def options(line):
    return {"base_url": line.url, "timeout": 0.3, "submit_deadline": 0.3, "max_retries": 0}


def found(evidence, key):
    return sorted({where for where, text in evidence.texts() if key in text})


@pytest.fixture(params=[False, True], ids=["own", "over httpx"])
def http_client(request):
    """An `httpx.Client` to pass in, or None."""
    if not request.param:
        yield None
        return
    with httpx.Client() as client:
        yield client


@pytest.mark.parametrize("surface", ["v3", "v1"])
def test_sync_calls_leave_no_key(surface, http_client, lines, evidence, draw, key, tmp_path):
    """All calls of the sync client, right and wrong, leave the key nowhere but in the header."""
    request = draw(prompt="a lighthouse")
    echoes = echo(key)
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        for fault in [None, *broken(), *echoes]:
            evidence.echoing = fault in echoes
            line = lines(*script(fault))
            with Client(key, surface=surface, http_client=http_client, **options(line)) as client:
                evidence.things += [client, client._session.options]
                results = [evidence.attempt(call) for call in calls(client, request)]
                for prediction in [each for each in results if isinstance(each, Prediction)]:
                    evidence.attempt(partial(prediction.wait, 0.3))
                    evidence.attempt(partial(prediction.download, tmp_path))
                    evidence.attempt(prediction.to_json)
                    evidence.attempt(prediction.refresh)

    evidence.things += [str(warning.message) for warning in warned]
    assert evidence.errors > 100
    loud = {"get3w_core", *(["httpcore.http11", "httpx"] if http_client else [])}
    assert loud <= {each.name for each in evidence.records}
    assert [] == found(evidence, key)


def calls(client, request):
    """Return one call of each method."""
    return [
        lambda: client.submit(request, webhook_url="https://a.test/"),
        lambda: client.prediction("p1"),
        lambda: client.get_result("p1"),
        lambda: client.delete("p1"),
        lambda: client.upload(io.BytesIO(PNG)),
        client.models,
        client.balance,
        client.usage,
        client.billings,
    ]


def test_async_calls_leave_no_key(lines, evidence, draw, key, tmp_path):
    """All calls of the async client, right and wrong, leave the key nowhere but in the header."""
    request = draw(prompt="a lighthouse")
    echoes = echo(key)

    async def main():
        for fault in [None, *broken(), *echoes]:
            evidence.echoing = fault in echoes
            line = lines(*script(fault))
            async with AsyncClient(key, **options(line)) as client:
                evidence.things += [client, client._session.options]
                for call in calls(client, request):
                    await evidence.attempt_async(call)

                async def whole(client=client):
                    prediction = await client.submit(request)
                    return await (await prediction.wait(0.5)).download(tmp_path)

                await evidence.attempt_async(whole)

    asyncio.run(main())

    assert evidence.errors > 100
    assert [] == found(evidence, key)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_other_servers_never_see_the_key(status, proxy, draw, key, sync_client, tmp_path):
    """A server that is redirected to, polled at or downloaded from gets no key."""
    there = proxy.line()
    address = there.url + "/api/v3/predictions/x"
    done = {"status": "completed", "outputs": [address]}
    here = proxy.line(
        f.answers(status, b"", [("location", address)]),
        f.answers(status, b"", [("location", address)]),
        f.edited(urls={"get": address}),
        f.edited(**done),
    )
    client = sync_client.with_options(base_url=here.url, timeout=5.0, max_retries=0)
    for call in (lambda: client.submit(draw(prompt="a")), client.balance):
        with pytest.raises(Get3WError):
            call()
    prediction = client.submit(draw(prompt="b")).wait(timeout=5)
    assert 0 == there.connections

    with pytest.raises(Get3WError):
        prediction.download(tmp_path)  # the emulator behind it wants a key
    here.close()
    there.close()

    assert 1 == len(there.requests)
    assert [] == where_in(there.requests[0], key)
    assert header(there.requests[0], b"authorization") is None


def test_clients_cannot_be_pickled_and_copies_do_not_show_the_key(key):
    """Pickle refuses whatever holds the key, and a copy of the options is as silent as they are."""
    client = Client(key)
    for thing in (client, client._session.options, client._session.options.api_key):
        with pytest.raises(TypeError):
            pickle.dumps(thing)

    assert key not in repr(copy.deepcopy(client._session.options))


def test_refused_keys_are_not_repeated(key):
    """A key that cannot be one is refused without being shown."""
    with pytest.raises(ConfigurationError) as caught:
        Client(f"{key} ")

    assert key not in f"{caught.value!r} {caught.value}"
