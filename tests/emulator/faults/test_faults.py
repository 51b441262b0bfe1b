"""Faults, as a client at the other end of a real connection sees them."""

import asyncio
import json
import socket
import time

import httpx
import pytest
from get3w_emulator import ManualClock, create_app, running
from get3w_emulator._common.clock import SystemClock
from get3w_emulator._common.problems import RulesError
from get3w_emulator.faults.rules import Faults
from get3w_emulator.settings import Settings

MODEL = "/api/v3/get3w/flux-dev"
BODY = {"prompt": "x"}


def rule(http, *rules):
    answer = http.post("/_emulator/faults", json=list(rules))
    assert (200, {"rules": len(rules)}) == (answer.status_code, answer.json())


def bytes_seen(emulator, body, headers=""):
    """Submit over a bare socket and return every byte until the other end closes."""
    url = httpx.URL(emulator.url)
    request = (
        f"POST {MODEL} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer test-key\r\n"
        "Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n{headers}\r\n"
    ).encode() + body
    with socket.create_connection((url.host, url.port), timeout=5) as connection:
        connection.sendall(request)
        seen = b""
        while part := connection.recv(65536):
            seen += part
    return seen


@pytest.mark.parametrize(
    ("fault", "accepted"), [("drop_before_accept", 0), ("drop_after_accept", 1)]
)
@pytest.mark.parametrize("padding", [0, 300_000])
def test_dropped_connection_shows_no_byte(http, emulator, fault, accepted, padding):
    """The connection closes in order and in silence; the ledger tells which fault it was."""
    rule(http, {"fault": fault})
    body = json.dumps({"prompt": "x" * (padding + 1)}).encode()

    assert b"" == bytes_seen(emulator, body)
    assert accepted == len(emulator.ledger())


@pytest.mark.parametrize(
    ("fault", "accepted"), [("drop_before_accept", 0), ("drop_after_accept", 1)]
)
def test_dropped_connection_is_a_disconnect_for_a_client(http, emulator, fault, accepted):
    """An HTTP client reports that the server went away, and can go on after it."""
    rule(http, {"fault": fault, "times": 1})

    with pytest.raises(httpx.RemoteProtocolError, match="disconnected without sending"):
        http.post(MODEL, json=BODY)

    assert accepted == len(emulator.ledger())
    assert 200 == http.post(MODEL, json=BODY).status_code


def test_truncated_answer_ends_early(http, emulator):
    """Half of the body comes, then the connection closes; the task is accepted."""
    rule(http, {"fault": "truncate"})

    seen = bytes_seen(emulator, json.dumps(BODY).encode())

    head, _, body = seen.partition(b"\r\n\r\n")
    declared = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    assert head.startswith(b"HTTP/1.1 200")
    assert declared // 2 == len(body) > 50
    assert 1 == len(emulator.ledger())
    with pytest.raises(httpx.RemoteProtocolError, match="without sending complete message body"):
        http.post(MODEL, json=BODY)


def test_malformed_answer_is_no_json(http, emulator):
    """The status is 200, the task accepted, the body unreadable."""
    rule(http, {"fault": "malformed"})

    answer = http.post(MODEL, json=BODY)

    assert (200, "application/json") == (answer.status_code, answer.headers["content-type"])
    assert 1 == len(emulator.ledger())
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_status_is_answered_with_headers_and_body(http, emulator):
    """The answer is what the rule says; the task is not accepted."""
    rule(
        http,
        {"fault": "status", "status": 503, "headers": {"Retry-After": "7"}, "body": {"a": [1]}},
    )

    answer = http.post(MODEL, json=BODY)

    assert (503, "7", {"a": [1]}) == (
        answer.status_code,
        answer.headers["retry-after"],
        answer.json(),
    )
    assert [] == emulator.ledger()


@pytest.mark.parametrize(
    ("status", "path", "expected"),
    [
        (429, MODEL, {"code": 429, "message": "Rate limit exceeded", "data": None}),
        (500, "/v1/get3w/flux-dev", {"code": 500, "error": "Server error"}),
        (503, MODEL, {"code": 503, "message": "Service Unavailable", "data": None}),
        (599, MODEL, {"code": 599, "message": "Error", "data": None}),
    ],
)
def test_status_alone_brings_its_error_answer(http, status, path, expected):
    """Without a body, the answer is the error that belongs to the status and the surface."""
    rule(http, {"fault": "status", "status": status})

    assert expected == http.post(path, json=BODY).json()


def test_status_body_can_be_any_text(http):
    """A text is sent as it is, and may call itself what it likes."""
    html = {"content-type": "text/html"}
    rule(http, {"fault": "status", "status": 502, "body": "<h1>bad</h1>", "headers": html})

    answer = http.get("/api/v3/balance")

    assert ("<h1>bad</h1>", "text/html") == (answer.text, answer.headers["content-type"])


