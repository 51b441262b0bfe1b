"""Many submits: in order, bounded, lazy, slower where the server refuses, and never lost."""

import os
import signal
import threading

import pytest
from get3w_core import (
    AsyncClient,
    Client,
    ConfigurationError,
    FileOutput,
    Get3WError,
    ModelInfo,
    ModelRequest,
    NoEvidence,
    RateLimitError,
    SubmitOutcomeUnknownError,
    Submitted,
    TextOutput,
    partial_results,
    submit_all,
)
from get3w_core.bulk.batch import Limit
from get3w_models import FluxDevRequest, SeedreamV4Request, submit_flux_dev

PATIENCE = 20  # seconds until a test that hangs is given up


def requests(count):
    return [FluxDevRequest(prompt=str(number)) for number in range(count)]


def test_results_are_in_order(side, emulator):
    """Requests of several models come back as handles, each in the place of its request."""
    kinds = [FluxDevRequest, SeedreamV4Request, FluxDevRequest]
    results = side.run([kind(prompt="x") for kind in kinds], url=emulator.url)

    assert [kind.__model__.model_id for kind in kinds] == [each.model for each in results]
    assert {entry.id for entry in emulator.ledger()} == {each.id for each in results}


def test_handles_belong_to_the_client(emulator):
    """A handle of the result goes on with the connections of the client that was given."""
    with Client("test-key", emulator.url) as client:
        [handle] = submit_all(requests(1), client=client)
        assert "completed" == handle.wait(timeout=PATIENCE).status
    with pytest.raises(Get3WError, match="closed"):
        handle.refresh()


class TalkRequest(ModelRequest[TextOutput], frozen=True):
    """A model that writes texts, whatever they look like."""

    __model__ = ModelInfo("get3w/flux-dev")

    prompt: str


def test_outputs_are_what_each_request_promises(emulator):
    """A text that looks like an address stays a text, beside the files of another model."""
    with Client("test-key", emulator.url) as client:
        results = submit_all([TalkRequest(prompt="x"), *requests(1)], client=client)
        outputs = [handle.wait(timeout=PATIENCE).output for handle in results]

    assert [TextOutput, FileOutput] == [type(output) for output in outputs]


def test_shared_client_is_the_default(emulator, monkeypatch):
    """Without a client the shared one submits."""
    monkeypatch.setenv("GET3W_API_KEY", emulator.api_key)
    monkeypatch.setenv("GET3W_BASE_URL", emulator.url)

    assert 2 == len(submit_all(requests(2))) == len(emulator.ledger())


def test_no_requests(side):
    """Nothing is sent, and the list is empty."""
    assert [] == side.run([])


def test_one_that_is_wrong_does_not_stop_the_others(side, emulator):
    """What is no request, or is invalid, is an error in its place, and costs nothing."""
    changed = FluxDevRequest(prompt="x").model_copy(update={"widht": 640})
    results = side.run([*requests(1), "flux", changed, *requests(1)], url=emulator.url)
    names = [type(each).__name__.removeprefix("Async") for each in results]

    assert ["Prediction", "ConfigurationError", "RequestValidationError", "Prediction"] == names
    assert 2 == len(emulator.ledger())


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"concurrency": 0}, "concurrency must be a whole number of 1 or more, not 0"),
        ({"concurrency": True}, "concurrency must be"),
        ({"on_result": 3}, "on_result must be a plain function"),
        ({"requests": FluxDevRequest(prompt="x")}, "an iterable of requests"),
        ({"requests": 3}, "an iterable of requests"),
    ],
)
def test_arguments_that_cannot_be_used(side, arguments, words):
    """They are refused where they are given."""
    with pytest.raises(ConfigurationError, match=words):
        side.run(**{"requests": [], **arguments})


def test_client_of_the_other_kind():
    """It is refused, and nothing is sent."""
    with pytest.raises(ConfigurationError, match="client must be of Client, not AsyncClient"):
        submit_all(requests(1), client=AsyncClient("test-key", "http://get3w.test"))


def test_no_more_than_asked_for_at_once(side, gate, accepted):
    """No more submits are under way than `concurrency` says."""
    server = gate(lambda number, _: accepted(number))
    side.run(requests(30), transport=server, concurrency=3)

    assert 30 == server.calls
    assert server.most <= 3


