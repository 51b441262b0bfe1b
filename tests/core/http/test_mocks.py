"""What mocks, records or instruments httpx sees every request: a mocked test spends nothing."""

import asyncio
import json
from contextlib import ExitStack
from unittest.mock import patch

import get3w_core
import httpx
import pook
import pytest
import respx
import vcr
from get3w_core import AsyncClient, Client

from tests.core.loopback import PREDICTION, Server

BODY = json.loads(PREDICTION)


@pytest.fixture
def server():
    """A real server, which must not hear of anything."""
    made = Server()
    yield made
    made.close()


@pytest.fixture(params=["sync", "async", "default", "used before"])
def submit(request, server, key, paint, monkeypatch):
    """Submit with clients of each kind, and return the prediction's id."""
    monkeypatch.setenv("GET3W_API_KEY", key)
    monkeypatch.setenv("GET3W_BASE_URL", server.url)

    async def with_async():
        async with AsyncClient() as client:
            return (await client.submit(paint)).id

    with ExitStack() as stack:
        if request.param == "used before":
            client = stack.enter_context(Client())
            client.submit(paint)
            server.requests.clear()
            yield lambda: client.submit(paint).id
        else:
            yield {
                "sync": lambda: stack.enter_context(Client()).submit(paint).id,
                "async": lambda: asyncio.run(with_async()),
                "default": lambda: get3w_core.submit(paint).id,
            }[request.param]


def test_respx_sees_every_request(submit, server):
    """respx answers in the server's stead."""
    with respx.mock:
        route = respx.post(f"{server.url}/api/v3/get3w/paint").respond(json=BODY)

        assert "pred_1" == submit()
        assert 1 == route.call_count
    assert [] == server.requests


def test_respx_over_httpx_sees_every_request(submit, server):
    """So does respx where it mocks httpx instead of httpcore."""
    with respx.mock(using="httpx") as router:
        router.post(f"{server.url}/api/v3/get3w/paint").respond(json=BODY)

        assert "pred_1" == submit()
    assert [] == server.requests


def test_respx_refuses_what_is_not_mocked(submit, server):
    """What nobody mocked goes nowhere, and the error is respx's own."""
    with respx.mock, pytest.raises(AssertionError, match="not mocked"):
        submit()
    assert [] == server.requests


def test_respx_passes_through(submit, server):
    """A route that passes through reaches the server, as it would without respx."""
    with respx.mock:
        respx.route().pass_through()

        assert "pred_1" == submit()
    assert 1 == len(server.requests)


def test_pook_sees_every_request(submit, server):
    """pook answers in the server's stead."""
    with pook.use():
        pook.post(f"{server.url}/api/v3/get3w/paint").reply(200).json(BODY)

        assert "pred_1" == submit()
    assert [] == server.requests


def test_pytest_httpx_sees_every_request(submit, server, httpx_mock):
    """pytest-httpx answers in the server's stead."""
    httpx_mock.add_response(url=f"{server.url}/api/v3/get3w/paint", json=BODY)

    assert "pred_1" == submit()
    assert [] == server.requests


def test_vcr_records_and_plays(submit, server, tmp_path):
    """vcrpy records a submit and plays it back, and the server hears of it once."""
    for _ in range(2):
        with vcr.use_cassette(tmp_path / "submit.yaml", filter_headers=["authorization"]):
            assert "pred_1" == submit()

    assert 1 == len(server.requests)


def test_vcr_without_recording_sends_nothing(submit, server, tmp_path):
    """A cassette that may not record refuses, with an error of vcrpy's own."""
    refuse = vcr.errors.CannotOverwriteExistingCassetteException
    with (
        vcr.use_cassette(tmp_path / "empty.yaml", record_mode="none"),
        pytest.raises(refuse),
    ):
        submit()
    assert [] == server.requests


@pytest.mark.parametrize(
    "kinds",
    [(httpx.Client, httpx.AsyncClient), (httpx.HTTPTransport, httpx.AsyncHTTPTransport)],
    ids=["client", "transport"],
)
def test_patched_httpx_sees_every_request(kinds, submit, server):
    """A patched `send` or `handle_request` gets every request."""
    names = (
        ("send", "send") if kinds[0] is httpx.Client else ("handle_request", "handle_async_request")
    )
    asked = []

    def answer(self, request, **options):
        asked.append(request)
        return httpx.Response(200, json=BODY)

    async def answer_async(self, request, **options):
        return answer(self, request)

    with patch.object(kinds[0], names[0], answer), patch.object(kinds[1], names[1], answer_async):
        assert "pred_1" == submit()
    assert ["POST"] == [request.method for request in asked]
    assert [] == server.requests


def test_class_in_the_place_of_httpx_s_own_sees_every_request(server, key, paint, monkeypatch):
    """A class that a test or a tracer puts there is used, also after other clients were made."""
    monkeypatch.setenv("GET3W_API_KEY", key)
    monkeypatch.setenv("GET3W_BASE_URL", server.url)

    class Mocked(httpx.Client):
        def send(self, request, **_):
            return httpx.Response(200, json=BODY, request=request)

    class MockedAsync(httpx.AsyncClient):
        async def send(self, request, **_):
            return httpx.Response(200, json=BODY, request=request)

    async def with_async():
        async with AsyncClient() as client:
            return (await client.submit(paint)).id

    with Client() as before:
        before.submit(paint)
    server.requests.clear()
    with patch.object(httpx, "Client", Mocked), Client() as client:
        assert "pred_1" == client.submit(paint).id
    with patch.object(httpx, "AsyncClient", MockedAsync):
        assert "pred_1" == asyncio.run(with_async())
    assert [] == server.requests
