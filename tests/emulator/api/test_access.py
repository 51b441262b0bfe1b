"""Who an emulator answers: programs and its own page, and no page of another web site."""

import socket

import httpx
import pytest
from get3w_emulator import Settings, create_app, running
from get3w_emulator.api.access import SANDBOX, AllowedHosts, is_loopback
from get3w_emulator.state.world import World
from starlette.routing import Route

PAGE_PATHS = ("/", "/_emulator/page/{name:path}")
PATH_VALUES = {
    "{name:path}": "main.js",
    "{model_id:path}": "get3w/flux-dev",
    "{prediction_id}": "pred_1",
    "{name}": "0.png",
    "{id}": "pred_1",
}


def all_routes():
    """Every path of the emulator, with a value for each of its variables."""
    paths = [route.path for route in create_app(Settings()).routes if isinstance(route, Route)]
    for variable, value in PATH_VALUES.items():
        paths = [path.replace(variable, value) for path in paths]
    return sorted(paths)


ROUTES = all_routes()
FOREIGN_HEADERS = {
    "rebound name": {"Host": "rebound.attacker.example"},
    "name that begins like this machine": {"Host": "localhost.attacker.example"},
    "address elsewhere": {"Host": "192.0.2.7"},
    "no host that can be read": {"Host": "[::1"},
    "foreign origin": {"Origin": "https://attacker.example"},
    "origin without a name": {"Origin": "null"},
    "origin on another port": {"Origin": "http://127.0.0.1:1"},
    "cross-site request": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"},
    "same-site request": {"Sec-Fetch-Site": "same-site", "Sec-Fetch-Mode": "cors"},
    "cross-site form": {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "iframe",
    },
}


@pytest.mark.pairwise
@pytest.mark.parametrize("kind", FOREIGN_HEADERS)
@pytest.mark.parametrize("path", ROUTES)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_foreign_call_is_refused_on_every_route(http, emulator, path, kind, method):
    """Whatever the path and method, and with the right key, another site's call does nothing."""
    headers = FOREIGN_HEADERS[kind]
    body = {"prompt": "x"} if method == "POST" else None
    answer = http.request(method, path, headers=headers, json=body)
    shown_anywhere = method == "GET" and path.startswith(("/_outputs/", "/_uploads/"))
    expected = (421,) if "Host" in headers else (404,) if shown_anywhere else (403,)

    assert (answer.status_code,) == expected
    assert [] == emulator.ledger()