def test_requests_are_taken_as_they_are_needed(side, gate, accepted):
    """An iterator is not read ahead of the submits that are under way."""
    done, ahead = [], []

    def lazily():
        for number in range(20):
            ahead.append(number - len(done))
            yield FluxDevRequest(prompt=str(number))

    side.run(
        lazily(),
        transport=gate(lambda number, _: accepted(number)),
        concurrency=4,
        on_result=lambda index, _: done.append(index),
    )

    assert max(ahead) < 4


def test_hooks_are_called_one_at_a_time(side, gate, accepted):
    """`on_result` and the client's `on_event` are called by the caller's own thread."""
    threads, events = set(), []

    def note(*_):
        threads.add(threading.get_ident())

    def hear(event):
        note()
        events.append(event)

    side.run(
        requests(10),
        transport=gate(lambda number, _: accepted(number)),
        on_result=note,
        options={"on_event": hear},
    )

    assert {threading.get_ident()} == threads
    assert 10 == sum(isinstance(event, Submitted) for event in events)


def test_refusals_make_it_slower(side, gate, accepted, refused):
    """An account that allows two at once ends with two at once, and every request is accepted."""
    lock, under_way, tally = threading.Lock(), [], []

    def answer(number, _):
        with lock:
            under_way.append(number)
            busy = len(under_way) > 2
        try:
            tally.append(busy)
            return refused() if busy else accepted(number)
        finally:
            threading.Event().wait(0.005)
            with lock:
                under_way.remove(number)

    results = side.run(requests(60), transport=gate(answer), concurrency=16)
    half = len(tally) // 2

    assert [] == [each for each in results if isinstance(each, Get3WError)]
    assert sum(tally[half:]) < sum(tally[:half])


def test_limit_follows_refusals():
    """It halves once for all that were under way, is never below 1, and grows with successes."""
    limit = Limit(8)
    seen = [limit.now]
    for cuts_before in [0, 0, 0, 1, 2, 3, 4]:
        limit.note_refusal(cuts_before)
        seen.append(limit.now)
    for _ in range(40):
        limit.note_success()

    assert [8, 4, 4, 4, 2, 1, 1, 1] == seen
    assert 8 == limit.now


def test_busy_account_is_not_given_up(side, gate, accepted, refused):
    """A request that was refused for a whole deadline is tried again as others get in."""
    first, others, second = [], [], threading.Event()

    def answer(number, request):
        if b'"0"' not in request.content:
            others.append(number)
            if len(others) == 2:  # so the answer to the one before was read
                second.set()
            return accepted(number)
        first.append(number)
        return refused() if second.wait(PATIENCE) and len(first) == 1 else accepted(number)

    results = side.run(
        requests(8),
        transport=gate(answer),
        concurrency=2,
        options={"submit_deadline": 0.02},
    )

    assert [] == [each for each in results if isinstance(each, Get3WError)]


def test_closed_account_is_given_up(side, gate, refused):
    """Where nothing is accepted, each request ends in its refusal after the deadline."""
    server = gate(lambda *_: refused())
    results = side.run(requests(5), transport=server, options={"submit_deadline": 0})

    assert {RateLimitError} == {type(each) for each in results}
    assert 5 == server.calls


def test_exception_of_the_iterable(side, attempt, emulator):
    """It leaves as it is, with the results of all that were submitted before."""

    def broken():
        yield from requests(20)
        raise LookupError("row 20")

    results, stop = attempt(broken(), url=emulator.url)

    assert LookupError is type(stop)
    assert "Of 20 requests" in stop.__notes__[0]
    assert {entry.id for entry in emulator.ledger()} == {each.id for each in results if each}


def test_exception_of_the_hook(side, attempt, emulator):
    """A full disk stops the rest, and what was under way still gets its handle."""

    def full(index, _):
        if index >= 5:
            raise OSError("no space left")

    results, stop = attempt(requests(50), url=emulator.url, on_result=full)
    handles = [each for each in results if each is not None]

    assert OSError is type(stop)
    assert 6 <= len(handles) < 50
    assert {entry.id for entry in emulator.ledger()} == {each.id for each in handles}


