"""Whoever sends: a submit is sent again only on evidence, and never because of a name."""

import asyncio

import httpx
import httpx2
import pytest
from get3w_core import AsyncClient, Client, ConnectionFailedError, SubmitOutcomeUnknownError

from . import faults as f
from .transports import (
    ASYNC,
    STOCK,
    SYNC,
    WSGI_POSTS,
    asking_elsewhere,
    telling_elsewhere,
    wsgi,
)

HANG_UPS = {
    "closes": f.CLOSE_BEFORE_SERVER,
    "resets": f.RESET_BEFORE_SERVER,
    "closes after accepting": f.CLOSE_AFTER_SERVER,
}
ROWS = [("sync", name) for name in SYNC] + [("async", name) for name in ASYNC]


def submitted(kind, make, key, url, draw, **options):
    """Submit once over what *make* makes, and return the handle or the error."""
    request = draw(prompt="x")
    options = {"submit_deadline": 3, "timeout": 5, **options}

    def in_thread():
        http_client = make()
        with Client(key, url, http_client=http_client, **options) as client:
            try:
                return client.submit(request)
            except Exception as error:  # noqa: BLE001 - judged by the test
                return error
            finally:
                if http_client is not None:
                    http_client.close()

    async def in_loop():
        http_client = make()
        async with AsyncClient(key, url, http_client=http_client, **options) as client:
            try:
                return await client.submit(request)
            except Exception as error:  # noqa: BLE001 - judged by the test
                return error
            finally:
                if http_client is not None:
                    await http_client.aclose()

    return in_thread() if kind == "sync" else asyncio.run(in_loop())


@pytest.mark.parametrize("how", HANG_UPS)
@pytest.mark.parametrize(("kind", "name"), ROWS)
def test_server_that_reads_and_hangs_up_gets_one_post(kind, name, how, line, key, draw):
    """One whole POST is sent, and the outcome is unknown, whatever the transport calls it."""
    here = line(HANG_UPS[how])
    make = (SYNC if kind == "sync" else ASYNC)[name]
    error = submitted(kind, make, key, here.url, draw)

    assert SubmitOutcomeUnknownError is type(error), error
    assert 1 == here.posts


@pytest.mark.parametrize(("kind", "name"), ROWS)
def test_nobody_there(kind, name, line, key, draw):
    """A refused connection is unsent where the evidence is ours or httpcore's, else unknown."""
    here = line()
    here.shut()
    make = (SYNC if kind == "sync" else ASYNC)[name]
    result = submitted(kind, make, key, here.url, draw, submit_deadline=0)
    honest = name in STOCK or name in {"httpx with retries of connecting", "an auth flow"}

    assert (ConnectionFailedError if honest else SubmitOutcomeUnknownError) is type(result), result
    assert 0 == here.posts


@pytest.mark.parametrize(("kind", "name"), [row for row in ROWS if row[1] in STOCK])
def test_name_that_does_not_exist(kind, name, key, draw):
    """A name that cannot be found is unsent."""
    make = (SYNC if kind == "sync" else ASYNC)[name]
    error = submitted(kind, make, key, "https://nowhere.invalid", draw, submit_deadline=0)

    assert ConnectionFailedError is type(error), error
    assert "nothing was billed" in str(error)


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_pool_without_a_place(library, kind, line, key, draw):
    """A submit that got no connection of a full pool is unsent, and the error names the pool."""
    here = line()
    full = library.Limits(max_connections=0)
    client = library.Client if kind == "sync" else library.AsyncClient
    timeout = library.Timeout(5, pool=0.05)
    error = submitted(
        kind, lambda: client(limits=full), key, here.url, draw, timeout=timeout, submit_deadline=0.5
    )

    assert ConnectionFailedError is type(error), error
    assert "PoolTimeout" in str(error)
    assert 0 == here.posts


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_proxy_that_fails(library, line, key, draw):
    """A proxy that is not there, or that refuses a tunnel, has sent nothing on."""
    refusing = line(f.says(b"HTTP/1.1 502 Bad Gateway\r\n\r\n"))

    def over(proxy):
        return lambda: library.Client(proxy=proxy)

    nobody = submitted(
        "sync", over("http://127.0.0.1:1"), key, "https://get3w.test", draw, submit_deadline=0
    )
    refused = submitted(
        "sync", over(refusing.url), key, "https://get3w.test", draw, submit_deadline=0
    )

    assert [ConnectionFailedError] * 2 == [type(nobody), type(refused)], (nobody, refused)