def test_status_without_content_has_none(http):
    """204 is answered without a body."""
    rule(http, {"fault": "status", "status": 204, "body": "x", "times": 1})

    assert (204, b"") == ((answer := http.get("/api/v3/balance")).status_code, answer.content)
    assert 200 == http.get("/api/v3/balance").status_code


def test_delay_waits_then_serves(http, emulator):
    """The answer comes whole, and not before its time."""
    rule(http, {"fault": "delay", "seconds": 0.1})
    before = time.monotonic()

    answer = http.post(MODEL, json=BODY)

    assert 0.1 <= time.monotonic() - before
    assert (200, 1) == (answer.status_code, len(emulator.ledger()))


def test_client_that_does_not_wait_gets_a_timeout(http, emulator):
    """A delay beyond the client's patience leaves the task accepted or not, but no answer."""
    rule(http, {"fault": "delay", "seconds": 0.3, "times": 1})

    with pytest.raises(httpx.ReadTimeout):
        http.post(MODEL, json=BODY, timeout=0.05)

    assert 200 == http.post(MODEL, json=BODY).status_code


def test_rule_strikes_so_many_times(http):
    """With `times`, the calls after it are served."""
    rule(http, {"fault": "status", "status": 429, "times": 2})

    assert [429, 429, 200] == [http.post(MODEL, json=BODY).status_code for _ in range(3)]


def test_rule_strikes_what_it_names(http):
    """Method and path decide; a glob crosses slashes; the first rule that matches strikes."""
    rule(
        http,
        {"fault": "status", "status": 501, "method": "post", "path": "/api/*/flux-dev"},
        {"fault": "status", "status": 502, "path": "/api/v3/b*"},
        {"fault": "status", "status": 503, "method": "POST"},
    )

    assert 501 == http.post(MODEL, json=BODY).status_code
    assert 502 == http.get("/api/v3/balance").status_code
    assert 502 == http.get("/api/v3/billings").status_code
    assert 503 == http.post("/v1/get3w/flux-dev", json=BODY).status_code
    assert 200 == http.get("/api/v3/usage").status_code
    assert 405 == http.get(MODEL).status_code


def test_probability_is_drawn_the_same_again(http, emulator):
    """Some calls fail, some do not, and after a reset the same ones fail."""
    runs = []
    for _ in range(2):
        emulator.reset()
        rule(http, {"fault": "status", "status": 500, "probability": 0.5})
        runs.append([http.get("/api/v3/balance").status_code for _ in range(30)])

    assert runs[0] == runs[1]
    assert {200, 500} == set(runs[0])
    assert 5 < runs[0].count(500) < 25


def test_probability_has_its_ends():
    """0 never strikes, 1 always does."""
    faults = Faults()
    faults.replace([{"fault": "malformed", "probability": 0}])
    assert [None] * 50 == [faults.next("GET", "/") for _ in range(50)]
    faults.replace([{"fault": "malformed", "probability": 1}])
    assert None not in [faults.next("GET", "/") for _ in range(50)]


def test_admin_calls_are_never_struck(stranger, emulator):
    """However bad it gets, the rules can be taken back, and no key is needed for it."""
    emulator.faults([{"fault": "drop_before_accept"}])

    assert {"submissions": []} == stranger.get("/_emulator/ledger").json()
    assert 200 == stranger.post("/_emulator/reset").status_code
    assert 401 == stranger.get("/api/v3/balance").status_code


def test_new_rules_replace_the_old(http):
    """An empty list takes all back."""
    rule(http, {"fault": "status", "status": 500})
    rule(http)

    assert 200 == http.get("/api/v3/balance").status_code


def test_ledger_tells_what_was_accepted(http, emulator, clock):
    """Every accepted submit, in order, without `webhook_url`; refused ones are not in it."""
    first = http.post(MODEL, json={"prompt": "1", "webhook_url": "https://example.com"}).json()
    http.post(MODEL, json={"prompt": 1})
    clock.advance(1.5)
    second = http.post("/v1/minimax/video-01", json={"prompt": "2"}).json()

    ledger = http.get("/_emulator/ledger").json()

    assert ledger["submissions"] == [each.to_json() for each in emulator.ledger()]
    assert [
        (first["data"]["id"], "get3w/flux-dev", {"prompt": "1"}),
        (second["id"], "minimax/video-01", {"prompt": "2"}),
    ] == [(each["id"], each["model"], each["input"]) for each in ledger["submissions"]]
    assert first["data"]["created_at"] == ledger["submissions"][0]["accepted_at"]
    assert ["id", "model", "input", "accepted_at"] == list(ledger["submissions"][0])


