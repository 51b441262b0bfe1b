"""Waiting for many predictions: one poller, bounded requests, and nothing paid for is lost."""

import asyncio
import contextlib
import gc
import pickle
import tracemalloc
from collections import Counter

import httpx
import pytest
from get3w_core import (
    AsyncClient,
    AsyncPrediction,
    ConfigurationError,
    Prediction,
    PredictionFailedError,
    WaitAllError,
    WaitTimeoutError,
    as_completed_async,
    wait_all,
    wait_all_async,
)
from get3w_core.client.poller import IN_FLIGHT, PER_SECOND, Poller
from get3w_core.flow.context import Context
from get3w_core.flow.driver import run_sync
from get3w_core.flow.effects import HttpResponse
from get3w_models import submit_flux_dev, submit_flux_dev_async

TEXT = (
    '{"origin": "https://api.get3w.com", "surface": "v3",'
    ' "prediction": {"id": "p%d", "status": "created"}}'
)


def prediction_answer(number, status, **fields):
    data = {"id": f"p{number}", "status": status, "model": "get3w/paint", **fields}
    return httpx.Response(200, json={"code": 200, "message": "success", "data": data})


class Farm:
    """A server whose predictions each have a script of their own; the last answer is repeated.

    An answer is a status, a response, or an exception to raise.
    """

    def __init__(self, *scripts):
        self.scripts = [list(script) for script in scripts]
        self.polls = []

    def __call__(self, request):
        number = int(request.url.path.rpartition("/p")[2])
        script = self.scripts[number]
        answer = script.pop(0) if len(script) > 1 else script[0]
        self.polls.append(number)
        if isinstance(answer, type):
            raise answer("scripted")
        if isinstance(answer, str):
            fields = {"outputs": [f"https://cdn.test/{number}"]} if answer == "completed" else {}
            return prediction_answer(number, answer, **fields)
        return httpx.Response(answer.status_code, headers=answer.headers, content=answer.content)

    async def answer(self, request):
        await asyncio.sleep(0)
        return self(request)

    def count(self, number):
        return self.polls.count(number)


def handles(side, farm, **options):
    """Make a handle on each prediction of a farm."""
    client = side.client(farm, **options)
    kind = Prediction if side.name == "sync" else AsyncPrediction
    return [kind.from_json(TEXT % number, client=client) for number in range(len(farm.scripts))]


def statuses(predictions):
    return [prediction.status for prediction in predictions]


def test_all_handles_come_back_in_order(side):
    """The same handles come back in their order, finished."""
    farm = Farm(["processing", "processing", "completed"], ["completed"], ["processing", "failed"])
    given = handles(side, farm)
    back = side.run(side.many("wait_all", given))

    assert all(one is other for one, other in zip(given, back, strict=True))
    assert ["completed", "completed", "failed"] == statuses(back)
    assert ["https://cdn.test/1"] == [each.raw for each in back[1].outputs]
    assert (3, 1, 2) == tuple(map(farm.count, range(3)))


def test_nothing_to_wait_for(side):
    """No predictions, or only finished ones, send nothing."""
    farm = Farm(["completed"], ["completed"])
    given = handles(side, farm)
    side.run(side.many("wait_all", given))
    before = len(farm.polls)

    assert [] == side.run(side.many("wait_all", []))
    assert given == side.run(side.many("wait_all", iter(given)))
    assert given == side.collect(side.many("as_completed", given))
    assert before == len(farm.polls)


def test_completed_ones_come_first(side):
    """Predictions come as they end, those that had ended before at once."""
    farm = Farm(["processing", "processing", "completed"], ["completed"], ["processing", "failed"])
    given = handles(side, farm)
    side.run(given[1].wait())
    order = [handle.id for handle in side.collect(side.many("as_completed", given))]

    assert ["p1", "p2", "p0"] == order


def test_a_handle_that_is_named_twice(side):
    """It is polled once at a time, given back twice and yielded once."""
    farm = Farm(["processing", "completed"])
    [handle] = handles(side, farm)

    assert [handle, handle] == side.run(side.many("wait_all", [handle, handle]))
    assert [handle] == side.collect(side.many("as_completed", [handle, handle]))
    assert 2 == len(farm.polls)


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        ([httpx.Response(404)], "NotFoundError"),
        ([httpx.Response(401)], "AuthenticationError"),
        ([httpx.Response(403)], "PermissionDeniedError"),
    ],
)
def test_one_that_cannot_be_asked_does_not_stop_the_others(side, script, kind):
    """The error comes once the others are finished, with the id of its prediction."""
    farm = Farm(["processing"] * 9 + ["completed"], script, ["failed"])
    given = handles(side, farm)
    with pytest.raises(WaitAllError) as caught:
        side.run(side.many("wait_all", given))
    [error] = caught.value.errors

    assert ["completed", "created", "failed"] == statuses(given)
    assert (kind, "p1", "p1") == (
        type(error).__name__,
        error.prediction_id,
        caught.value.prediction_id,
    )


