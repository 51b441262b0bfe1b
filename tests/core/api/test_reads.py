"""Everything but a submit is repeated freely."""

import httpx
import pytest
from get3w_core import (
    APIError,
    ConnectionFailedError,
    NotFoundError,
    ResponseFormatError,
    ServerError,
)
from get3w_core.api.account import BillingRecord, UsageItem

TRANSIENT = [
    httpx.ConnectError,
    httpx.ReadTimeout,
    httpx.RemoteProtocolError,
    httpx.Response(429),
    httpx.Response(500),
    httpx.Response(502, text="<html>"),
    httpx.Response(503),
    httpx.Response(504),
    httpx.Response(200, text='{"code":200,"da'),
    httpx.Response(200, json={"code": 500, "message": "no", "data": None}),
]


@pytest.mark.parametrize("failure", TRANSIENT)
def test_read_is_repeated(side, script, ok, failure):
    """A read survives what passes."""
    server = script(failure, failure, ok("completed"))
    prediction = side.run(side.client(server).prediction("pred_1"))

    assert "completed" == prediction.status
    assert [0.5625, 1.125] == side.clock.pauses


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError, ConnectionFailedError),
        (httpx.ReadError, ConnectionFailedError),
        (httpx.Response(503), ServerError),
        (httpx.Response(200, text='{"code":200,"da'), ResponseFormatError),
    ],
)
def test_read_gives_up_after_max_retries(side, script, failure, kind):
    """`max_retries` bounds the attempts of a read, and the error names the prediction."""
    server = script(failure)
    with pytest.raises(kind) as caught:
        side.run(side.client(server, max_retries=2).prediction("pred_7"))

    assert 3 == len(server.requests)
    assert "pred_7" == caught.value.prediction_id
    assert "pred_7" in str(caught.value)


@pytest.mark.parametrize("status", [302, 400, 401, 403, 404, 501])
def test_definite_answers_are_not_repeated(side, script, error, status):
    """Other errors are raised at once; a redirect is never followed."""
    server = script(error(status, headers={"Location": "https://evil.test/"}))
    with pytest.raises(APIError) as caught:
        side.run(side.client(server).prediction("pred_1"))

    assert status == caught.value.status_code
    assert 1 == len(server.requests)


def test_read_waits_as_told(side, script, error, ok):
    """Retry-After counts for reads; up to a quarter is added by chance, and nothing taken away."""
    server = script(error(429, headers={"Retry-After": "7"}), ok())
    side.run(side.client(server).prediction("pred_1"))

    assert [7 * 1.125] == side.clock.pauses


@pytest.mark.parametrize(
    "body",
    [
        {"code": 200, "message": "success", "data": None},
        {"code": 200, "message": "success", "data": {"id": "pred_1"}},
        {"code": 200, "message": "success", "data": {"status": "created"}},
        {"code": 200, "message": "success", "data": [1]},
        {"code": 5004, "message": "odd", "data": {"id": "pred_1", "status": "created"}},
        {"code": 0, "message": "odd", "data": {"id": "pred_1", "status": "created"}},
        "text",
        None,
    ],
)
def test_read_without_a_prediction_is_a_format_error(side, script, body):
    """An answer that shows no prediction is an error that keeps the beginning of the body."""
    with pytest.raises(ResponseFormatError):
        side.run(side.client(script(httpx.Response(200, json=body))).prediction("pred_1"))


@pytest.mark.parametrize("status", [200, 204, 202])
def test_delete_takes_any_success(side, script, status):
    """Get3W does not document the answer to a delete, so any 2xx will do."""
    server = script(httpx.Response(status))

    assert side.run(side.client(server).delete("pred_1")) is None
    assert ["/api/v3/predictions/pred_1"] == server.paths


def test_delete_that_was_carried_out_unseen_is_a_success(side, script, error):
    """404 after an attempt whose answer was lost means that it worked."""
    server = script(httpx.ReadError, error(404))

    assert side.run(side.client(server).delete("pred_1")) is None


@pytest.mark.parametrize("before", [(), (httpx.ConnectError,)])
def test_delete_of_an_unknown_prediction_is_an_error(side, script, error, before):
    """404 at once, or after an attempt that was never sent, is a 404."""
    with pytest.raises(NotFoundError):
        side.run(side.client(script(*before, error(404))).delete("pred_1"))


