"""What a newcomer does wrong gets a sentence that helps, and costs nothing."""

import asyncio
import io
import os
from pathlib import Path

import httpx
import pytest
from get3w_core import (
    AsyncClient,
    AsyncPrediction,
    BadRequestError,
    Client,
    ConfigurationError,
    ConnectionFailedError,
    LocalFileError,
    Media,
    MediaList,
    ModelInfo,
    ModelRequest,
    Prediction,
    RequestValidationError,
    set_default_client,
    submit,
    submit_async,
    validation_errors,
)

URL = "https://example.com/a.png"
SITE = r": that is the site; the API is at https://api\.get3w\.com\. Nothing was sent"


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
        ({"api_key": 5}, "api_key must be a string"),
        ({"api_key": ""}, "api_key must be a string"),
        ({"base_url": 5}, "base URL must be an http or https origin"),
        ({"base_url": ""}, "base URL must be an http or https origin"),
        ({"base_url": "api.get3w.com"}, "base URL must be an http or https origin"),
        ({"base_url": "https://api.get3w.com/docs"}, r"write https://api\.get3w\.com\. Nothing"),
        ({"base_url": "https://api.get3w.com/v3"}, r"write https://api\.get3w\.com\. Nothing"),
        ({"base_url": "api.get3w.com/api/v3"}, r"write https://api\.get3w\.com\. Nothing"),
        ({"base_url": "127.0.0.1:8333"}, r"write http://127\.0\.0\.1:8333\. Nothing"),
        ({"base_url": "localhost:8333"}, r"write http://localhost:8333\. Nothing"),
        ({"base_url": "http://127.0.0.1:8333\n"}, r"write http://127\.0\.0\.1:8333\. Nothing"),
        ({"base_url": "https://get3w.com"}, SITE),
        ({"base_url": "https://www.get3w.com/"}, SITE),
        ({"base_url": "http://GET3W.com:80"}, SITE),
        ({"base_url": "https://get3w.com/api/v3"}, SITE),
        ({"base_url": "https://www.get3w.com/models"}, SITE),
        ({"base_url": "get3w.com"}, SITE),
        ({"base_url": "https://me:secret@a.b"}, r"Got an address with a user or a query\. Nothing"),
        ({"api_key": "Bearer k"}, "in api_key= begins with 'Bearer'"),
        ({"api_key": "k\n"}, "perhaps a line break"),
        ({"api_key": '"k"'}, "stands in quotes"),
        ({"api_key": "a k"}, "holds white space"),
        ({"api_key": "http://127.0.0.1:8333"}, "is an address, which belongs into base_url="),
        ({"sync_mode": "false"}, "sync_mode must be True or False, not 'false'"),
        ({"retry_unavailable": 0}, "retry_unavailable must be True or False, not 0"),
        ({"submit_deadline": "5"}, "submit_deadline must be a number of 0 or more, not '5'"),
        ({"submit_deadline": -1}, "submit_deadline must be a number of 0 or more"),
        ({"max_retries": None}, "max_retries must be a whole number of 0 or more, not None"),
        ({"max_retries": 2.5}, "max_retries must be a whole number of 0 or more, not 2.5"),
        ({"max_retries": True}, "max_retries must be a whole number of 0 or more, not True"),
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


def test_the_site_is_refused_from_the_environment_too(monkeypatch):
    """GET3W_BASE_URL is held to the same, and the address with www is not recommended."""
    monkeypatch.setenv("GET3W_BASE_URL", "https://www.get3w.com/docs")
    with pytest.raises(ConfigurationError, match=SITE) as caught:
        Client()

    assert "write" not in str(caught.value)