def test_as_completed_yields_the_others_before_it_raises(side):
    """What could be finished is yielded; the error comes last."""
    farm = Farm(["processing", "completed"], [httpx.Response(404)], ["processing", "completed"])
    seen = []

    def note(handle):
        if handle.done:
            seen.append(handle.id)

    with pytest.raises(WaitAllError):
        side.collect(side.many("as_completed", handles(side, farm), on_update=note))

    assert ["p0", "p2"] == seen


def test_failures_can_be_raised(side):
    """With `raise_failures` the end of it all is an error that holds each failure."""
    farm = Farm(["failed"], ["processing", "completed"], ["cancelled"])
    given = handles(side, farm)
    with pytest.raises(WaitAllError, match="2 of 3") as caught:
        side.run(side.many("wait_all", given, raise_failures=True))

    assert ["p0", "p2"] == [error.prediction_id for error in caught.value.errors]
    assert {PredictionFailedError} == {type(error) for error in caught.value.errors}
    assert "completed" == given[1].status
    assert str(caught.value) == str(pickle.loads(pickle.dumps(caught.value)))


def test_no_failure_raises_nothing(side):
    """`raise_failures` is silent where nothing failed."""
    given = handles(side, Farm(["completed"], ["completed"]))

    assert given == side.run(side.many("wait_all", given, raise_failures=True))


def test_what_passes_is_survived(side):
    """A poll that came to nothing is repeated, while the others go on."""
    hiccups = [httpx.ReadTimeout, httpx.Response(503), httpx.ConnectError, "completed"]
    farm = Farm(hiccups, ["processing", "completed"])
    given = handles(side, farm)
    side.run(side.many("wait_all", given))

    assert ["completed", "completed"] == statuses(given)
    assert (4, 2) == (farm.count(0), farm.count(1))


def test_max_retries_does_not_end_a_wait(side):
    """More polls may fail, in all and in a row, than `max_retries` allows other reads."""
    trouble = [httpx.Response(503)] * 3
    farm = Farm([*trouble, "processing"] * 3 + ["completed"])
    [handle] = side.run(side.many("wait_all", handles(side, farm, max_retries=2)))

    assert "completed" == handle.status


def test_timeout_names_the_unfinished(side):
    """Time that is up is an error that holds who still runs; others are finished."""
    farm = Farm(["processing"], ["processing", "completed"], ["dreaming"])
    given = handles(side, farm)
    with pytest.raises(WaitTimeoutError, match=r"2 of 3 .* 5 s: p0, p2") as caught:
        side.run(side.many("wait_all", given, timeout=5))

    assert (given[0], given[2]) == caught.value.unfinished
    assert None is caught.value.prediction_id
    assert "completed" == given[1].status
    assert 5 <= sum(side.clock.pauses) < 5.5
    copy = pickle.loads(pickle.dumps(caught.value))
    assert ["p0", "p2"] == [handle.id for handle in copy.unfinished]


def test_timeout_of_one_names_it(side):
    """A single unfinished one is named by the error, as it is by `wait`."""
    given = handles(side, Farm(["processing"], ["completed"]))
    with pytest.raises(WaitTimeoutError) as caught:
        side.run(side.many("wait_all", given, timeout=1))
    with pytest.raises(WaitTimeoutError) as single:
        side.run(given[0].wait(timeout=1))

    assert ("p0", "p0") == (caught.value.prediction_id, single.value.prediction_id)
    assert (given[0],) == caught.value.unfinished == single.value.unfinished


def test_timeout_tells_of_errors_too(side):
    """What could not be asked for is the cause of a time-out's error."""
    given = handles(side, Farm(["processing"], [httpx.Response(404)]))
    with pytest.raises(WaitTimeoutError) as caught:
        side.run(side.many("wait_all", given, timeout=1))

    assert isinstance(caught.value.__cause__, WaitAllError)


def test_timeout_of_zero_asks_each_once(side):
    """`timeout=0` looks once at each."""
    farm = Farm(*[["processing"]] * 5, ["completed"])
    with pytest.raises(WaitTimeoutError, match="5 of 6"):
        side.run(side.many("wait_all", handles(side, farm), timeout=0))

    assert [1] * 6 == [farm.count(number) for number in range(6)]


