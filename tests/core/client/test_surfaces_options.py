"""Settings come from arguments, else the environment; a surface from client, model, default."""

import warnings

import httpx
import pytest
from get3w_core import (
    AsyncClient,
    Client,
    ConfigurationError,
    ModelInfo,
    ModelRequest,
    ResponseFormatError,
)
from get3w_core.flow.options import origin_of


class OddRequest(ModelRequest):
    """The input of a model whose id tries to climb."""

    __model__ = ModelInfo("odd/../balance")


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://api.get3w.com", "https://api.get3w.com"),
        ("https://api.get3w.com/", "https://api.get3w.com"),
        ("https://api.get3w.com/api/v3", "https://api.get3w.com"),
        ("https://api.get3w.com/api/v3/", "https://api.get3w.com"),
        ("https://api.get3w.com/v1", "https://api.get3w.com"),
        ("HTTPS://API.get3w.com:443", "https://api.get3w.com"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://localhost:80/", "http://localhost"),
        ("http://[::1]:8000/v1", "http://[::1]:8000"),
    ],
)
def test_base_url_is_reduced_to_its_origin(given, origin):
    """The base URL is an origin; the paths of the two surfaces are taken off."""
    assert origin == Client(base_url=given).base_url


@pytest.mark.parametrize(
    "given",
    [
        "api.get3w.com",
        "ftp://api.get3w.com",
        "https://",
        "https://api.get3w.com/other",
        "https://api.get3w.com/api/v3/predictions",
        "https://api.get3w.com/?key=hidden",
        "https://api.get3w.com/#x",
        "https://user:hidden@api.get3w.com",
        "https://api.get3w.com:port",
        "https://api.get3w.com:99999",
        "https://[::1",
        "https://api.get3w.com\n",
        "https:\\\\api.get3w.com",
    ],
)
def test_other_base_urls_are_refused(given):
    """What is no plain origin is refused, and credentials in it are not shown."""
    with pytest.raises(ConfigurationError, match="base URL") as caught:
        Client(base_url=given)

    assert "hidden" not in str(caught.value)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_environment_is_the_second_choice(kind, monkeypatch):
    """Arguments win over GET3W_API_KEY and GET3W_BASE_URL."""
    monkeypatch.setenv("GET3W_API_KEY", "sk-from-environment")
    monkeypatch.setenv("GET3W_BASE_URL", "http://127.0.0.1:8000")

    assert "sk-from-environment" == kind()._session.options.require_key().reveal()
    assert "http://127.0.0.1:8000" == kind().base_url
    assert "sk-given" == kind(api_key="sk-given")._session.options.require_key().reveal()
    assert "http://127.0.0.1:9000" == kind(base_url="http://127.0.0.1:9000").base_url


def test_missing_key_is_an_error_of_the_first_call(side, script, ok, paint):
    """A client without a key can be made; a call says what to do, and sends nothing."""
    server = script(ok())
    client = side.client(server, api_key=None)
    with pytest.raises(ConfigurationError, match=r"GET3W_API_KEY.*api_key=.*Nothing was sent"):
        side.run(client.submit(paint))

    assert [] == server.requests


@pytest.mark.parametrize("key", ["has space", "tab\t", "feed\n", "schlüssel", "nul\0"])
def test_unusable_keys_are_refused(key):
    """A key that cannot be a header is refused."""
    with pytest.raises(ConfigurationError):
        Client(key)


@pytest.mark.parametrize(
    "options",
    [
        {"surface": "v2"},
        {"submit_deadline": -1},
        {"submit_deadline": float("nan")},
        {"max_retries": -1},
    ],
)
def test_unusable_options_are_refused(options):
    """A setting out of range is refused when the client is made."""
    with pytest.raises(ConfigurationError):
        Client(**options)


@pytest.mark.parametrize("timeout", ["fast", 0, -1, float("nan"), object()])
def test_unusable_timeouts_are_refused(side, script, ok, paint, timeout):
    """A timeout that is none is refused before anything is sent."""
    server = script(ok())
    with pytest.raises(ConfigurationError):
        side.run(side.client(server).submit(paint, timeout=timeout))

    assert [] == server.requests


@pytest.mark.parametrize(
    ("client", "call", "expected"),
    [
        (None, None, {"connect": 10, "read": 60, "write": 60, "pool": 10}),
        (5, None, {"connect": 5, "read": 5, "write": 5, "pool": 5}),
        (5, 7.5, {"connect": 7.5, "read": 7.5, "write": 7.5, "pool": 7.5}),
        (None, httpx.Timeout(3, read=300), {"connect": 3, "read": 300, "write": 3, "pool": 3}),
        (None, httpx.Timeout(None), {"connect": 10, "read": None, "write": None, "pool": 10}),
    ],
)
def test_timeouts_are_for_each_attempt(side, script, ok, paint, client, call, expected):
    """The call's timeout wins; the deadline caps only the way to a connection."""
    server = script(ok())
    side.run(side.client(server, timeout=client, submit_deadline=10).submit(paint, timeout=call))

    assert expected == server.requests[0].extensions["timeout"]


def test_requests_say_who_asks(side, script, ok, paint):
    """The User-Agent names the package, and the body is JSON."""
    server = script(ok())
    side.run(side.client(server).submit(paint))
    headers = server.requests[0].headers

    assert headers["User-Agent"].startswith("get3w-models/")
    assert f"httpx/{httpx.__version__}" in headers["User-Agent"]
    assert "application/json" == headers["Content-Type"]


