"""Waiting asks quickly at first, then slower, and never submits again."""

import httpx
import pytest
from get3w_core import PredictionFailedError, WaitTimeoutError


def submitted(side, script, paint, *answers, **options):
    server = script(*answers)
    client = side.client(server, **options)
    return server, side.run(client.submit(paint))


def test_wait_updates_the_handle_and_returns_it(side, script, ok, paint):
    """The same handle comes back, completed."""
    done = ok("completed", outputs=["https://cdn.test/a.png"], timings={"inference": 2500})
    _, prediction = submitted(side, script, paint, ok(), ok("processing"), done)

    assert prediction is side.run(prediction.wait())
    assert "completed" == prediction.status
    assert ["https://cdn.test/a.png"] == prediction.outputs
    assert {"inference": 2500} == prediction.timings
    assert prediction.done


def test_intervals_grow(side, script, ok, paint):
    """Intervals start at 0.3 s and grow by half to 5 s."""
    _, prediction = submitted(side, script, paint, *[ok()] * 12, ok("completed"))
    side.run(prediction.wait())
    expected = [min(0.3 * 1.5**n, 5.0) for n in range(12)]

    assert pytest.approx(expected) == side.clock.pauses


def test_a_finished_handle_is_not_asked_again(side, script, ok, paint):
    """Waiting for what is done sends nothing."""
    server, prediction = submitted(side, script, paint, ok("completed"))
    side.run(prediction.wait())

    assert 1 == len(server.requests)


def test_on_update_is_called_at_first_and_at_changes(side, script, ok, paint):
    """The callback sees each status once, with the handle already updated."""
    answers = [ok(), ok(), ok("processing"), ok("processing"), ok("completed")]
    _, prediction = submitted(side, script, paint, *answers)
    seen = []
    side.run(prediction.wait(on_update=lambda handle: seen.append((handle.status, handle))))

    assert ["created", "processing", "completed"] == [status for status, _ in seen]
    assert all(handle is prediction for _, handle in seen)


@pytest.mark.parametrize("status", ["failed", "cancelled", "canceled", "timeout", "FAILED"])
def test_failure_raises(side, script, ok, paint, status):
    """Every status of failure raises, with the task's code, its text and a hint."""
    failed = ok(status, error="no such picture", code=1402)
    _, prediction = submitted(side, script, paint, ok(), failed)
    with pytest.raises(PredictionFailedError, match=r"no such picture.*1402.*media URL") as caught:
        side.run(prediction.wait())

    assert prediction is caught.value.prediction
    assert (1402, "no such picture", "pred_1") == (
        caught.value.code,
        caught.value.error,
        caught.value.prediction_id,
    )


def test_unknown_status_goes_on(side, script, ok, paint):
    """A status that is new is one that still runs."""
    _, prediction = submitted(side, script, paint, ok(), ok("dreaming"), ok("completed"))

    assert "completed" == side.run(prediction.wait()).status


def test_timeout_submits_nothing_and_can_go_on(side, script, ok, paint):
    """A wait that times out leaves a handle to wait on again, after one POST."""
    server, prediction = submitted(side, script, paint, ok(), *[ok("processing")] * 9)
    with pytest.raises(WaitTimeoutError, match=r"pred_1 is still 'processing' after 5 s") as caught:
        side.run(prediction.wait(timeout=5))
    server.answers.append(ok("completed"))

    assert "pred_1" == caught.value.prediction_id
    assert "processing" == caught.value.status
    assert 5 == pytest.approx(sum(side.clock.pauses))
    assert "completed" == side.run(prediction.wait()).status
    assert 1 == server.posts


def test_timeout_of_zero_asks_once(side, script, ok, paint):
    """`timeout=0` asks once and says how it stands."""
    server, prediction = submitted(side, script, paint, ok(), ok("processing"))
    with pytest.raises(WaitTimeoutError):
        side.run(prediction.wait(timeout=0))

    assert 2 == len(server.requests)


def test_no_timeout_waits_on(side, script, ok, paint):
    """`timeout=None` waits beyond the default hour."""
    _, prediction = submitted(side, script, paint, *[ok()] * 1000, ok("completed"))

    assert "completed" == side.run(prediction.wait(timeout=None)).status
    assert sum(side.clock.pauses) > 3600


@pytest.mark.parametrize("failure", [httpx.ConnectError, httpx.ReadTimeout, httpx.Response(503)])
def test_wait_survives_what_passes(side, script, ok, paint, failure):
    """A poll that fails is repeated."""
    _, prediction = submitted(side, script, paint, ok(), failure, ok("completed"))

    assert "completed" == side.run(prediction.wait()).status


