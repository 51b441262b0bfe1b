"""The API key goes to its own origin, and nowhere else."""

import asyncio
import copy
import functools
import io
import logging
import pickle
import socket
import traceback

import httpx
import pytest
from get3w_core import (
    APIError,
    AsyncClient,
    Client,
    ConfigurationError,
    Get3WError,
    default_async_client,
    default_client,
)
from get3w_core._common.secret import Secret
from get3w_core.flow.options import ClientOptions
from get3w_core.http.pool.request import Unsent


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_key_is_in_no_text_of_a_client(kind, key, origin):
    """No repr, str or format of a client, its options or its parts shows the key."""
    client = kind(key, origin)
    things = [
        client,
        client._session.options,
        client._session.options.api_key,
        vars(client),
        [client],
    ]

    for thing in things:
        assert key not in f"{thing!r} {thing!s} {thing}"


@pytest.mark.parametrize(
    "of", [lambda c: c, lambda c: c._session.options, lambda c: c._session.options.api_key]
)
def test_key_is_not_pickled(of, key):
    """Nothing that holds the key can be pickled."""
    with pytest.raises(TypeError):
        pickle.dumps(of(Client(key)))


def test_secret_can_be_copied(key):
    """A copy of the options works, and holds the same key."""
    options = ClientOptions.resolve(key)

    assert key == copy.deepcopy(options).api_key.reveal()
    assert key == copy.copy(options).api_key.reveal()


def locals_and_all(error):
    """Everything that a verbose traceback shows, with the locals of every frame."""
    shown = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [
        frame
        for each in chain(shown)
        for frame in each.stack
        if "get3w_core" in frame.filename or "httpx" in frame.filename
    ]
    return "".join(shown.format_exception_only()) + "".join(str(frame.locals) for frame in ours)


def chain(shown):
    while shown is not None:
        yield shown
        shown = shown.__cause__ or shown.__context__


ECHOES = [
    pytest.param(lambda key: httpx.Response(401, json={"code": 401, "error": key}), id="401"),
    pytest.param(lambda key: httpx.Response(400, text=f"bad {key}"), id="text"),
    pytest.param(lambda key: httpx.Response(500, text=key), id="500"),
    pytest.param(lambda key: httpx.Response(302, headers={"Location": f"/{key}"}), id="302"),
    pytest.param(lambda key: httpx.Response(200, text=f"{{{key}"), id="not-json"),
    pytest.param(lambda key: httpx.Response(429, headers={"Retry-After": key}), id="header"),
    pytest.param(lambda key: httpx.ReadError(f"Bearer {key}"), id="read-error"),
    pytest.param(lambda key: httpx.ConnectError(f"Bearer {key}"), id="connect-error"),
    pytest.param(lambda key: httpx.LocalProtocolError(f"Illegal header b'{key}'"), id="header"),
    pytest.param(lambda key: RuntimeError(key), id="anything"),
]


@pytest.mark.parametrize("echo", ECHOES)
@pytest.mark.parametrize("call", ["submit", "prediction"])
def test_key_is_in_no_error_log_or_traceback(side, script, paint, key, caplog, echo, call):
    """A server or a library that echoes the key does not get it into what is shown."""
    caplog.set_level(logging.DEBUG, logger="get3w_core")
    client = side.client(script(echo(key)), submit_deadline=3, max_retries=1)
    with pytest.raises(Get3WError) as caught:
        side.run(client.submit(paint) if call == "submit" else client.prediction("pred_1"))
    error = caught.value

    assert key not in f"{error} {error!r} {vars(error)}"
    assert key.encode() not in pickle.dumps(error)
    assert key not in locals_and_all(error)
    assert caplog.records
    assert not any(key in record.getMessage() for record in caplog.records)


def test_key_is_not_in_the_text_of_a_failed_task(side, script, ok, key):
    """A task's error text is scrubbed like any other."""
    prediction = side.run(
        side.client(script(ok("failed", error=f"bad {key}"))).prediction("pred_1")
    )
    with pytest.raises(Get3WError) as caught:
        side.run(prediction.wait())

    assert key not in f"{caught.value} {prediction.error} {prediction.to_json()}"


