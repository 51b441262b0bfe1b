"""A delivery is read leniently and believed in nothing; the server is asked for the truth."""

import json
import logging
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from get3w_core import (
    AsyncClient,
    AsyncPrediction,
    Client,
    ConfigurationError,
    ConnectionFailedError,
    Get3WError,
    NotFoundError,
    Prediction,
    ResponseFormatError,
    WebhookDelivery,
    WebhookError,
    WebhookVerificationError,
    confirm,
    confirm_async,
    parse_webhook,
    set_default_client,
)
from hypothesis import given, settings
from hypothesis import strategies as st

few = settings(max_examples=100, deadline=None, database=None)

# As Get3W's own page shows it [G].
DELIVERED = {
    "id": "pred_abc123",
    "model": "get3w/flux-dev",
    "status": "completed",
    "outputs": ["https://cdn.get3w.com/outputs/image-xxxxx.png"],
    "timings": {"inference": 2500},
    "created_at": "2024-01-01T12:00:00.000Z",
    "completed_at": "2024-01-01T12:00:03.000Z",
}


def body_of(**fields):
    return json.dumps({"id": "pred_1", "status": "completed", **fields}).encode()


@pytest.fixture
def ask(side):
    """Confirm a delivery with the client of either kind."""

    def ask(delivery, *client):
        call = confirm if side.name == "sync" else confirm_async
        return side.run(call(delivery, *client))

    return ask


@pytest.mark.parametrize(
    "body",
    [DELIVERED, {"code": 200, "message": "success", "data": DELIVERED}],
    ids=["bare", "envelope"],
)
def test_a_delivery_becomes_the_same_handle(body):
    """Both handles say what the delivery says, and can be kept as JSON."""
    delivery = parse_webhook(json.dumps(body).encode())

    for handle in (Prediction.from_delivery(delivery), AsyncPrediction.from_delivery(delivery)):
        assert "pred_abc123" == handle.id
        assert "completed" == handle.status
        assert "get3w/flux-dev" == handle.model
        assert DELIVERED["outputs"] == [each.raw for each in handle.outputs]
        assert {"inference": 2500} == handle.timings
        assert 3.0 == (handle.completed_at - handle.created_at).total_seconds()
        assert handle.done
        assert handle.data == type(handle).from_json(handle.to_json()).data
    assert Prediction is type(Prediction.from_delivery(delivery))
    assert AsyncPrediction is type(AsyncPrediction.from_delivery(delivery))


def test_a_failed_delivery():
    """A failure carries the server's text and code."""
    delivery = parse_webhook(body_of(status="failed", error="no such image", code=1402))
    handle = Prediction.from_delivery(delivery)

    assert "no such image" == handle.error
    assert 1402 == handle.code
    assert [] == handle.outputs


def test_what_is_new_is_no_error():
    """Unknown fields and statuses are read, as everywhere."""
    delivery = parse_webhook(body_of(status="upscaling", news=[1], outputs=None, timings="x"))

    assert "upscaling" == Prediction.from_delivery(delivery).status
    assert not Prediction.from_delivery(delivery).done


@pytest.mark.parametrize(
    ("named", "of_client", "expected"),
    [
        (None, None, "v3"),
        (None, "v1", "v1"),
        ("v1", None, "v1"),
        ("v3", "v1", "v3"),
    ],
)
@pytest.mark.parametrize("kind", [Client, AsyncClient])
def test_home_of_a_handle(kind, named, of_client, expected):
    """The origin is the client's; the surface is the one named, else the client's, else v3."""
    client = kind("key", "https://elsewhere.test", surface=of_client)
    delivery = parse_webhook(body_of(), surface=named)
    handle = Prediction if kind is Client else AsyncPrediction
    kept = json.loads(handle.from_delivery(delivery, client).to_json())

    assert expected == kept["surface"]
    assert "https://elsewhere.test" == kept["origin"]