def test_unusable_key_of_the_environment_is_named(monkeypatch):
    """The variable is named, and the key is not shown."""
    monkeypatch.setenv("GET3W_API_KEY", "'sk-0123456789'")
    with pytest.raises(ConfigurationError, match="in GET3W_API_KEY stands in quotes") as caught:
        Client()

    assert "0123456789" not in str(caught.value)


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
        ({"webhook_url": 5}, "webhook_url must be an address"),
        ({"webhook_url": "app.example/hooks"}, "webhook_url must be an address"),
        ({"webhook_url": Path("hooks")}, "webhook_url must be an address"),
        ({"webhook_url": ""}, "webhook_url must be an address"),
        ({"webhook_url": "not a url"}, "webhook_url must be an address"),
        ({"webhook_url": "https://"}, "webhook_url must be an address"),
        ({"webhook_url": "https://[app.example"}, "webhook_url must be an address"),
        ({"webhook_url": "https://app.example/ hooks"}, "webhook_url must be an address"),
        ({"webhook_url": "file:///hooks"}, "webhook_url must be an address"),
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
    assert "Input should be a string" in error.message
    assert said in error.message


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"images": URL}, f"a list, also of one: ['{URL}'] (got"),
        ({"images": Path("a.png")}, "a list, also of one: [PosixPath('a.png')] (got"),
        ({"images": io.BytesIO(b"x")}, "a list, also of one: [...] (got"),
        ({"images": "x" * 1000}, "a list, also of one: [...] (got"),
        ({"images": 5}, "Input should be a valid list (got 5)"),
        ({"images": ["file:///tmp/a.png"]}, "pass Path(...) with the path of the file, and it is"),
        ({"mask": "FILE:a"}, "pass Path(...) with the path of the file, and it is uploaded"),
        ({"mask": b"x"}, "io.BytesIO(...) makes a file of bytes"),
    ],
)
@pytest.mark.skipif(os.name == "nt", reason="paths have another name there")
def test_file_in_another_shape_is_told_what_to_do(given, said):
    """One file where a list belongs, and bytes where a file does, get the line to write."""
    with pytest.raises(RequestValidationError) as caught, validation_errors(PaintRequest):
        PaintRequest(prompt="x", **given)

    assert said in caught.value.errors[0].message


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
        pytest.raises(ConnectionFailedError, match=r"WRONG_VERSION_NUMBER.* begins with http://"),
    ):
        client.submit(PaintRequest(prompt="x"))


def test_refused_proxy_is_told(monkeypatch):
    """Where the environment names a proxy, a refused connection may be the proxy's."""
    monkeypatch.setenv("NO_PROXY", "")
    monkeypatch.setenv("HTTP_PROXY", "http://me:secret@127.0.0.1:1")
    with (
        Client(api_key="k", base_url="http://get3w.test", max_retries=0) as client,
        pytest.raises(ConnectionFailedError, match="names a proxy: HTTP_PROXY=") as caught,
    ):
        client.balance()

    assert "HTTP_PROXY=http://127.0.0.1:1" in str(caught.value)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("timeout", ["10", True, float("nan"), [1], -1, -0.5])
def test_unusable_patience_is_refused(side, script, ok, timeout):
    """Waiting for what is no number of seconds is an error of ours, which names the task."""
    client = side.client(script(ok()))
    prediction = side.run(client.submit(PaintRequest(prompt="x")))
    for call in (
        lambda: prediction.wait(timeout=timeout),
        lambda: side.many("wait_all", [prediction], timeout=timeout),
    ):
        with pytest.raises(ConfigurationError, match="timeout must be a number of seconds, or"):
            side.run(call())


def test_interrupted_wait_says_that_the_task_goes_on(side, script, ok):
    """The traceback of Ctrl-C, or of a cancellation, holds the line that finds the task again."""
    stop = KeyboardInterrupt if side.name == "sync" else asyncio.CancelledError

    def interrupted(request):
        raise stop

    prediction = side.run(side.client(script(ok(), interrupted)).submit(PaintRequest(prompt="x")))
    with pytest.raises(stop) as caught:
        side.run(prediction.wait())

    [note] = caught.value.__notes__

    assert "get3w_core.default_client().prediction('pred_1').wait()" in note


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("sk-key", "client= takes a Client or AsyncClient of get3w_core, not str. Nothing"),
        (Client, "not the class Client. Nothing"),
        (httpx.Client(), r"not httpx\.Client. Nothing"),
    ],
)
def test_what_is_no_client_is_refused(given, said):
    """A key, a class or a client of httpx is none, in a call and as the default."""
    with pytest.raises(ConfigurationError, match=said):
        submit(PaintRequest(prompt="x"), client=given)
    with pytest.raises(ConfigurationError, match=said.replace("client=", "set_default_client")):
        set_default_client(given)


def test_stand_in_for_a_client_will_do():
    """A test of somebody's may pass an object that notes what it is asked to submit."""

    class Recorder:
        def submit(self, request, **options):
            return request, options

    request = PaintRequest(prompt="x")

    assert request is submit(request, client=Recorder())[0]


def test_what_is_no_id_is_refused(side, script, ok):
    """The id of a prediction is a text; a handle is none."""
    server = script(ok())
    client = side.client(server)
    prediction = side.run(client.submit(PaintRequest(prompt="x")))
    for call in (client.prediction, client.get_result, client.delete):
        with pytest.raises(ConfigurationError, match="A prediction id must be a string, not "):
            side.run(call(prediction))

    assert 1 == len(server.requests)