def made(kind, key, **options):
    """Make a client where no frame of a test is looked at."""
    return kind(**{"api_key": key, **options})


WRONG_KEYS = [
    *("{}\n", " {}", '"{}"', "Bearer {}", "bearer {}", "https://{}", "{} x", "{}\u00e9", "{}\0"),
    *("'{}", "{}\r\n"),
]
WRONG_OPTIONS = [
    *({"surface": "v9"}, {"timeout": -1}, {"submit_deadline": -1}, {"max_retries": "x"}),
    *({"retry_unavailable": 1}, {"sync_mode": "no"}, {"on_event": 3}),
    *({"base_url": "ftp://x"}, {"base_url": "https://a:b@c"}, {"base_url": 3}),
]


def assert_hidden(caught, key):
    error = caught.value

    assert key not in f"{error} {error!r} {vars(error)}"
    assert key not in locals_and_all(error)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("wrong", WRONG_KEYS)
@pytest.mark.parametrize("way", ["argument", "variable", "with_options", "default"])
def test_a_wrong_key_is_in_no_frame(monkeypatch, kind, wrong, way, key):
    """A key with something beside it is refused, and no traceback shows it."""
    given = wrong.format(key)
    if way in {"variable", "default"} and "\0" in given:
        given = f"{key} x"  # no variable holds a NUL
    if way in {"variable", "default"}:
        monkeypatch.setenv("GET3W_API_KEY", given)
    calls = {
        "argument": lambda: made(kind, given),
        "variable": lambda: made(kind, None),
        "with_options": lambda: made(kind, "sk-other-key").with_options(api_key=given),
        "default": default_client if kind is Client else default_async_client,
    }
    with pytest.raises(ConfigurationError, match="Nothing was sent") as caught:
        calls[way]()

    assert_hidden(caught, key)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("options", WRONG_OPTIONS)
@pytest.mark.parametrize("changed", [True, False])
def test_a_wrong_option_beside_a_key_hides_it(kind, options, changed, key):
    """An option that is refused takes no key into its traceback."""
    client = made(kind, "sk-other-key")
    call = client.with_options if changed else functools.partial(made, kind, key)
    given = {"api_key": key, **options} if changed else options
    with pytest.raises(ConfigurationError) as caught:
        call(**given)

    assert_hidden(caught, key)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize(
    "wrong", ["{}", " {} ", "https://api.get3w.com/{}", "https://{}@x", "x?{}", "{}/", "ftp://{}"]
)
def test_a_key_given_as_base_url_is_not_shown(kind, wrong, key):
    """What is no address may be the key, so neither message nor traceback shows it."""
    with pytest.raises(ConfigurationError, match="base URL") as caught:
        made(kind, "sk-other-key", base_url=wrong.format(key))

    assert_hidden(caught, key)


@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_a_client_that_was_refused_can_be_shown(kind, key):
    """A debugger that looks at a half-made client sees what it is."""
    with pytest.raises(ConfigurationError) as caught:
        made(kind, key, timeout=-1)
    frames = traceback.walk_tb(caught.value.__traceback__)
    refused = [frame.f_locals["self"] for frame, _ in frames if "self" in frame.f_locals]

    assert [f"{kind.__name__}(not made)"] == [repr(each) for each in refused]


@pytest.mark.parametrize("size", [6, 1 << 18, 8 << 20])
def test_a_cancelled_upload_hides_the_key(size, key):
    """No frame shows the head of a request that was on its way, however much had left."""

    async def main():
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.setblocking(False)
            port = listener.getsockname()[1]
            async with AsyncClient(key, f"http://127.0.0.1:{port}") as client:
                task = asyncio.create_task(client.upload(io.BytesIO(b"GIF89a" + bytes(size))))
                connection, _ = await asyncio.get_running_loop().sock_accept(listener)
                with connection:
                    await asyncio.get_running_loop().sock_recv(connection, 1)
                    task.cancel()
                    await task

    with pytest.raises(asyncio.CancelledError) as caught:
        asyncio.run(main())

    assert key not in locals_and_all(caught.value)