def test_wait_that_fails_at_the_end_is_a_timeout(side, script, ok, paint):
    """Trouble that outlasts the time given is a time-out."""
    _, prediction = submitted(side, script, paint, ok(), httpx.ConnectError)
    with pytest.raises(WaitTimeoutError):
        side.run(prediction.wait(timeout=2))


def test_a_poll_that_says_retry_after_is_heeded(side, script, ok, paint):
    """Retry-After on a good answer sets the least pause; up to a quarter is added by chance."""
    slow = ok("processing", headers={"Retry-After": "9"})
    _, prediction = submitted(side, script, paint, ok(), slow, ok("completed"))
    side.run(prediction.wait())

    assert 9 * 1.125 == side.clock.pauses[1]


@pytest.mark.parametrize("seconds", ["86400", "1e18"])
def test_a_poll_is_not_put_off_for_days(side, script, ok, paint, seconds):
    """Whatever a server asks for, it is asked again after an hour and a little more."""
    answers = [ok(), ok(headers={"Retry-After": seconds}), ok("completed")]
    _, prediction = submitted(side, script, paint, *answers)
    side.run(prediction.wait(timeout=None))

    assert [pytest.approx(0.3), 3600 * 1.125] == side.clock.pauses


def test_answers_may_leave_out_what_was_said(side, script, ok, paint):
    """Model, addresses and estimate survive an answer without them."""
    get = "https://api.get3w.com/api/v3/predictions/pred_1/result"
    first = ok(urls={"get": get}, created_at="2024-01-01T12:00:00.000Z", estimated_duration=52)
    server, prediction = submitted(side, script, paint, first, ok("processing"), ok("completed"))
    side.run(prediction.wait())

    assert ["/api/v3/predictions/pred_1/result"] * 2 == server.paths[1:]
    assert {"get": get} == prediction.urls
    assert "get3w/paint" == prediction.model
    assert 52 == prediction.estimated_duration
    assert 2024 == prediction.created_at.year


@pytest.mark.parametrize(
    "told",
    [
        "https://evil.test/api/v3/predictions/pred_1",
        "http://api.get3w.com/api/v3/predictions/pred_1",
        "https://api.get3w.com:444/x",
        "https://api.get3w.com@evil.test/x",
        "https://api.get3w.com\\@evil.test/x",
        "https://user@api.get3w.com/x",
        "//evil.test/x",
        "ftp://api.get3w.com/x",
        "not an address",
        "https://[::1",
        3,
        None,
    ],
)
def test_an_address_elsewhere_is_not_followed(side, script, ok, paint, told):
    """Where `urls.get` leads elsewhere, the address is built from the id."""
    server, prediction = submitted(side, script, paint, ok(urls={"get": told}), ok("completed"))
    side.run(prediction.wait())

    assert "https://api.get3w.com/api/v3/predictions/pred_1" == str(server.requests[1].url)


@pytest.mark.parametrize("told", ["https://API.get3w.com/x?y=1", "https://api.get3w.com:443/x?y=1"])
def test_an_address_on_the_same_origin_is_followed(side, script, ok, paint, told):
    """The address that the server gave is asked, with the key."""
    server, prediction = submitted(side, script, paint, ok(urls={"get": told}), ok("completed"))
    side.run(prediction.wait())

    assert "/x?y=1" == server.paths[1]
    assert "Authorization" in server.requests[1].headers


def test_refresh_asks_once(side, script, ok, paint):
    """`refresh` updates the handle, also with a failure, and returns it."""
    server, prediction = submitted(side, script, paint, ok(), ok("failed", error="no"))

    assert prediction is side.run(prediction.refresh())
    assert ("failed", "no") == (prediction.status, prediction.error)
    assert 2 == len(server.requests)


def test_delete_by_handle(side, script, ok, paint):
    """A handle deletes its prediction."""
    server, prediction = submitted(side, script, paint, ok(), httpx.Response(200))
    side.run(prediction.delete())

    assert "DELETE" == server.requests[1].method
    assert "/api/v3/predictions/pred_1" == server.paths[1]


def test_server_that_stopped_holding_a_sync_submit_goes_on(side, script, ok, paint):
    """Task code 5004 in the answer to a submit means to keep polling."""
    held = ok("failed", code=5004, error="Sync mode timed out")
    _, prediction = submitted(side, script, paint, held, ok("completed"))

    assert "completed" == side.run(prediction.wait()).status


def test_a_poll_does_not_outlast_the_wait(side, script, ok, paint):
    """The time that is left caps every part of a poll, down to two seconds."""
    server, prediction = submitted(side, script, paint, ok(), *[ok()] * 20)
    with pytest.raises(WaitTimeoutError):
        side.run(prediction.wait(timeout=8))
    reads = [request.extensions["timeout"]["read"] for request in server.requests]

    assert 60 == reads[0]
    assert 7.7 == pytest.approx(reads[1])
    assert 2 == reads[-1]