@pytest.mark.parametrize("kind", [Prediction, AsyncPrediction])
def test_what_is_no_saved_handle_is_refused(kind):
    """JSON that was parsed already is not what `to_json` returned."""
    with pytest.raises(ConfigurationError, match="A saved handle must be a string, not dict"):
        kind.from_json({})


def test_waiting_for_what_is_no_list_of_handles_is_refused(side, script, ok):
    """One handle, ids, and handles of the other client are told as what they are."""
    prediction = side.run(side.client(script(ok())).submit(PaintRequest(prompt="x")))
    other = AsyncPrediction if side.name == "sync" else Prediction
    for given, kind in (
        (prediction, type(prediction).__name__),
        ("pred_1", "str"),
        (["pred_1"], "str"),
        ([prediction, other.from_json(prediction.to_json())], other.__name__),
    ):
        with pytest.raises(ConfigurationError, match=f"takes a list of handles, .* not {kind}"):
            side.run(side.many("wait_all", given))


def test_missing_await_is_told(side):
    """A coroutine among the handles is called what it is."""

    async def coming():
        raise AssertionError("nobody awaits it")

    forgotten = coming()
    with pytest.raises(ConfigurationError, match=r"not coroutine \(an await is missing\)"):
        side.run(side.many("wait_all", [forgotten]))
    forgotten.close()


def test_address_is_not_uploaded(client):
    """A URL is passed to a model as it is; its query is not shown."""
    with pytest.raises(LocalFileError, match="pass it to the model as it is") as caught:
        client.upload("https://example.com/a.png?token=secret")

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("surface", ["v2", 3, ["v3"]])
def test_surface_of_a_call_is_checked(side, script, ok, surface):
    """A call names one of the two surfaces, as a client does."""
    server = script(ok())
    for call in (side.client(server).prediction, side.client(server).get_result):
        with pytest.raises(ConfigurationError, match="surface must be 'v3' or 'v1', not"):
            side.run(call("pred_1", surface=surface))

    with pytest.raises(ConfigurationError, match="surface must be 'v3' or 'v1', not"):
        side.client(server, surface=surface)
    assert [] == server.requests


async def _awaited(given):
    raise AssertionError("nobody awaits it")


@pytest.mark.parametrize("hook", ["print", 5, _awaited])
def test_callbacks_are_plain_functions(side, script, ok, tmp_path, hook):
    """What cannot be called, or would have to be awaited, is told with the task it is about."""
    server = script(ok(status="completed", outputs=["words"]))
    prediction = side.run(side.client(server).submit(PaintRequest(prompt="x")))
    for name, call in (
        ("on_update", lambda: prediction.wait(on_update=hook)),
        ("on_update", lambda: side.many("wait_all", [prediction], on_update=hook)),
        ("on_progress", lambda: prediction.download(tmp_path, on_progress=hook)),
    ):
        with pytest.raises(ConfigurationError, match=f"{name} must be a plain function, not"):
            side.run(call())

    with pytest.raises(ConfigurationError) as caught:
        side.run(prediction.wait(on_update=hook))
    assert "pred_1" == caught.value.prediction_id


def test_folder_and_type_are_checked(side, script, ok, tmp_path):
    """What is no path, and what is no content type, is refused in words of ours."""
    server = script(ok(status="completed", outputs=["words"]))
    client = side.client(server)
    prediction = side.run(client.submit(PaintRequest(prompt="x")))
    with pytest.raises(ConfigurationError, match="folder must be a path, not int"):
        side.run(prediction.download(5))
    with pytest.raises(ConfigurationError, match="content_type must be a string, not int"):
        side.run(client.upload(tmp_path / "a.png", content_type=5))

    assert 1 == len(server.requests)


def test_handle_of_no_client_is_refused(side, script, ok):
    """A handle works with a client of its own kind, and a confirmation with a delivery."""
    server = script(ok())
    prediction = side.run(side.client(server).submit(PaintRequest(prompt="x")))
    other = AsyncClient if side.name == "sync" else Client
    for client in ("k", other("k")):
        with pytest.raises(ConfigurationError, match=r"client must be of .*, not"):
            type(prediction).from_json(prediction.to_json(), client)
    with pytest.raises(ConfigurationError, match="delivery must be of WebhookDelivery, not str"):
        side.run(side.many("confirm", "pred_1"))


def test_wire_bodies_take_any_text_for_a_url():
    """A body is what the schema says: that no text but a URL works is for constructors."""
    assert (
        "file:///a.png"
        == PaintRequest.model_validate({"prompt": "x", "mask": "file:///a.png"}).mask
    )