def test_no_timeout_waits_on(side):
    """`timeout=None` waits beyond the default hour."""
    farm = Farm(["processing"] * 1000 + ["completed"])
    side.run(side.many("wait_all", handles(side, farm), timeout=None))

    assert sum(side.clock.pauses) > 3600


def test_a_large_crowd_does_not_outlast_the_time(side):
    """With more predictions than there is time for, the last look is given up."""
    farm = Farm(*[["processing"]] * 2000)
    with pytest.raises(WaitTimeoutError, match="2000 of 2000"):
        side.run(side.many("wait_all", handles(side, farm), timeout=1))

    assert sum(side.clock.pauses) < 3.5


def test_intervals_grow(side):
    """One prediction among others is asked as `wait` asks it: quickly at first, then slower."""
    farm = Farm(["processing"] * 12 + ["completed"])
    side.run(side.many("wait_all", handles(side, farm)))
    expected = [min(0.3 * 1.5**n, 5.0) for n in range(13)]

    assert pytest.approx(expected) == side.clock.pauses


def test_retry_after_is_heeded(side):
    """A hint on an answer, good or bad, holds for its prediction alone, and gets some jitter."""
    slow = prediction_answer(0, "processing")
    slow.headers["Retry-After"] = "50"
    busy = httpx.Response(429, headers={"Retry-After": "40"})
    farm = Farm([slow, "completed"], [busy, "completed"], ["processing", "completed"])
    order = [handle.id for handle in side.collect(side.many("as_completed", handles(side, farm)))]

    assert ["p2", "p1", "p0"] == order
    assert 50 * 1.125 <= sum(side.clock.pauses) < 50 * 1.125 + 1


def test_polls_are_spread(side):
    """However many there are, no more than so many polls begin in a second."""
    farm = Farm(*[["processing", "completed"]] * 300)
    side.run(side.many("wait_all", handles(side, farm)))

    assert 600 == len(farm.polls)
    assert sum(side.clock.pauses) >= 600 / PER_SECOND - 1


def test_on_update_tells_each_change(side):
    """The hook sees each handle at first and at each change of its status."""
    farm = Farm(["created", "processing", "processing", "completed"], ["failed"])
    given = handles(side, farm)
    seen = []
    note = lambda handle: seen.append((handle.id, handle.status))  # noqa: E731 - as callers write it
    side.run(side.many("wait_all", given, on_update=note))

    assert [
        *[("p0", "created"), ("p1", "created"), ("p1", "failed")],
        *[("p0", "processing"), ("p0", "completed")],
    ] == seen


def test_on_update_that_raises_stops(side):
    """What the caller's own function raises comes through as it is."""
    farm = Farm(["processing"], ["processing"])
    with pytest.raises(ZeroDivisionError):
        side.run(side.many("wait_all", handles(side, farm), on_update=lambda handle: 1 / 0))


def test_a_client_that_is_closed_meanwhile(side):
    """Predictions of a client that was closed are errors; those of another one go on."""
    farm = Farm(["processing", "completed"], ["processing"])
    given, others = handles(side, farm), handles(side, farm)
    session = others[1]._session
    side.run(session.close() if side.name == "sync" else session.aclose())
    with pytest.raises(WaitAllError) as caught:
        side.run(side.many("wait_all", [given[0], others[1]]))

    assert ["ClientClosedError"] == [type(error).__name__ for error in caught.value.errors]
    assert "completed" == given[0].status


def test_without_a_key_nothing_is_asked(side):
    """A client without a key is an error before anything is sent."""
    farm = Farm(["processing"])
    with pytest.raises(ConfigurationError, match="GET3W_API_KEY"):
        side.run(side.many("wait_all", handles(side, farm, api_key=None)))

    assert [] == farm.polls


# asyncio


class Slow:
    """An async server that holds each poll until it is let go, and counts those under way."""

    def __init__(self, status="processing"):
        self.status = status
        self.now = self.most = self.left = 0
        self.go = asyncio.Event()
        self.full = asyncio.Event()

    async def answer(self, request):
        self.now += 1
        self.most = max(self.most, self.now)
        if self.now == IN_FLIGHT:
            self.full.set()
        try:
            await self.go.wait()
            return prediction_answer(request.url.path.rpartition("/p")[2], self.status)
        finally:
            self.now -= 1
            self.left += 1


@contextlib.asynccontextmanager
async def crowd(slow, key, count=40):
    http_client = httpx.AsyncClient(transport=httpx.MockTransport(slow.answer))
    async with AsyncClient(key, http_client=http_client) as client, http_client:
        yield [AsyncPrediction.from_json(TEXT % number, client=client) for number in range(count)]


