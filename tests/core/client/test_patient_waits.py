"""What is waited for is paid for: nothing that passes ends a wait, and what ends it is few."""

import json

import httpx
import pytest
from get3w_core import (
    AsyncPrediction,
    AuthenticationError,
    ConfigurationError,
    Get3WError,
    PermissionDeniedError,
    Prediction,
    WaitAllError,
    WaitTimeoutError,
)
from get3w_core.api.wait import MISSING_READS, MISSING_SECONDS

ORIGIN = "https://api.get3w.com"
CALLS = ["wait", "wait_all", "as_completed"]


def failing(status, headers=None, text=""):
    return httpx.Response(status, headers=headers, text=text)


PASSING = {
    **{
        str(status): failing(status)
        for status in (
            *(301, 302, 307, 400, 405, 408, 409, 418, 422, 425, 429, 451),
            *(500, 501, 502, 503, 504, 505, 507, 508, 511, *range(520, 531), 599),
        )
    },
    "Retry-After over a minute": failing(503, {"Retry-After": "90"}),
    "a web page": failing(200, {"Content-Type": "text/html"}, "<!doctype html><p>Sign in"),
    "a web page that refuses": failing(403, {"Content-Type": "text/html"}, "<html>blocked"),
    "no JSON": failing(200, text="{"),
    "no prediction": httpx.Response(200, json={"code": 200, "data": None}),
    "another prediction": httpx.Response(200, json={"id": "pred_b", "status": "failed"}),
    "500 in an envelope": httpx.Response(200, json={"code": 500, "data": None}),
    "no connection": httpx.ConnectError,
    "a dropped connection": httpx.RemoteProtocolError,
    "no answer": httpx.ReadTimeout,
    "404 at first": failing(404),
}


class Line:
    """A server that fails for some seconds, and then says that the prediction is completed."""

    def __init__(self, clock, failure, seconds):
        self.clock = clock
        self.failure = failure
        self.until = clock.now + seconds
        self.times = []

    def __call__(self, request):
        self.times.append(self.clock.now)
        if self.clock.now >= self.until:
            return httpx.Response(200, json={"id": "pred_a", "status": "completed"})
        if isinstance(self.failure, type):
            raise self.failure("scripted")
        failure = self.failure
        return httpx.Response(failure.status_code, headers=failure.headers, content=failure.content)

    async def answer(self, request):
        return self(request)


def handle(side, server, **options):
    kind = Prediction if side.name == "sync" else AsyncPrediction
    data = {"id": "pred_a", "status": "created", "model": "get3w/paint"}
    text = json.dumps({"origin": ORIGIN, "surface": "v3", "prediction": data})
    return kind.from_json(text, client=side.client(server, **options))


def wait(side, call, prediction, timeout):
    if call == "wait":
        return side.run(prediction.wait(timeout=timeout))
    if call == "wait_all":
        return side.run(side.many("wait_all", [prediction], timeout=timeout))
    return side.collect(side.many("as_completed", [prediction], timeout=timeout))


def cause_of(error):
    """Return the error of the one prediction, which a wait for many carries inside."""
    return error.errors[0] if isinstance(error, WaitAllError) else error


@pytest.mark.pairwise
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("failure", PASSING.values(), ids=PASSING)
def test_what_passes_ends_no_wait(side, failure, call):
    """25 seconds of it are waited through, also where other reads are not repeated at all."""
    server = Line(side.clock, failure, 25)
    prediction = handle(side, server, max_retries=0)
    wait(side, call, prediction, 600)

    assert "completed" == prediction.status