def test_home_without_a_client(monkeypatch):
    """Without a client the origin is the environment's, else Get3W's."""
    delivery = parse_webhook(body_of())
    assert (
        "https://api.get3w.com"
        == json.loads(Prediction.from_delivery(delivery).to_json())["origin"]
    )

    monkeypatch.setenv("GET3W_BASE_URL", "http://127.0.0.1:8000")
    assert (
        "http://127.0.0.1:8000"
        == json.loads(Prediction.from_delivery(delivery).to_json())["origin"]
    )


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"\xff\xfe\x00",
        b"[" * 100_000,
        b"9" * 5000,
        b"null",
        b"[]",
        b'"pred_1"',
        b"{}",
        b'{"id": "pred_1"}',
        b'{"status": "completed"}',
        b'{"id": null, "status": "completed"}',
        b'{"id": true, "status": "completed"}',
        b'{"id": "pred_1", "status": 200}',
        b'{"id": "", "status": "completed"}',
        b'{"data": [{"id": "pred_1", "status": "completed"}]}',
        b'{"id": "pred_1", "status": "completed"',
        None,
        {"id": "pred_1", "status": "completed"},
    ],
)
def test_other_bodies_are_refused(body):
    """What shows no prediction is a `WebhookError`, which is one of ours."""
    with pytest.raises(WebhookError, match="The body of the delivery") as caught:
        parse_webhook(body)

    assert isinstance(caught.value, Get3WError)


@pytest.mark.parametrize(
    "identity",
    [
        *("..", ".", "-", "../balance", "a/b", "a\\b", "a%2fb", "a?b", "a#b", "a b", "a\nb"),
        *("a\x00b", "é", "\ud800", "a" * 201, "a;b", "a&b=c"),
    ],
)
def test_ids_that_could_climb_are_refused(identity):
    """An id becomes part of a path, so nothing but a plain one is taken."""
    with pytest.raises(WebhookError):
        parse_webhook(body_of(id=identity))


@pytest.mark.parametrize(
    "identity",
    [
        "pred_abc123",
        "task-abc123",
        "0f8fad5b-d9cd-469f-a165-70867728950e",
        "0f8fad5bd9cd469fa16570867728950e",
        "a" * 200,
    ],
)
def test_documented_ids_are_taken(identity):
    """Every style of id that the documentation shows is fine."""
    assert identity == parse_webhook(body_of(id=identity)).prediction_id


def test_a_number_is_an_id():
    """A numeric id is read as its digits, as in every other answer."""
    assert "17" == parse_webhook(b'{"id": 17, "status": "completed"}').prediction_id


def test_a_delivery_shows_itself_briefly():
    """Outputs may be megabytes, so they are not in a repr."""
    shown = repr(parse_webhook(body_of(outputs=["x" * 10_000])))

    assert "WebhookDelivery(prediction_id='pred_1', status='completed')" == shown


def test_confirm_uses_the_id_alone(side, ask, script, ok, origin):
    """Addresses in a delivery are never asked, and what it claims does not survive."""
    server = script(ok("completed", outputs=["https://cdn.test/true.png"]))
    forged = parse_webhook(
        body_of(
            outputs=["http://169.254.169.254/secrets"],
            urls={"get": f"{origin}/api/v3/balance", "cancel": "https://evil.test"},
            model="evil/model",
        )
    )
    prediction = ask(forged, side.client(server))

    assert [f"{origin}/api/v3/predictions/pred_1"] == [str(r.url) for r in server.requests]
    assert ["https://cdn.test/true.png"] == [each.raw for each in prediction.outputs]
    assert {} == prediction.urls
    assert prediction.model is None


@pytest.mark.parametrize(
    ("surface", "path"),
    [("v3", "/api/v3/predictions/pred_1"), ("v1", "/v1/requests/pred_1")],
)
def test_confirm_asks_on_the_surface(side, ask, script, ok, surface, path):
    """The surface of the delivery decides where to ask."""
    server = script(ok("completed"))
    ask(parse_webhook(body_of(), surface=surface), side.client(server))

    assert [path] == server.paths


@pytest.mark.parametrize(
    ("claimed", "true"),
    [
        ("completed", "processing"),
        ("completed", "failed"),
        ("failed", "completed"),
        ("processing", "completed"),
    ],
)
def test_the_server_wins(side, ask, script, ok, caplog, claimed, true):
    """Where a delivery and the server disagree the handle says what the server says."""
    caplog.set_level(logging.WARNING, "get3w_core")
    prediction = ask(parse_webhook(body_of(status=claimed)), side.client(script(ok(true))))

    assert true == prediction.status
    assert f"pred_1 is '{claimed}', and the server that it is '{true}'" in caplog.text


