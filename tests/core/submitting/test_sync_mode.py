"""A submit that the server answers only with the result, and what becomes of it."""

import httpx
import pytest
from get3w_core import (
    ConfigurationError,
    ModelInfo,
    ModelRequest,
    Prediction,
    SubmitOutcomeUnknownError,
)
from get3w_core.request.values.types import Omittable
from get3w_models import submit_seedream_v4


class HeldRequest(ModelRequest, frozen=True):
    """The input of a model with the property that asks for sync mode."""

    __model__ = ModelInfo("get3w/held")

    prompt: str
    enable_sync_mode: Omittable[bool] = None


HELD = HeldRequest(prompt="a lighthouse", enable_sync_mode=True)


def flat_answer(**fields):
    return httpx.Response(200, json=fields)


def reads(server):
    return [request.extensions["timeout"]["read"] for request in server.requests]


def test_v1_asks_in_the_query(side, script, flat):
    """`sync_mode=True` adds `?sync=true` to a submit on v1, and nothing to polls."""
    server = script(
        flat_answer(id="p", status="processing"), flat_answer(id="p", status="completed")
    )
    client = side.client(server, sync_mode=True)
    side.run(side.run(client.submit(flat)).wait())

    assert ["/v1/google/flat/text-to-image?sync=true", "/v1/requests/p"] == server.paths


def test_v1_asks_with_a_callback(side, script, flat):
    """Sync mode and a callback go into one query."""
    server = script(flat_answer(id="p", status="completed"))
    client = side.client(server).with_options(sync_mode=True)
    side.run(client.submit(flat, webhook_url="https://e.test/?a=1"))

    assert {"sync": "true", "webhook": "https://e.test/?a=1"} == dict(server.requests[0].url.params)


def test_v3_is_left_alone(side, script, ok, paint):
    """On v3 the option changes nothing: sync mode is a model's own parameter there."""
    server = script(ok())
    side.run(side.client(server, sync_mode=True).submit(paint))

    assert ["/api/v3/get3w/paint"] == server.paths
    assert {"prompt": "a lighthouse"} == server.body()
    assert [60] == reads(server)


def test_completed_at_once(side, script, ok):
    """An answer that holds the result makes a handle that is done, and that asks no more."""
    server = script(ok("completed", outputs=["https://cdn.test/a.png"]))
    prediction = side.run(side.client(server).submit(HELD))
    side.run(prediction.wait())

    assert prediction.done
    assert ["https://cdn.test/a.png"] == prediction.output_urls
    assert 1 == len(server.requests)


@pytest.mark.parametrize(
    ("client", "call", "expected"),
    [
        (None, None, {"connect": 10, "read": 600, "write": 60, "pool": 60}),
        (5, None, {"connect": 5, "read": 600, "write": 5, "pool": 5}),
        (900, None, {"connect": 60, "read": 900, "write": 900, "pool": 60}),
        (httpx.Timeout(3), None, {"connect": 3, "read": 600, "write": 3, "pool": 3}),
        (httpx.Timeout(3, read=None), None, {"connect": 3, "read": None, "write": 3, "pool": 3}),
        (None, 7, {"connect": 7, "read": 7, "write": 7, "pool": 7}),
        (5, httpx.Timeout(8), {"connect": 8, "read": 8, "write": 8, "pool": 8}),
    ],
)
def test_a_held_submit_is_patient(side, script, ok, client, call, expected):
    """It has 600 s for its answer unless the call says otherwise; a client's timeout does not."""
    server = script(ok("completed"))
    side.run(side.client(server, timeout=client).submit(HELD, timeout=call))

    assert expected == server.requests[0].extensions["timeout"]


def test_v1_is_patient_too(side, script, flat):
    """The query of v1 counts like the property of v3, and polls keep their own timeout."""
    server = script(flat_answer(id="p", status="created"), flat_answer(id="p", status="completed"))
    side.run(side.run(side.client(server, sync_mode=True).submit(flat)).wait(timeout=None))

    assert [600, 60] == reads(server)


def test_extra_body_asks_too(side, script, ok, paint):
    """What `extra_body` adds counts."""
    server = script(ok("completed"))
    side.run(side.client(server).submit(paint, extra_body={"enable_sync_mode": True}))

    assert [600] == reads(server)