@pytest.mark.pairwise
@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("failure", PASSING.values(), ids=PASSING)
def test_what_does_not_pass_ends_it_on_time(side, failure, call):
    """The wait ends when its own time is up, and says what the last read came to."""
    server = Line(side.clock, failure, 10**6)
    start = side.clock.now
    with pytest.raises(WaitTimeoutError, match="The last poll failed: ") as caught:
        wait(side, call, handle(side, server), 20)

    assert start + 20 == pytest.approx(side.clock.now)
    assert start + 20 == pytest.approx(server.times[-1])
    assert "pred_a" == caught.value.prediction_id
    assert "pred_a" == cause_of(caught.value.__cause__).prediction_id


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize(
    ("status", "kind"), [(401, AuthenticationError), (403, PermissionDeniedError)]
)
def test_a_refused_key_ends_it_at_once(side, call, status, kind):
    """A key that is refused is not tried again and again."""
    server = Line(side.clock, failing(status), 25)
    with pytest.raises((kind, WaitAllError)) as caught:
        wait(side, call, handle(side, server), 600)

    assert isinstance(cause_of(caught.value), kind)
    assert 1 == len(server.times)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", [404, 410])
def test_a_lasting_404_ends_it(side, call, status):
    """After so many reads over so many seconds it is an error that says what it may mean."""
    server = Line(side.clock, failing(status), 10**6)
    with pytest.raises(Get3WError) as caught:
        wait(side, call, handle(side, server), None)
    error = cause_of(caught.value)

    assert status == error.status_code
    assert "pred_a" == error.prediction_id
    assert "another account" in str(error)
    assert "surface='v3' or 'v1'" in str(error)
    assert "7 days" in str(error)
    assert MISSING_READS <= len(server.times)
    assert MISSING_SECONDS <= server.times[-1] - server.times[0] < 2 * MISSING_SECONDS


def test_an_answer_in_between_starts_the_count_of_404_anew(side, script):
    """404s that an answer interrupts are not lasting."""
    missing = [failing(404)] * (MISSING_READS - 1)
    running = httpx.Response(200, json={"id": "pred_a", "status": "processing"})
    done = httpx.Response(200, json={"id": "pred_a", "status": "completed"})
    slow = httpx.Response(404, headers={"Retry-After": "20"})
    server = script(*[*missing, slow, running] * 6, done)
    prediction = handle(side, server)
    side.run(prediction.wait())

    assert "completed" == prediction.status


@pytest.mark.parametrize("call", CALLS)
def test_pauses_after_failures_grow_to_a_cap(side, call):
    """They double from half a second to eight, with jitter."""
    server = Line(side.clock, failing(502), 100)
    wait(side, call, handle(side, server), 600)
    pauses = [later - one for one, later in zip(server.times, server.times[1:], strict=False)]

    assert pytest.approx([0.5625, 1.125, 2.25, 4.5, 9, 9]) == pauses[:6]
    assert 9 == pytest.approx(max(pauses))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("status", [200, 429, 503])
def test_retry_after_ends_with_the_wait(side, call, status):
    """It is kept where there is time, and never kept beyond the wait's own end."""
    body = {"id": "pred_a", "status": "processing"} if status == 200 else {}
    busy = httpx.Response(status, headers={"Retry-After": "90"}, json=body)
    server, start = Line(side.clock, busy, 10**6), side.clock.now
    with pytest.raises(WaitTimeoutError):
        wait(side, call, handle(side, server), 150)
    first, second, third = server.times

    assert 90 <= second - first <= 90 * 1.25
    assert start + 150 == pytest.approx(third)


@pytest.mark.pairwise
@pytest.mark.parametrize("timeout", [-1, -0.001, float("nan"), float("-inf"), True, "5"])
@pytest.mark.parametrize("call", CALLS)
def test_a_timeout_that_is_none_is_refused(side, script, call, timeout):
    """Nothing is asked, also where the prediction has ended already."""
    server = script(httpx.Response(200, json={"id": "pred_a", "status": "completed"}))
    prediction = handle(side, server)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="timeout must be a number of seconds"):
            wait(side, call, prediction, timeout)
        side.run(prediction.refresh())

    assert 2 == len(server.requests)


def test_a_very_long_wait_does_not_overflow(side):
    """A wait without end survives thousands of failed polls."""
    server = Line(side.clock, failing(502), 20_000)
    prediction = handle(side, server)
    side.run(prediction.wait(timeout=None))

    assert len(server.times) > 2000
    assert "completed" == prediction.status