def test_agreement_is_silent(side, ask, script, ok, caplog):
    """A delivery that the server confirms logs no warning."""
    caplog.set_level(logging.WARNING, "get3w_core")
    ask(parse_webhook(body_of()), side.client(script(ok("completed"))))

    assert [] == caplog.records


def test_a_confirmed_handle_can_wait(side, ask, script, ok):
    """The handle has the client: a delivery that came too early is waited for."""
    client = side.client(script(ok("processing"), ok("processing"), ok("completed")))
    prediction = ask(parse_webhook(body_of()), client)

    assert "completed" == side.run(prediction.wait()).status


def test_an_unknown_prediction_is_not_genuine(side, ask, script, error):
    """A 404 says that the delivery is not to be believed, and why."""
    with pytest.raises(WebhookVerificationError, match="pred_1, which the server does not") as info:
        ask(parse_webhook(body_of()), side.client(script(error(404, "Not found"))))

    assert "pred_1" == info.value.prediction_id
    assert isinstance(info.value.__cause__, NotFoundError)


def test_another_prediction_is_no_confirmation(side, ask, script, ok):
    """An answer about another id confirms nothing, and says nothing against the delivery."""
    with pytest.raises(ResponseFormatError, match="'pred_1', and 'PRED_1' was asked for"):
        ask(parse_webhook(body_of(id="PRED_1")), side.client(script(ok("completed"))))


def test_a_server_out_of_reach_is_no_verdict(side, ask, script):
    """When the server cannot be asked, the delivery may still be genuine."""
    client = side.client(script(httpx.ConnectError), max_retries=1)
    with pytest.raises(ConnectionFailedError) as caught:
        ask(parse_webhook(body_of()), client)

    assert not isinstance(caught.value, WebhookError)
    assert "pred_1" == caught.value.prediction_id


def test_confirm_uses_the_shared_client(side, ask, script, ok):
    """Without a client the default one is asked."""
    set_default_client(side.client(script(ok("completed", outputs=["text"]))))

    assert ["text"] == [each.raw for each in ask(parse_webhook(body_of())).outputs]


def test_confirm_without_a_key(ask):
    """Without a key the usual error comes."""
    with pytest.raises(ConfigurationError, match="GET3W_API_KEY"):
        ask(parse_webhook(body_of()))


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)
fields = ["id", "status", "outputs", "error", "code", "timings", "urls", "created_at", "data"]
bodies = (
    st.binary(max_size=60)
    | values.map(lambda value: json.dumps(value).encode())
    | st.dictionaries(st.sampled_from(fields), st.sampled_from(["pred_1", "completed"]) | values)
    .map(lambda value: json.dumps(value).encode())
    .flatmap(lambda body: st.sampled_from([body, body[:-2], b"\xef\xbb\xbf" + body]))
)


@few
@given(bodies)
def test_any_body_is_read_or_refused(body):
    """Whatever comes, it is a delivery with a safe id, or a `WebhookError`."""
    try:
        delivery = parse_webhook(body)
    except WebhookError:
        return
    assert isinstance(delivery, WebhookDelivery)
    assert delivery.prediction_id.isascii()
    assert not set("/\\?#%") & set(delivery.prediction_id)
    assert delivery.prediction_id in repr(Prediction.from_delivery(delivery))


@pytest.mark.parametrize(
    ("imported", "absent"),
    [
        ("get3w_core.client.sync", {"get3w_core.webhooks.delivery", "httpx", "asyncio"}),
        (
            "get3w_core.webhooks.delivery, get3w_core.webhooks.receiver",
            {"httpx", "asyncio", "pydantic"},
        ),
        ("get3w_core.webhooks.signatures", {"httpx", "asyncio", "pydantic"}),
    ],
)
def test_imports_stay_light(imported, absent):
    """A client does not load webhooks, and webhooks load no HTTP."""
    program = f"import sys, {imported}; print(*sys.modules)"
    run = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "core")},
    )

    assert set() == absent & set(run.stdout.split())