def test_second_interruption_gives_up(side, attempt, gate, accepted):
    """Submits that are still without an answer then are of unknown outcome, and can be found."""
    over, stuck = threading.Event(), []

    def answer(number, _):
        if number <= 2:
            return accepted(number)
        stuck.append(number)
        if len(stuck) == 2:
            interrupt()
        over.wait(PATIENCE)
        return accepted(number)

    def interrupt():
        for _ in range(2):
            if side.name == "sync":
                os.kill(os.getpid(), signal.SIGINT)
            else:
                side.interrupt()
            # Two that are not taken yet are taken for one, by the system and by asyncio.
            threading.Event().wait(0.5)

    try:
        results, stop = attempt(requests(9), transport=gate(answer), concurrency=2)
    finally:
        over.set()
    names = [type(each).__name__.removeprefix("Async") for each in results]
    errors = [each for each in results if isinstance(each, SubmitOutcomeUnknownError)]

    assert side.interruption is type(stop)
    assert ["Prediction"] * 2 + ["SubmitOutcomeUnknownError"] * 2 == sorted(names)
    assert all(error.submission is not None for error in errors)


def test_given_up_submit_can_be_looked_for(emulator):
    """`reconcile` takes the error of a submit that was given up, as it takes any other."""
    rule = {"method": "POST", "path": "/api/v3/get3w/*", "fault": "drop_before_accept"}
    emulator.faults([rule])
    with Client("test-key", emulator.url) as client:
        [error] = submit_all(requests(1), client=client)
        assert isinstance(client.reconcile(error, within=0), NoEvidence)


def test_ctrl_c_is_raised_in_the_iterable(emulator):
    """An iterator that takes its time is ended at once."""

    def endless():
        yield from requests(3)
        signal.raise_signal(signal.SIGINT)
        pytest.fail("it went on")

    with Client("test-key", emulator.url) as client, pytest.raises(KeyboardInterrupt) as caught:
        submit_all(endless(), client=client)

    assert {entry.id for entry in emulator.ledger()} == {
        each.id for each in partial_results(caught.value) if each is not None
    }


def test_handler_of_ctrl_c_is_back_afterwards(emulator):
    """Python's own handler is in force again, and one of the program's own stays all the time."""
    heard = []
    with Client("test-key", emulator.url) as client:
        submit_all(requests(2), client=client)
        assert signal.default_int_handler is signal.getsignal(signal.SIGINT)
        before = signal.signal(signal.SIGINT, lambda *_: heard.append("own"))
        try:
            submit_all(
                requests(2),
                client=client,
                on_result=lambda *_: signal.raise_signal(signal.SIGINT),
            )
        finally:
            signal.signal(signal.SIGINT, before)

    assert ["own", "own"] == heard


def test_in_a_thread(emulator):
    """It works where no signal handler can be set."""
    results = []
    with Client("test-key", emulator.url) as client:
        thread = threading.Thread(
            target=lambda: results.extend(submit_all(requests(3), client=client))
        )
        thread.start()
        thread.join(PATIENCE)

    assert 3 == len(results)


def test_partial_results_of_something_else():
    """An exception that ended no batch has none."""
    assert [] == partial_results(ValueError())
    assert [] == partial_results(ExceptionGroup("", [ValueError()]))


def test_local_files_are_uploaded(side, emulator, tmp_path):
    """A file of several requests goes up once, and each is submitted with its URL."""
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    from get3w_models import Veo3_1ImageToVideoRequest

    made = [Veo3_1ImageToVideoRequest(prompt=str(n), image=path) for n in range(3)]
    results = side.run(made, url=emulator.url)

    assert [] == [each for each in results if isinstance(each, Get3WError)]
    assert 1 == len({entry.input["image"] for entry in emulator.ledger()})


def test_submit_function_does_the_same(emulator):
    """One request of `submit_all` is what a submit function sends."""
    with Client("test-key", emulator.url) as client:
        submit_all([FluxDevRequest(prompt="x", width=640)], client=client)
        submit_flux_dev("x", width=640, client=client)
    one, other = emulator.ledger()

    assert one.input == other.input