def test_v3_takes_the_callback_in_the_body(side, script, ok, paint):
    """On v3 `webhook_url` goes into the body."""
    server = script(ok())
    side.run(side.client(server).submit(paint, webhook_url="https://me.test/?a=b&c"))

    assert ["/api/v3/get3w/paint"] == server.paths
    assert {"prompt": "a lighthouse", "webhook_url": "https://me.test/?a=b&c"} == server.body()


def test_extra_body_wins_over_the_callback(side, script, ok, paint):
    """`extra_body` is the last word on every name of the body."""
    server = script(ok())
    extra = {"webhook_url": "https://other.test"}
    side.run(side.client(server).submit(paint, webhook_url="https://me.test", extra_body=extra))

    assert "https://other.test" == server.body()["webhook_url"]


def flat_answer(status="created", **fields):
    return httpx.Response(200, json={"id": "0b7e-uuid", "status": status, **fields})


def test_v1_takes_the_callback_in_the_query_and_answers_flat(side, script, flat):
    """On v1 the callback is quoted in the query, answers are flat, results are at /v1/requests."""
    done = flat_answer("completed", outputs=["https://cdn.test/a.png"], code=0)
    server = script(flat_answer(estimated_duration=52), done)
    client = side.client(server)
    prediction = side.run(client.submit(flat, webhook_url="https://me.test/?a=b&c"))
    side.run(prediction.wait())

    assert [
        "/v1/google/flat/text-to-image?webhook=https%3A%2F%2Fme.test%2F%3Fa%3Db%26c",
        "/v1/requests/0b7e-uuid",
    ] == server.paths
    assert {"prompt": "a lighthouse"} == server.body()
    assert 52 == prediction.estimated_duration
    assert ["https://cdn.test/a.png"] == prediction.outputs


def test_a_flat_failure_is_a_task_failure(side, script):
    """On v1 `code` in a flat prediction is the task's, not the call's."""
    failed = flat_answer("failed", code=1402, error="no such picture")
    prediction = side.run(side.client(script(failed), surface="v1").prediction("0b7e-uuid"))

    assert ("failed", 1402, "no such picture") == (
        prediction.status,
        prediction.code,
        prediction.error,
    )


@pytest.mark.parametrize(
    ("client", "path"),
    [(None, "/v1/google/flat/text-to-image"), ("v3", "/api/v3/google/flat/text-to-image")],
)
def test_the_client_overrides_the_model(side, script, ok, flat, client, path):
    """A model's own surface counts unless the client names one."""
    server = script(ok())
    side.run(side.client(server, surface=client).submit(flat))

    assert [path] == server.paths


@pytest.mark.parametrize(
    ("client", "call", "path"),
    [
        (None, None, "/api/v3/predictions/p"),
        ("v1", None, "/v1/requests/p"),
        ("v1", "v3", "/api/v3/predictions/p"),
        (None, "v1", "/v1/requests/p"),
    ],
)
def test_surface_of_a_lookup(side, script, ok, client, call, path):
    """A lookup goes by the call's surface, then the client's, and the handle keeps to it."""
    server = script(ok(id="p"))
    prediction = side.run(side.client(server, surface=client).prediction("p", surface=call))
    side.run(prediction.refresh())

    assert [path, path] == server.paths


def test_a_model_id_stays_in_its_place(side, script, ok):
    """A model id that climbs is refused before anything is sent."""
    server = script(ok())
    with pytest.raises(ResponseFormatError, match="model id"):
        side.run(side.client(server).submit(OddRequest()))

    assert [] == server.requests


@pytest.mark.parametrize(
    "url",
    ["", "https://a b.test", "https://a.test\\@b.test", "https://a\tb.test", "javascript:x", "//a"],
)
def test_addresses_that_parsers_read_differently_have_no_origin(url):
    """Nothing that is not plain has an origin."""
    assert origin_of(url) is None


def test_with_options_keeps_the_rest(key):
    """`with_options` changes what is named; the key stays unless it is changed."""
    client = Client(key, "http://127.0.0.1:8000", max_retries=1)
    other = client.with_options(surface="v1", submit_deadline=5)

    assert ("v1", 5, 1, "http://127.0.0.1:8000") == (
        other._session.options.surface,
        other._session.options.submit_deadline,
        other._session.options.max_retries,
        other.base_url,
    )
    assert client._session.options.surface is None
    assert key == other._session.options.require_key().reveal()
    assert (
        "sk-other-0"
        == other.with_options(api_key="sk-other-0")._session.options.require_key().reveal()
    )


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_public_address_in_clear_is_warned_of_once(kind):
    """A base URL by http beyond this network is told once, since the key goes there in clear."""
    url = f"http://{kind.__name__.lower()}.example.com"
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        for _ in range(3):
            kind("sk-1", url).with_options(timeout=3)

    assert [f"The API key is sent in clear to {url}"] == [
        str(each.message).partition(",")[0] for each in caught
    ]
    assert __file__ == caught[0].filename


@pytest.mark.parametrize(
    "url",
    [
        *("http://localhost:8000", "http://127.0.0.1:8000", "http://[::1]:8000", "http://emulator"),
        *("http://10.0.0.1", "http://192.168.1.7:80", "http://api.internal", "https://example.com"),
    ],
)
def test_no_other_address_is_warned_of(url):
    """An emulator on this machine or network, and https, need no warning."""
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        Client("sk-1", url)
