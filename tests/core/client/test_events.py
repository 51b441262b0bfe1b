"""What happens is told: to a hook, to the log, and to OpenTelemetry by way of either."""

import asyncio
import logging
import pickle
import socket
import subprocess
import sys

import httpx
import pytest
from get3w_core import (
    APIError,
    AsyncClient,
    Client,
    ClientClosedError,
    Completed,
    ConfigurationError,
    ConnectionFailedError,
    Event,
    Get3WError,
    Polled,
    PredictionFailedError,
    RateLimitError,
    Retried,
    ServerError,
    SubmitFailed,
    SubmitOutcomeUnknownError,
    Submitted,
)
from get3w_models import submit_flux_dev, submit_flux_dev_async

PAINT = {"model": "get3w/paint", "prediction_id": "pred_1"}
SUBMIT = {"method": "POST", "url": "https://api.get3w.com/api/v3/get3w/paint"}
POLL = {"method": "GET", "url": "https://api.get3w.com/api/v3/predictions/pred_1"}


@pytest.fixture
def told():
    return []


def test_a_whole_life(side, script, ok, error, paint, told):
    """Submit, retries, polls and the end are told in order, with ids, counts and times."""
    answers = [error(429), ok(), ok("processing"), httpx.Response(503), ok("completed")]
    client = side.client(script(*answers), on_event=told.append)
    side.run(side.run(client.submit(paint)).wait())
    first, second = 0.3, 0.3 + 0.45 + 0.5625

    assert [
        Retried(
            model="get3w/paint",
            prediction_id=None,
            elapsed=0,
            attempt=1,
            delay=0.5625,
            verdict="refused",
            reason="status 429",
            seconds_left=60,
            **SUBMIT,
        ),
        Submitted(**PAINT, elapsed=0.5625, status="created", attempts=2),
        Polled(**PAINT, elapsed=pytest.approx(first), status="processing", attempt=1),
        Retried(
            **PAINT,
            elapsed=pytest.approx(first + 0.45),
            attempt=1,
            delay=0.5625,
            verdict="refused",
            reason="status 503, the body is not JSON",
            seconds_left=pytest.approx(3600 - first - 0.45),
            **POLL,
        ),
        Polled(**PAINT, elapsed=pytest.approx(second), status="completed", attempt=2),
        Completed(
            **PAINT, elapsed=pytest.approx(second), status="completed", failed=False, code=None
        ),
    ] == told
    assert all(isinstance(event, Event) for event in told)


def test_many_tell_the_same(side, script, ok, paint, told):
    """`wait_all` tells polls, retries and ends as `wait` does."""
    answers = [ok(), ok("processing"), httpx.ReadTimeout, ok("completed")]
    client = side.client(script(*answers), on_event=told.append)
    side.run(side.many("wait_all", [side.run(client.submit(paint))]))

    assert ["Submitted", "Polled", "Retried", "Polled", "Completed"] == [
        type(event).__name__ for event in told
    ]
    assert {"pred_1"} == {event.prediction_id for event in told}
    assert ("unknown", 1, "GET") == (told[2].verdict, told[2].attempt, told[2].method)


def test_a_failed_task_is_completed_too(side, script, ok, paint, told):
    """The end is told for better or worse, with the task's code."""
    client = side.client(script(ok(), ok("failed", code=1402)), on_event=told.append)
    with pytest.raises(PredictionFailedError):
        side.run(side.run(client.submit(paint)).wait())

    assert ("failed", True, 1402) == (told[-1].status, told[-1].failed, told[-1].code)


def test_a_submit_that_is_done_at_once(side, script, ok, paint, told):
    """A held submit tells both, and waiting for it tells nothing more."""
    client = side.client(script(ok("completed")), on_event=told.append)
    side.run(side.run(client.submit(paint)).wait())

    assert [Submitted, Completed] == list(map(type, told))


def test_an_end_is_news_once(side, script, ok, paint, told):
    """Asking again after the end tells of the poll alone, and so does a look-up by id."""
    client = side.client(script(ok(), ok("completed")), on_event=told.append)
    prediction = side.run(client.submit(paint))
    side.run(prediction.refresh())
    side.run(prediction.refresh())
    side.run(client.prediction("pred_1"))

    assert [Submitted, Polled, Completed, Polled, Polled] == list(map(type, told))