@pytest.mark.parametrize("timeout", [0, -1, "fast"])
def test_unusable_timeouts_are_still_refused(side, script, ok, timeout):
    """A client's timeout that is none is refused as ever."""
    server = script(ok())
    with pytest.raises(ConfigurationError, match="timeout must be"):
        side.run(side.client(server, timeout=timeout).submit(HELD))

    assert [] == server.requests


OVER = "Sync mode timed out, please get the result later"


@pytest.mark.parametrize(
    "fields",
    [
        {"status": "failed", "code": 5004, "error": OVER},
        {"status": "timeout", "code": 5004},
        {"status": "processing", "code": 5004},
        {"status": "processing", "error": OVER},
        {"status": "failed", "error": OVER},
        {"status": "created"},
    ],
)
@pytest.mark.parametrize("surface", ["v3", "v1"])
def test_a_wait_that_is_over_is_no_failure(side, script, surface, fields):
    """The id is kept, the task goes on, and polling brings the result after one POST."""

    def answer(**fields):
        body = {"id": "pred_1", **fields}
        enveloped = {"code": 200, "message": "success", "data": body}
        return flat_answer(**(enveloped if surface == "v3" else body))

    server = script(answer(**fields), answer(status="completed", outputs=["https://c.test/a"]))
    client = side.client(server, surface=surface, sync_mode=True)
    prediction = side.run(client.submit(HELD))
    before = (prediction.done, prediction.error, prediction.code)
    side.run(prediction.wait())

    assert (False, None, None) == before
    assert ["https://c.test/a"] == prediction.outputs
    assert 1 == server.posts


def test_a_task_that_timed_out_is_a_failure(side, script, ok, paint):
    """Code 5004 in the answer to a poll is the end of the task."""
    server = script(ok(), ok("failed", code=5004, error="timeout"))
    prediction = side.run(side.client(server).submit(paint))

    assert "failed" == side.run(prediction.refresh()).status


@pytest.mark.parametrize("failure", [httpx.ReadTimeout, httpx.RemoteProtocolError])
def test_a_dropped_held_submit_is_unknown(side, script, flat, failure):
    """Without an answer the outcome is unknown, as for any other submit."""
    server = script(failure)
    with pytest.raises(SubmitOutcomeUnknownError):
        side.run(side.client(server, sync_mode=True).submit(flat))

    assert 1 == server.posts


def test_a_result_without_an_id_is_kept(side, script, flat, tmp_path):
    """v1 promises only status and outputs: what was paid for can be stored, and kept as JSON."""
    server = script(
        flat_answer(status="completed", outputs=["https://cdn.test/a.png"]),
        httpx.Response(200, content=b"picture"),
    )
    prediction = side.run(side.client(server, sync_mode=True).submit(flat))
    [path] = side.run(prediction.download(tmp_path))

    assert prediction.id.startswith("no-id-")
    assert prediction.id in Prediction.from_json(prediction.to_json()).id
    assert b"picture" == path.read_bytes()


@pytest.mark.parametrize("body", [{"status": "processing"}, {"outputs": ["x"]}, {}])
def test_no_id_and_no_end_is_unknown(side, script, flat, body):
    """An answer without an id that is not the end of a task is an unknown outcome."""
    with pytest.raises(SubmitOutcomeUnknownError):
        side.run(side.client(script(flat_answer(**body)), sync_mode=True).submit(flat))


def test_without_sync_mode_an_id_is_needed(side, script, flat):
    """A submit that did not ask for the result takes no answer without an id."""
    server = script(flat_answer(status="completed", outputs=["x"]))
    with pytest.raises(SubmitOutcomeUnknownError):
        side.run(side.client(server).submit(flat))


@pytest.mark.parametrize("surface", ["v3", "v1"])
def test_a_real_server_holds_the_call(get3w_emulator, get3w_client, surface):
    """Over HTTP a held submit comes back completed, after one call."""
    client = get3w_client.with_options(surface=surface, sync_mode=True)
    prediction = submit_seedream_v4("a lighthouse", enable_sync_mode=True, client=client)

    assert "completed" == prediction.status
    assert 1 == len(prediction.output_urls)
    assert [prediction.id] == [submission.id for submission in get3w_emulator.ledger()]