@pytest.mark.parametrize(
    ("hooks", "posts"),
    [({"request": [asking_elsewhere]}, 0), ({"response": [telling_elsewhere]}, 1)],
    ids=["request", "response"],
)
def test_hook_that_sends_something_of_its_own(hooks, posts, line, key, draw):
    """An error about another request says nothing of this one."""
    here = line(f.answers(429))
    error = submitted("sync", lambda: httpx.Client(event_hooks=hooks), key, here.url, draw)

    assert SubmitOutcomeUnknownError is type(error), error
    assert posts == here.posts


def test_application_in_place_of_a_server(key, draw):
    """A WSGI application that reads the request and fails was asked once."""
    WSGI_POSTS.clear()
    transport = httpx.WSGITransport(wsgi)
    error = submitted(
        "sync", lambda: httpx.Client(transport=transport), key, "https://get3w.test", draw
    )

    assert SubmitOutcomeUnknownError is type(error), error
    assert 1 == len(WSGI_POSTS)


class Again(httpx.HTTPTransport):
    """Sends twice by itself, and returns the second answer."""

    def handle_request(self, request):
        super().handle_request(request).close()
        return super().handle_request(request)


class About(httpx.Client):
    """Returns an answer about another request."""

    def send(self, request, **options):
        response = super().send(request, **options)
        response.request = httpx.Request("GET", "http://get3w.test/other")
        return response


@pytest.mark.parametrize(
    ("make", "posts"),
    [(lambda: httpx.Client(transport=Again()), 2), (About, 1)],
    ids=["resent", "about another"],
)
@pytest.mark.parametrize("status", [429, 400])
def test_refusal_of_something_else_proves_nothing(make, posts, status, line, key, draw):
    """A "no" counts only if it is about this request, which was sent once."""
    here = line(f.answers(status), f.answers(status))
    error = submitted("sync", make, key, here.url, draw)

    assert SubmitOutcomeUnknownError is type(error), error
    assert posts == here.posts


def test_acceptance_of_something_else_is_unknown(line, key, draw):
    """A prediction in the answer to another request is not taken for one's own, and is named."""
    here = line()
    error = submitted("sync", About, key, here.url, draw)

    assert SubmitOutcomeUnknownError is type(error), error
    assert [error.prediction_id] == here.ids


@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
def test_trace_of_ones_own_is_called_too(library, line, key, draw):
    """A client that traces its requests goes on doing so, and a refused connection stays unsent."""
    seen = []

    class Traced(library.Client):
        def build_request(self, *arguments, **options):
            request = super().build_request(*arguments, **options)
            request.extensions["trace"] = lambda name, info: seen.append(name)
            return request

    here, shut = line(), line()
    shut.shut()
    prediction = submitted("sync", Traced, key, here.url, draw)
    refused = submitted("sync", Traced, key, shut.url, draw, submit_deadline=0)

    assert [prediction.id] == here.ids
    assert ConnectionFailedError is type(refused), refused
    assert {"connection.connect_tcp.failed", "http11.send_request_headers.started"} <= set(seen)


class Unclosable(httpx.SyncByteStream):
    """A body that cannot be closed."""

    def __init__(self, body):
        self.body = body

    def __iter__(self):
        yield self.body

    def close(self):
        raise RuntimeError("no way to close this")


def test_answer_that_cannot_be_closed(key, draw):
    """An error of a transport in closing does not leave bare, and the error names the task."""
    body = b'{"code":200,"data":{"id":"pred_1","status":"created"}}'
    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=Unclosable(body)))

    error = submitted(
        "sync", lambda: httpx.Client(transport=transport), key, "https://get3w.test", draw
    )

    assert SubmitOutcomeUnknownError is type(error), error
    assert "pred_1" == error.prediction_id