@pytest.mark.parametrize(
    ("failure", "verdict", "attempts"),
    [
        (httpx.Response(400), "rejected", 1),
        (httpx.Response(429), "refused", 3),
        (httpx.ConnectError, "unsent", 3),
        (httpx.ReadTimeout, "unknown", 1),
        (httpx.Response(200, text="<html>"), "unknown", 1),
    ],
)
def test_a_submit_that_fails(side, script, paint, told, failure, verdict, attempts):
    """A submit that ends without a task tells how sure that is, and the error that is raised."""
    client = side.client(script(failure), submit_deadline=1, on_event=told.append)
    with pytest.raises(Get3WError) as caught:
        side.run(client.submit(paint))

    assert isinstance(told[-1], SubmitFailed)
    assert (verdict, attempts, caught.value) == (
        told[-1].verdict,
        told[-1].attempts,
        told[-1].error,
    )


@pytest.mark.parametrize("stop", [KeyboardInterrupt, asyncio.CancelledError])
def test_a_submit_that_is_given_up(side, script, paint, told, caplog, stop):
    """One that is interrupted or cancelled after it was sent tells that its outcome is unknown."""

    def interrupted(request):
        raise stop

    client = side.client(script(interrupted), on_event=told.append)
    with pytest.raises(stop):
        side.run(client.submit(paint))

    [event] = told
    assert (SubmitFailed, "unknown", 1) == (type(event), event.verdict, event.attempts)
    assert "given up" in str(event.error)
    assert "outcome unknown" in caplog.text


@pytest.mark.parametrize("stop", [KeyboardInterrupt, asyncio.CancelledError])
@pytest.mark.parametrize(
    ("answer", "verdict", "kind"),
    [
        (httpx.Response(429), "refused", RateLimitError),
        (httpx.Response(503, headers={"Retry-After": "1"}), "refused", ServerError),
        (httpx.ConnectError, "unsent", ConnectionFailedError),
    ],
)
def test_a_submit_that_is_given_up_in_a_pause(
    side, script, paint, told, stop, answer, verdict, kind
):
    """One that waits to be repeated ends as its last attempt did: certainly without a task."""

    def note(event):
        told.append(event)
        if isinstance(event, Retried):
            side.clock.stop = stop

    def sleep(seconds):
        raise side.clock.stop

    async def asleep(seconds):
        sleep(seconds)

    client = side.client(script(answer), on_event=note)
    side.clock.sleep, side.clock.asleep = sleep, asleep
    with pytest.raises(stop):
        side.run(client.submit(paint))

    retried, failed = told
    assert (Retried, verdict) == (type(retried), retried.verdict)
    assert (SubmitFailed, verdict, 1) == (type(failed), failed.verdict, failed.attempts)
    assert isinstance(failed.error, kind)


class Interrupting(httpx.Timeout):
    """Is read while the request is made, and somebody presses Ctrl-C just then."""

    def __getattribute__(self, name):
        if name == "read":
            raise KeyboardInterrupt
        return super().__getattribute__(name)


def test_a_submit_that_is_given_up_before_it_left(side, script, ok, paint, told):
    """One that is interrupted while its request is made was certainly not sent."""
    server = script(ok())
    with pytest.raises(KeyboardInterrupt):
        side.run(side.client(server, on_event=told.append).submit(paint, timeout=Interrupting(5)))

    [event] = told
    assert (SubmitFailed, "unsent", 1) == (type(event), event.verdict, event.attempts)
    assert isinstance(event.error, ConnectionFailedError)
    assert [] == server.requests


def test_a_submit_of_a_client_that_was_closed_meanwhile(side, script, error, paint, told):
    """What the client itself refuses to send is told as unsent, with the error of the call."""

    def note(event):
        told.append(event)
        if isinstance(event, Retried):
            side.run(client.close()) if side.name == "sync" else setattr(
                client._session, "_closed", True
            )

    client = side.client(script(error(429)), on_event=note)
    with pytest.raises(ClientClosedError) as caught:
        side.run(client.submit(paint))

    failed = told[-1]
    assert (SubmitFailed, "unsent", 2) == (type(failed), failed.verdict, failed.attempts)
    assert caught.value is failed.error