def test_reset_forgets_everything(http, emulator):
    """Predictions, uploads, ledger and rules are gone."""
    prediction = http.post(MODEL, json=BODY).json()["data"]["urls"]["get"]
    upload = http.post("/api/v3/files/upload", files={"file": ("a.png", b"x")}).json()["data"][
        "url"
    ]
    rule(http, {"fault": "status", "status": 500, "path": "/api/v3/balance"})

    assert 200 == http.post("/_emulator/reset").status_code
    assert [] == emulator.ledger()
    assert [404, 404, 200] == [
        http.get(url).status_code for url in (prediction, upload, "/api/v3/balance")
    ]


@pytest.mark.parametrize(
    "clock", [ManualClock(), SystemClock()], ids=lambda each: type(each).__name__
)
def test_reset_puts_the_clock_back(clock):
    """A test that moved the clock ahead leaves the time to the next one as it was."""
    with running(clock=clock) as emulator:
        before = emulator.now()
        emulator.advance(86_400)
        ahead = emulator.now() - before
        emulator.reset()
        after = emulator.now() - before

    assert ahead >= 86_400
    assert 0 <= after < 86_400


@pytest.mark.parametrize(
    ("rules", "pointer"),
    [
        ({"fault": "malformed"}, ""),
        (["malformed"], "/0"),
        ([{}], "/0"),
        ([{"fault": "malformed"}, {"fault": "explode"}], "/1/fault"),
        ([{"fault": "status"}], "/0"),
        ([{"fault": "delay"}], "/0"),
        ([{"fault": "status", "status": 99}], "/0/status"),
        ([{"fault": "status", "status": "500"}], "/0/status"),
        ([{"fault": "status", "status": 500, "headers": {"a": 1}}], "/0/headers"),
        ([{"fault": "status", "status": 500, "headers": {"a": "1\r\nb: 2"}}], "/0/headers"),
        ([{"fault": "status", "status": 500, "headers": {"a b": "1"}}], "/0/headers"),
        ([{"fault": "delay", "seconds": -1}], "/0/seconds"),
        ([{"fault": "malformed", "times": 0}], "/0/times"),
        ([{"fault": "malformed", "times": True}], "/0/times"),
        ([{"fault": "malformed", "probability": 1.1}], "/0/probability"),
        ([{"fault": "malformed", "method": 1}], "/0/method"),
        ([{"fault": "malformed", "path": None}], "/0/path"),
        ([{"fault": "malformed", "tines": 1}], "/0/tines"),
    ],
)
def test_rules_that_make_no_sense_are_refused(http, emulator, rules, pointer):
    """The error says which field of which rule; the rules before stay."""
    rule(http, {"fault": "status", "status": 418})

    answer = http.post("/_emulator/faults", json=rules)

    assert (400, pointer) == (answer.status_code, answer.json()["details"][0]["pointer"])
    assert answer.json()["details"][0]["message"] in answer.json()["message"]
    assert 418 == http.get("/api/v3/balance").status_code
    with pytest.raises(RulesError):
        emulator.faults(rules)


def test_fault_in_process_is_an_error_of_the_server():
    """Where there is no connection to close, the call ends in an error."""
    app = create_app(Settings())

    async def calls():
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            await client.post("/_emulator/faults", json=[{"fault": "drop_before_accept"}])
            with pytest.raises(ConnectionResetError):
                await client.get("/api/v3/balance")

    asyncio.run(calls())


@pytest.mark.parametrize(
    "header",
    ["status; status=503; times=2", '{"fault": "status", "status": 503, "times": 2}'],
)
def test_call_can_ask_for_its_fault(http, emulator, header):
    """The header strikes the calls that carry it, as often as it says, and no other."""
    headers = {"X-Emulator-Fault": header}
    statuses = [http.post(MODEL, json=BODY, headers=headers).status_code for _ in range(4)]

    assert [503, 503, 200, 200] == statuses
    assert 200 == http.get("/api/v3/balance").status_code
    assert 2 == len(emulator.ledger())

    emulator.reset()
    assert 503 == http.get("/api/v3/models", headers=headers).status_code


def test_header_drops_after_accepting(http, emulator):
    """Every fault can be asked for; a path in it narrows it."""
    headers = {"X-Emulator-Fault": "drop_after_accept; path=/api/v3/get3w/*"}

    assert 200 == http.get("/api/v3/balance", headers=headers).status_code
    with pytest.raises(httpx.RemoteProtocolError):
        http.post(MODEL, json=BODY, headers=headers)
    assert 1 == len(emulator.ledger())


@pytest.mark.parametrize("header", ["", "explode", "status", "status; status=9", "{", "delay;;x=1"])
def test_header_that_makes_no_sense_is_refused(http, emulator, header):
    """It is answered 400 and says so; nothing is accepted."""
    answer = http.post(MODEL, json=BODY, headers={"X-Emulator-Fault": header})

    assert 400 == answer.status_code
    assert answer.json()["message"].startswith("x-emulator-fault: ")
    assert [] == emulator.ledger()