def test_get_result_uses_the_other_path(side, script, ok):
    """`get_result` asks at `/result`."""
    server = script(ok("completed", outputs=["https://cdn.test/a.png"]))
    prediction = side.run(side.client(server).get_result("pred_1"))

    assert ["https://cdn.test/a.png"] == prediction.outputs
    assert ["/api/v3/predictions/pred_1/result"] == server.paths


def test_balance(side, script, data):
    """The balance is a number."""
    server = script(data({"balance": 12.5}))

    assert 12.5 == side.run(side.client(server).balance())
    assert ["/api/v3/balance"] == server.paths


@pytest.mark.parametrize("value", [None, {}, {"balance": "12"}, {"balance": True}, []])
def test_balance_that_is_none_is_a_format_error(side, script, data, value):
    """An answer without a balance is an error of our own."""
    with pytest.raises(ResponseFormatError):
        side.run(side.client(script(data(value))).balance())


def test_usage(side, script, data):
    """Usage is read into plain data, and the query holds what was given."""
    breakdown = {"text-to-image": {"tasks": 800, "cost": 24.0}, "odd": 3}
    answer = {"total_tasks": 1250, "total_cost": 85.3, "period": "2024-01", "breakdown": breakdown}
    server = script(data(answer))
    usage = side.run(side.client(server).usage(period="2024-01"))

    assert (1250, 85.3, "2024-01") == (usage.total_tasks, usage.total_cost, usage.period)
    assert {"text-to-image": UsageItem(800, 24.0), "odd": UsageItem(None, None)} == usage.breakdown
    assert ["/api/v3/usage?period=2024-01"] == server.paths


def test_billings(side, script, data):
    """A page of records is read into plain data; missing fields are None."""
    record = {"id": "bill_2", "date": "2024-01-02", "type": "usage", "amount": -0.03}
    server = script(data({"records": [record], "total": 50, "page": 2, "per_page": 1}))
    page = side.run(side.client(server).billings(page=2, per_page=1, type="usage"))

    assert (BillingRecord("bill_2", "2024-01-02", "usage", -0.03, None, None, None),) == (
        page.records
    )
    assert (50, 2, 1) == (page.total, page.page, page.per_page)
    assert ["/api/v3/billings?page=2&per_page=1&type=usage"] == server.paths


def test_models(side, script, data):
    """The list of models shows id, kind, price and schema; odd entries do no harm."""
    runs = [{"type": "other"}, {"type": "model_run", "request_schema": {"type": "object"}}]
    entry = {
        "model_id": "get3w/paint",
        "type": "text-to-image",
        "base_price": 0.03,
        "api_schema": {"api_schemas": runs},
    }
    server = script(data([entry, 3, {}, {"name": "get3w/bare"}]))
    listings = side.run(side.client(server).models())

    assert ["get3w/paint", "get3w/bare"] == [listing.model_id for listing in listings]
    assert {"type": "object"} == listings[0].request_schema
    assert 0.03 == listings[0].base_price


@pytest.mark.parametrize(
    ("prediction_id", "path"),
    [
        ("a/b", "/api/v3/predictions/a%2Fb"),
        ("../../balance", "/api/v3/predictions/..%2F..%2Fbalance"),
        ("x?y#z", "/api/v3/predictions/x%3Fy%23z"),
        ("ü", "/api/v3/predictions/%C3%BC"),
    ],
)
def test_ids_stay_in_their_place(side, script, ok, prediction_id, path):
    """An id is one segment of the path, whatever is in it."""
    server = script(ok(id=prediction_id))
    side.run(side.client(server).prediction(prediction_id))

    assert [path] == server.paths


@pytest.mark.parametrize("prediction_id", ["", ".", "..", "\ud800"])
def test_ids_that_cannot_be_a_segment_are_refused(side, script, ok, prediction_id):
    """An id that would climb, or cannot be written, is refused before anything is sent."""
    server = script(ok())
    with pytest.raises(ResponseFormatError):
        side.run(side.client(server).prediction(prediction_id))

    assert [] == server.requests


@pytest.mark.parametrize(
    "prediction_id", ["-rf", "--help", "a\nb", "a\0", "\x1b[2J", "", ".", ".."]
)
@pytest.mark.parametrize("call", ["prediction", "get_result", "delete"])
def test_ids_that_could_do_harm_are_refused(side, script, prediction_id, call):
    """What reads as an option of a command, or moves a terminal's cursor, is no id."""
    server = script()
    with pytest.raises(ResponseFormatError, match="cannot be"):
        side.run(getattr(side.client(server), call)(prediction_id))

    assert [] == server.requests