@pytest.mark.parametrize("kind", [ValueError, Get3WError, StopIteration])
def test_a_hook_that_raises_breaks_nothing(side, script, ok, paint, caplog, kind):
    """What a hook raises is logged, and the call goes on."""

    def broken(event):
        raise kind("mine")

    client = side.client(script(ok(), ok("completed")), on_event=broken)

    assert "completed" == side.run(side.run(client.submit(paint)).wait()).status
    assert "on_event failed for Submitted" in caplog.text


@pytest.mark.parametrize("kind", [Client, "derived"])
def test_hooks_that_cannot_be_called_are_refused(key, kind):
    """A hook that is no function, or that would have to be awaited, is refused at once."""

    async def awaited(event):
        raise AssertionError("it is never called")

    for hook in (awaited, 3, "print"):
        with pytest.raises(ConfigurationError, match="on_event"):
            Client(key).with_options(on_event=hook) if kind == "derived" else Client(
                key, on_event=hook
            )


def test_derived_clients_keep_the_hook(script, ok, paint, key, told):
    """`with_options` keeps the hook unless it is changed."""
    http_client = httpx.Client(transport=httpx.MockTransport(script(ok())))
    client = Client(key, http_client=http_client, on_event=told.append)
    client.with_options(max_retries=1).submit(paint)
    client.with_options(on_event=None).submit(paint)

    assert [Submitted] == list(map(type, told))


def test_events_can_be_kept(told, side, script, ok, paint):
    """Events are plain data that cannot be changed and can be pickled."""
    side.run(side.client(script(ok()), on_event=told.append).submit(paint))

    assert told == pickle.loads(pickle.dumps(told))
    with pytest.raises(AttributeError):
        told[0].status = "other"


# The log


def test_levels_of_the_log(side, script, ok, error, paint, caplog):
    """Tasks are INFO, retries and unknown outcomes WARNING, HTTP is DEBUG."""
    caplog.set_level(logging.DEBUG, logger="get3w_core")
    answers = [error(429), ok(), ok("completed"), httpx.ReadTimeout]
    client = side.client(script(*answers))
    side.run(side.run(client.submit(paint)).wait())
    with pytest.raises(SubmitOutcomeUnknownError):
        side.run(client.submit(paint))
    levels = {
        words: {record.levelname for record in caplog.records if words in record.getMessage()}
        for words in ("submitted as", "ended as", "again in", "outcome unknown", "200 in")
    }

    assert {
        "submitted as": {"INFO"},
        "ended as": {"INFO"},
        "again in": {"WARNING"},
        "outcome unknown": {"WARNING"},
        "200 in": {"DEBUG"},
    } == levels
    assert {"get3w_core"} == {record.name for record in caplog.records}


def test_only_the_first_retry_is_a_warning(side, script, ok, paint, data, caplog):
    """A call that is tried again and again warns once, and says until when."""
    caplog.set_level(logging.INFO, logger="get3w_core")
    refused = [httpx.ConnectError, httpx.ConnectError]
    client = side.client(script(*refused, ok(), *refused, data({"balance": 1})))
    side.run(client.submit(paint))
    side.run(client.balance())
    retries = [each for each in caplog.records if "again in" in each.getMessage()]

    assert ["WARNING", "INFO"] * 2 == [each.levelname for each in retries]
    assert retries[0].getMessage().endswith("again in 0.56 s, for 60 s at most")
    assert retries[2].getMessage().endswith("again in 0.56 s, 5 attempt(s) at most")