def test_bytes_on_their_way_are_not_shown(key):
    """The buffer that holds the head of a request shows its length alone."""
    unsent = Unsent(key.encode())
    unsent += b"more"

    assert f"<{len(key) + 4} bytes>" == repr(unsent)


def test_a_key_that_httpx_would_refuse_is_not_shown():
    """A key with a line feed is refused at once, without being repeated."""
    with pytest.raises(ConfigurationError) as caught:
        Client("sk-with-newline\n")

    assert "sk-with-newline" not in str(caught.value)


def test_a_key_goes_only_to_its_origin(script, ok, key):
    """A flow that asks elsewhere with the key does so without it."""
    from get3w_core.flow.effects import HttpRequest
    from get3w_core.http.sender import SyncSender

    server = script(ok())
    transport = SyncSender(httpx.Client(transport=httpx.MockTransport(server)))
    options = ClientOptions.resolve(key)
    for url in [
        "https://api.get3w.com/x",
        "https://api.get3w.com.evil.test/x",
        "http://api.get3w.com/x",
        "https://api.get3w.com:444/x",
        "https://api.get3w.com@evil.test/x",
    ]:
        transport.send(HttpRequest("GET", url), options)

    sent = ["Bearer" in request.headers.get("Authorization", "") for request in server.requests]
    assert [True, False, False, False, False] == sent


def test_an_injected_client_may_follow_redirects_and_is_not_let(script, ok, paint, key):
    """`follow_redirects=True` of an injected client does not count for our calls."""
    server = script(httpx.Response(302, headers={"Location": "https://evil.test/"}), ok())
    http_client = httpx.Client(transport=httpx.MockTransport(server), follow_redirects=True)
    with pytest.raises(APIError):
        Client(key, http_client=http_client, max_retries=0).prediction("pred_1")

    assert 1 == len(server.requests)


def test_downloads_take_away_what_an_injected_client_adds(script, ok, key, tmp_path):
    """A default Authorization of an injected client does not go to where outputs are."""
    server = script(ok("completed", outputs=["https://cdn.test/a.png"]), httpx.Response(200))
    http_client = httpx.Client(
        transport=httpx.MockTransport(server), headers={"Authorization": "Bearer injected"}
    )
    Client(key, http_client=http_client).prediction("pred_1").download(tmp_path)

    assert "Authorization" not in server.requests[1].headers


def test_downloads_send_nothing_of_an_injected_client(side, script, ok, key, tmp_path):
    """Its cookies, parameters and headers are for the API, and not for where outputs are."""
    server = script(ok("completed", outputs=["https://cdn.test/a.png?sig=1"]), httpx.Response(200))
    client = side.client(server)
    http_client = client._session.sender.get()._client if side.name == "sync" else None
    http_client = http_client or client._session.sender.get()._injected
    http_client.headers.update({"X-Tenant": "secret", "Cookie": "a=secret", "Authorization": "b"})
    http_client.cookies.set("session", "secret")
    http_client.params = {"token": "secret"}
    prediction = side.run(client.prediction("pred_1"))
    side.run(prediction.download(tmp_path))
    asked, fetched = server.requests

    assert "token=secret" in str(asked.url)
    assert "secret" == asked.headers["X-Tenant"]
    assert "https://cdn.test/a.png?sig=1" == str(fetched.url)
    assert not {"x-tenant", "cookie", "authorization"} & set(fetched.headers)


def test_a_short_key_leaves_texts_alone():
    """A key so short that it stands in honest text is not searched for."""
    assert "a lighthouse" == Secret("a").scrub("a lighthouse")
    assert b"***" == Secret("12345678").scrub_bytes(b"12345678")


def test_async_headers_carry_the_key(script, ok, paint, key):
    """The async client authenticates as the sync one does."""
    server = script(ok())

    async def main():
        http_client = httpx.AsyncClient(transport=httpx.MockTransport(server))
        await AsyncClient(key, http_client=http_client).submit(paint)

    asyncio.run(main())

    assert f"Bearer {key}" == server.requests[0].headers["Authorization"]