def test_a_few_polls_at_a_time(key):
    """However slow the server, no more than eight polls are under way."""

    async def main():
        slow = Slow("completed")
        async with crowd(slow, key) as predictions:
            task = asyncio.create_task(wait_all_async(predictions))
            await slow.full.wait()
            for _ in range(50):
                await asyncio.sleep(0)
            slow.go.set()
            await task
        return slow

    slow = asyncio.run(main())

    assert IN_FLIGHT == slow.most
    assert 40 == slow.left


def test_cancelling_leaves_nothing_behind(key):
    """After a cancelled wait there is no task and no request any more."""

    async def main():
        slow = Slow()
        async with crowd(slow, key) as predictions:
            task = asyncio.create_task(wait_all_async(predictions))
            await slow.full.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            return slow.now, len(asyncio.all_tasks())

    assert (0, 1) == asyncio.run(main())


def test_leaving_the_loop_leaves_nothing_behind(key):
    """Whoever has seen enough and closes the generator leaves no task and no request."""

    async def main():
        slow = Slow("completed")
        async with crowd(slow, key) as predictions:
            slow.go.set()
            async with contextlib.aclosing(as_completed_async(predictions)) as completed:
                first = await anext(completed)
            return first.status, slow.now, len(asyncio.all_tasks())

    assert ("completed", 0, 1) == asyncio.run(main())


def test_cancelling_over_http_leaves_no_connection(get3w_emulator):
    """Over HTTP the connections of a cancelled wait are given back or closed.

    All three are waiting by then: httpcore itself keeps a connection for good whose request is
    cancelled between connecting and sending.
    """

    async def main():
        waiting = asyncio.Semaphore(0)

        async def trace(event, info):
            if event == "http11.receive_response_headers.started":
                waiting.release()

        async def watch(request):
            if request.method == "GET":
                request.extensions["trace"] = trace

        async with (
            httpx.AsyncClient(event_hooks={"request": [watch]}) as http_client,
            AsyncClient(
                get3w_emulator.api_key, get3w_emulator.url, http_client=http_client
            ) as client,
        ):
            predictions = [
                await submit_flux_dev_async("a lighthouse", client=client) for _ in range(3)
            ]
            get3w_emulator.faults([{"method": "GET", "path": "*", "fault": "delay", "seconds": 30}])
            task = asyncio.create_task(wait_all_async(predictions))
            for _ in predictions:
                await waiting.acquire()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            connections = http_client._transport._pool.connections
            return [each for each in connections if not each.is_idle()], asyncio.all_tasks()

    busy, tasks = asyncio.run(main())

    assert [] == busy
    assert 1 == len(tasks)


# Many


class NoPauses:
    """Time that passes when somebody sleeps, and that keeps no record of it."""

    now = 0.0

    def context(self, options):
        return Context(options, lambda: self.now, lambda: 0.5, lambda: self.now)

    def sleep(self, seconds):
        self.now += seconds


def peak_of_waiting(rounds, options, clock, count=1000):
    """Return the most bytes that waiting for many predictions adds, HTTP itself left out."""
    body = b'{"code":200,"data":{"id":"%s","status":"%s","outputs":["https://cdn.test/a.png"]}}'
    asked = Counter()

    def send(request):
        asked[request.url] += 1
        word = b"completed" if asked[request.url] == rounds else b"processing"
        return HttpResponse(200, {}, body % (request.url.rpartition("/")[2].encode(), word))

    given = [Prediction.from_json(TEXT % number) for number in range(count)]
    asked.update(handle._poll_request().url for handle in given)
    asked = Counter(dict.fromkeys(asked, 0))
    gc.collect()
    tracemalloc.start()
    ctx = clock.context(options)
    poller = Poller(given, ctx, None)
    while (pause := poller.pause()) is not None:
        clock.sleep(pause)
        run_sync(poller.poll(poller.take(), ctx), send, clock.sleep)
    poller.conclude()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count * rounds == sum(asked.values())
    return peak


def test_a_thousand_take_little_memory(options):
    """Waiting for 1,000 predictions takes less than 1 KB for each, however long it lasts."""
    short = peak_of_waiting(3, options, NoPauses())
    long = peak_of_waiting(6, options, NoPauses())

    assert long < 1_000_000
    assert long < 1.1 * short


def test_over_http(get3w_emulator, get3w_client):
    """Over HTTP all predictions are finished, each submitted once."""
    given = [
        submit_flux_dev("[[fail]]" if number == 3 else "a lighthouse", client=get3w_client)
        for number in range(20)
    ]
    wait_all(given)

    assert ["completed"] * 3 + ["failed"] + ["completed"] * 16 == statuses(given)
    assert 20 == len(get3w_emulator.ledger())