@pytest.mark.parametrize("path", [path for path in ROUTES if path != "/api/v3/files/upload"])
@pytest.mark.parametrize("content_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_json_must_be_called_json(http, emulator, path, content_type):
    """A body that a form or script of any page could send unasked is not taken for JSON."""
    headers = {} if content_type is None else {"Content-Type": content_type}
    answer = http.post(path, content=b'[{"fault": "drop_before_accept"}]', headers=headers)

    assert 415 == answer.status_code
    assert {"rules": []} == http.get("/_emulator/faults").json()


@pytest.mark.parametrize(
    ("host", "answered"),
    [
        ("127.0.0.1", True),
        ("127.8.8.8", True),
        ("localhost", True),
        ("LOCALHOST.", True),
        ("app.localhost", True),
        ("::1", True),
        ("192.0.2.7", False),
        ("localhost.example", False),
        ("", False),
    ],
)
def test_loopback_names_are_answered(host, answered):
    """Each name of this machine's own network is one of the emulator's."""
    assert answered == (host in AllowedHosts("127.0.0.1"))
    assert answered == is_loopback(host)


def test_further_names_are_given():
    """A container's name is answered once it is given, and no other."""
    hosts = AllowedHosts("0.0.0.0", ["emulator"])

    assert "emulator" in hosts
    assert "192.0.2.7" in hosts
    assert "emulator.example" not in hosts


def test_programs_need_no_more_than_before(emulator):
    """A client that sends neither `Origin` nor `Sec-Fetch-Site` is answered under each name."""
    port = httpx.URL(emulator.url).port
    for name in ("127.0.0.1", "localhost"):
        assert 200 == httpx.get(f"http://{name}:{port}/_emulator/ledger").status_code


def test_link_of_another_page_opens_the_page(stranger):
    """A person who follows a link sees the page; nothing is shown to the page they came from."""
    headers = {
        "Sec-Fetch-Site": "cross-site",
        "Sec-Fetch-Mode": "navigate",
        "Sec-Fetch-Dest": "document",
    }

    assert 200 == stranger.get("/", headers=headers).status_code


def test_key_is_told_to_the_own_page_only(stranger):
    """No program and no other site reads the key; calls shown without it name the variable."""
    own = {"Sec-Fetch-Site": "same-origin"}
    call = {"json": {"input": {"prompt": "x"}}}
    check = "/_emulator/check/get3w/flux-dev"

    assert stranger.get("/_emulator/models").json()["api_key"] is None
    assert "test-key" == stranger.get("/_emulator/models", headers=own).json()["api_key"]
    assert "$GET3W_API_KEY" in stranger.post(check, **call).json()["calls"]["curl"]
    assert "test-key" in stranger.post(check, headers=own, **call).json()["calls"]["curl"]


def test_key_stays_untold_beyond_this_machine():
    """An emulator that others can reach tells its key to no page."""
    app = create_app(Settings(listen="0.0.0.0", api_key="kept"))
    with httpx.Client(transport=_wsgi(app), base_url="http://192.0.2.7") as http:
        answer = http.get("/_emulator/models", headers={"Sec-Fetch-Site": "same-origin"})

    assert answer.json()["api_key"] is None


def _wsgi(app):
    """Carry calls of a synchronous client to an application."""
    import asyncio

    class Transport(httpx.BaseTransport):
        def handle_request(self, request):
            async def call():
                answer = await httpx.ASGITransport(app).handle_async_request(request)
                return answer.status_code, answer.headers, await answer.aread()

            status, headers, content = asyncio.run(call())
            return httpx.Response(status, headers=headers, content=content)

    return Transport()


@pytest.mark.parametrize("path", ROUTES)
def test_browser_runs_nothing_of_an_answer(http, path):
    """All but the page's own files are sandboxed, and no content type is guessed."""
    answer = http.get(path)
    page = path in ("/", "/_emulator/page/main.js")

    assert "nosniff" == answer.headers["x-content-type-options"]
    assert page == (SANDBOX != answer.headers["content-security-policy"])
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


def test_fault_cannot_choose_its_own_policy(http):
    """An answer that a rule makes is sandboxed, whatever content type and headers it has."""
    rule = {
        "fault": "status",
        "status": 200,
        "body": "<script>alert(1)</script>",
        "headers": {
            "Content-Type": "text/html",
            "Content-Security-Policy": "default-src *",
            "X-Content-Type-Options": "",
        },
    }
    http.post("/_emulator/faults", json=[rule])
    answer = http.get("/api/v3/balance")

    assert (SANDBOX, "nosniff") == (
        answer.headers["content-security-policy"],
        answer.headers["x-content-type-options"],
    )


def test_listening_on_a_name_answers_to_it():
    """The address that was asked for is one of the emulator's names, and others are not."""
    world = World(Settings(listen="192.0.2.7"))

    assert "192.0.2.7" in AllowedHosts(world.settings.listen)
    assert "192.0.2.8" not in AllowedHosts(world.settings.listen)


@pytest.mark.parametrize("count", [0, 2])
def test_call_has_one_host(emulator, count):
    """No host, or two of them, is refused rather than guessed."""
    url = httpx.URL(emulator.url)
    hosts = "Host: localhost\r\n" * count
    with socket.create_connection((url.host, url.port), timeout=10) as connection:
        connection.sendall(f"GET /_emulator/ledger HTTP/1.1\r\n{hosts}\r\n".encode())
        line = connection.recv(100).split(b"\r\n")[0]

    assert b"421" in line or b"400" in line


def test_names_are_given_to_a_running_emulator():
    """`running` takes further names, as the command does."""
    with running(hosts=("emulator",)) as emulator:
        port = httpx.URL(emulator.url).port
        answer = httpx.get(f"{emulator.url}/_emulator/ledger", headers={"Host": f"emulator:{port}"})

    assert 200 == answer.status_code