def test_a_program_without_logging_is_not_kept_waiting_in_silence(key):
    """Where nothing listens, the first retry is told on the terminal: where, why, until when."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    # The key is no part of the source, whose lines a traceback shows.
    program = (
        "import sys\nfrom get3w_core import Client\nClient(*sys.argv[1:], max_retries=1).balance()"
    )
    command = [sys.executable, "-c", program, key, address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    told, _, error = done.stderr.partition("\n")

    assert told.startswith(f"GET {address}/api/v3/balance: unsent (ConnectError: ")
    assert told.endswith(" s, 1 attempt(s) at most")
    assert "is anything listening there?" in error
    assert key not in done.stderr


@pytest.mark.parametrize("level", [logging.INFO, logging.DEBUG])
def test_a_handler_that_raises_breaks_nothing(side, script, ok, paint, level):
    """A log handler that raises ends no call: the task is paid for."""

    class Broken(logging.Handler):
        def emit(self, record):
            raise ValueError("mine")

    logger, handler = logging.getLogger("get3w_core"), Broken()
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(level)
    try:
        prediction = side.run(side.client(script(ok(), ok("completed"))).submit(paint))
        side.run(prediction.wait())
    finally:
        logger.setLevel(before)
        logger.removeHandler(handler)

    assert ("pred_1", "completed") == (prediction.id, prediction.status)


def test_nothing_private_is_told(side, script, ok, error, Paint, key, caplog, told):
    """Neither key nor prompt nor the query of a callback is in any event or record."""
    caplog.set_level(logging.DEBUG)
    echo = error(429, message=f"{key} a secret wish https://e.test/?token=t0ken")
    answers = [echo, ok(), ok("processing"), httpx.Response(503, text=key), ok("completed")]
    client = side.client(script(*answers, error(400)), on_event=told.append)
    request = Paint(prompt="a secret wish")
    prediction = side.run(client.submit(request, webhook_url="https://e.test/?token=t0ken"))
    side.run(prediction.wait())
    with pytest.raises(APIError):
        side.run(client.with_options(surface="v1").submit(request, webhook_url="https://e/?t0ken"))
    ours = [each.getMessage() for each in caplog.records if each.name == "get3w_core"]
    shown = "\n".join([*map(repr, told), *ours])

    assert told
    assert ours
    for private in (key, "secret wish", "t0ken"):
        assert private not in shown


# OpenTelemetry


@pytest.fixture
def spans():
    """Collect the spans that opentelemetry-instrumentation-httpx makes."""
    instrumentation = pytest.importorskip("opentelemetry.instrumentation.httpx")
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import SimpleSpanProcessor
    from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    instrumentor = instrumentation.HTTPXClientInstrumentor()
    instrumentor.instrument(tracer_provider=provider)
    yield exporter.get_finished_spans
    instrumentor.uninstrument()
    provider.shutdown()


def attempts(told):
    """Count the HTTP attempts that events tell of."""
    return sum(isinstance(event, Submitted | Polled | Retried) for event in told)


def check_spans(spans, told, url):
    found = [(span.name, span.attributes.get("http.status_code")) for span in spans]

    assert ("POST", 503) == found[0]
    assert ("POST", 200) == found[1]
    assert {("GET", 200)} == set(found[2:])
    assert attempts(told) == len(found)
    assert all(span.attributes["http.url"].startswith(url) for span in spans)
    assert not any("Bearer" in str(dict(span.attributes)) for span in spans)


BUSY = [
    {
        "method": "POST",
        "path": "*",
        "fault": "status",
        "status": 503,
        "headers": {"Retry-After": "0"},
        "times": 1,
    }
]


def test_httpx_instrumentation_works_as_it_is(get3w_emulator, spans, told):
    """Each HTTP attempt of our own connections has a span."""
    get3w_emulator.faults(BUSY)
    with Client(get3w_emulator.api_key, get3w_emulator.url, on_event=told.append) as client:
        submit_flux_dev("a lighthouse", client=client).wait()

    check_spans(spans(), told, get3w_emulator.url)


def test_httpx_instrumentation_works_for_asyncio(get3w_emulator, spans, told):
    """The same for the async client."""

    async def main():
        get3w_emulator.faults(BUSY)
        async with AsyncClient(
            get3w_emulator.api_key, get3w_emulator.url, on_event=told.append
        ) as client:
            await (await submit_flux_dev_async("a lighthouse", client=client)).wait()

    asyncio.run(main())

    check_spans(spans(), told, get3w_emulator.url)
