"""What a newcomer does wrong gets a sentence that helps, and costs nothing."""

import asyncio
import io
from pathlib import Path

import httpx
import pytest
from get3w_core import (
    AsyncClient,
    BadRequestError,
    Client,
    ConfigurationError,
    ConnectionFailedError,
    Media,
    MediaList,
    ModelInfo,
    ModelRequest,
    RequestValidationError,
    submit,
    submit_async,
    validation_errors,
)

URL = "https://example.com/a.png"


class PaintRequest(ModelRequest, frozen=True):
    __model__ = ModelInfo("acme/paint")

    prompt: str
    images: MediaList | None = None
    mask: Media | None = None


def refusing(request):
    raise AssertionError(f"sent: {request.method} {request.url}")


@pytest.fixture
def client():
    """A client that must not send anything."""
    with httpx.Client(transport=httpx.MockTransport(refusing)) as http:
        yield Client(api_key="k", http_client=http)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"api_key": 5}, "api_key must be a text"),
        ({"api_key": ""}, "api_key must be a text"),
        ({"base_url": 5}, "base URL must be an http or https origin"),
        ({"base_url": ""}, "base URL must be an http or https origin"),
        ({"base_url": "api.get3w.com"}, "base URL must be an http or https origin"),
        ({"base_url": "https://api.get3w.com/docs"}, r"write https://api\.get3w\.com\. Nothing"),
        ({"base_url": "https://api.get3w.com/v3"}, r"write https://api\.get3w\.com\. Nothing"),
        ({"base_url": "api.get3w.com/api/v3"}, r"write https://api\.get3w\.com\. Nothing"),
        ({"base_url": "127.0.0.1:8333"}, r"write http://127\.0\.0\.1:8333\. Nothing"),
        ({"base_url": "localhost:8333"}, r"write http://localhost:8333\. Nothing"),
        ({"base_url": "http://127.0.0.1:8333\n"}, r"write http://127\.0\.0\.1:8333\. Nothing"),
        ({"base_url": "https://me:secret@a.b"}, r"Got an address with a user or a query\. Nothing"),
        ({"timeout": "5"}, "timeout must be a number of seconds"),
        ({"timeout": 0}, "timeout must be a number of seconds"),
        ({"timeout": True}, "timeout must be a number of seconds"),
        ({"surface": "v2"}, "surface must be"),
    ],
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_unusable_option_is_refused_at_once(kind, options, said):
    """An option is checked where it is given, not at the first call."""
    with pytest.raises(ConfigurationError, match=said):
        kind(**{"api_key": "k", **options})


@pytest.mark.parametrize("path", ["", "/", "/api/v3", "/api/v3/", "/v1"])
def test_the_address_of_a_surface_will_do(path):
    """What the documentation shows as the address of the API can be pasted."""
    client = Client(api_key="k", base_url=f"https://api.get3w.com{path}")

    assert "https://api.get3w.com" == client.base_url


@pytest.mark.parametrize("request_", [{"prompt": "x"}, PaintRequest, None, "x"])
def test_what_is_no_request_is_refused(client, request_):
    """A dict or the class itself is no request, and the error shows one."""
    with pytest.raises(ConfigurationError, match=r"such as FluxDevRequest\(prompt=\.\.\.\)"):
        client.submit(request_)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"extra_body": ["x"]}, "extra_body must be a mapping"),
        ({"timeout": "5"}, "timeout must be"),
        ({"timeout": -1}, "timeout must be"),
    ],
)
def test_unusable_argument_of_a_submit_sends_nothing(client, options, said):
    """The arguments beside the input are checked before anything is sent."""
    with pytest.raises(ConfigurationError, match=said):
        client.submit(PaintRequest(prompt="x"), **options)


def test_input_is_checked_before_a_file_is_uploaded(client):
    """A list spoilt after construction is refused without an upload for nothing."""
    request = PaintRequest(prompt="x", images=[io.BytesIO(b"\x89PNG\r\n\x1a\n"), URL])
    request.images.append(3)

    with pytest.raises(RequestValidationError, match=r"images\[2\]"):
        client.submit(request)


class EchoRequest(ModelRequest, frozen=True):
    __model__ = ModelInfo("acme/echo")

    prompt: str
    sources: list[str] | None = None


@pytest.mark.parametrize(
    ("given", "place", "said"),
    [
        ({"prompt": Path("a.png")}, "prompt", "pass client.upload('a.png'); for its content, read"),
        ({"prompt": io.BytesIO(b"x")}, "prompt", "pass client.upload(file); for its content"),
        ({"prompt": "x", "sources": [URL, Path("a.png")]}, "sources[1]", "client.upload('a.png')"),
    ],
)
def test_file_for_a_text_is_told_what_to_do(given, place, said):
    """A parameter that takes no files says so, and both ways to what was meant."""
    with pytest.raises(RequestValidationError) as caught, validation_errors(EchoRequest):
        EchoRequest(**given)

    [error] = caught.value.errors
    assert place == error.location
    assert "Input should be a text" in error.message
    assert said in error.message


def test_what_is_no_file_is_told_as_before():
    """A number for a text needs no more words than pydantic's."""
    with (
        pytest.raises(RequestValidationError, match="valid string") as caught,
        validation_errors(EchoRequest),
    ):
        EchoRequest(prompt=3)

    assert "upload" not in str(caught.value)


def test_sync_function_refuses_an_async_client():
    """The wrong kind of client is told before anything is sent, not after it was billed."""
    with pytest.raises(ConfigurationError, match="Nothing was sent"):
        submit(PaintRequest(prompt="x"), client=AsyncClient(api_key="k"))


async def _async_with_sync_client(client):
    await submit_async(PaintRequest(prompt="x"), client=client)


def test_async_function_refuses_a_sync_client(client):
    """The same the other way round."""
    with pytest.raises(ConfigurationError, match="Nothing was sent"):
        asyncio.run(_async_with_sync_client(client))


def test_server_says_which_field_it_refuses():
    """What an answer says of single fields is part of the message."""
    answer = {
        "code": 400,
        "message": "Invalid parameters",
        "data": None,
        "details": [{"pointer": "/foo", "message": "'foo' was unexpected"}],
    }
    transport = httpx.MockTransport(lambda request: httpx.Response(400, json=answer))
    with (
        httpx.Client(transport=transport) as http,
        pytest.raises(BadRequestError, match="/foo: 'foo' was unexpected"),
    ):
        Client(api_key="k", http_client=http).submit(PaintRequest(prompt="x"))


def test_plain_http_server_behind_https_is_told_at_once(get3w_server):
    """A server without TLS will have none a second later either: there is no retry to wait for."""
    address = get3w_server.url.replace("http://", "https://")
    with (
        Client(api_key="k", base_url=address, submit_deadline=3600) as client,
        pytest.raises(ConnectionFailedError, match="WRONG_VERSION_NUMBER"),
    ):
        client.submit(PaintRequest(prompt="x"))
