"""Whatever strikes one of many submits, each is accounted for against the emulator's ledger."""

import itertools
import random
import signal
import sys

import pytest
from get3w_core import (
    AsyncPrediction,
    Client,
    Prediction,
    RateLimitError,
    SubmitOutcomeUnknownError,
    partial_results,
    submit_all,
)
from get3w_models import FluxDevRequest, SeedreamV4Request

COUNT = 50
STRUCK = SeedreamV4Request.__model__.model_id
FAULTS = {
    "none": None,
    "not accepted, no answer": {"fault": "drop_before_accept"},
    "accepted, no answer": {"fault": "drop_after_accept"},
    "half an answer": {"fault": "truncate"},
    "broken JSON": {"fault": "malformed"},
    "slow": {"fault": "delay", "seconds": 0.1},
    "400": {"fault": "status", "status": 400},
    "401": {"fault": "status", "status": 401},
    "403": {"fault": "status", "status": 403},
    "429 once": {"fault": "status", "status": 429, "headers": {"Retry-After": "0"}, "times": 1},
    "429": {"fault": "status", "status": 429, "headers": {"Retry-After": "0"}},
    "500": {"fault": "status", "status": 500},
    "503 once": {"fault": "status", "status": 503, "headers": {"Retry-After": "0"}, "times": 1},
}


def requests(struck):
    """Yield the requests; the one that is struck is of another model, which the fault names."""
    for number in range(COUNT):
        kind = SeedreamV4Request if number == struck else FluxDevRequest
        yield kind(prompt=str(number))


def balance_of(results, emulator):
    """Return each way in which *results* and the ledger do not agree."""
    accepted = {int(entry.input["prompt"]): entry.id for entry in emulator.ledger()}
    assert len(accepted) == len(emulator.ledger()), "a task was submitted twice"
    for number in range(COUNT):
        result = results[number] if number < len(results) else None
        if isinstance(result, SubmitOutcomeUnknownError):
            # What is needed to find the task is there.
            if result.submission is None:
                yield number, result
        elif isinstance(result, Prediction | AsyncPrediction):
            if result.id != accepted.get(number):
                yield number, result
        elif number in accepted:
            yield number, result


@pytest.mark.pairwise
@pytest.mark.parametrize("interrupted", [False, True], ids=["", "interrupted"])
@pytest.mark.parametrize("struck", [0, 23, COUNT - 1])
@pytest.mark.parametrize("fault", FAULTS)
def test_all_are_accounted_for(side, attempt, emulator, fault, struck, interrupted):
    """With one fault at one of 50, every result says what the ledger says, in order."""
    if FAULTS[fault]:
        rule = {"method": "POST", "path": f"/api/v3/{STRUCK}", **FAULTS[fault]}
        emulator.faults([rule])
    told = {}

    def note(index, result):
        told[index] = result
        if interrupted and len(told) == COUNT // 2:
            side.interrupt()

    results, stop = attempt(
        requests(struck), url=emulator.url, on_result=note, options={"submit_deadline": 0.3}
    )

    assert [] == list(balance_of(results, emulator))
    assert told == {at: result for at, result in enumerate(results) if result is not None}
    if interrupted:
        assert side.interruption is type(stop)
        assert COUNT // 2 <= len(told)
    else:
        assert stop is None
        assert COUNT == len(results) == len(told)


def test_what_becomes_of_the_struck_one(attempt, emulator):
    """The request that was struck has the error of it, and all others have handles."""
    emulator.faults([{"method": "POST", "path": f"/api/v3/{STRUCK}", "fault": "drop_after_accept"}])
    results, _ = attempt(requests(7), url=emulator.url)
    kinds = [type(each).__name__.removeprefix("Async") for each in results]

    assert ["Prediction"] * 7 + ["SubmitOutcomeUnknownError"] == kinds[:8]
    assert {"Prediction"} == set(kinds[8:])
    assert COUNT == len(emulator.ledger())


def lines_of(call):
    """Count the lines that *call* runs in the modules of `submit_all`."""
    count = itertools.count()
    traced(lambda: next(count), call)
    return next(count)


def traced(step, call):
    """Call *step* before each line that *call* runs in the modules of `submit_all`."""

    def trace(frame, event, argument):
        if "/bulk/" not in frame.f_code.co_filename or "/tests/" in frame.f_code.co_filename:
            return None
        if event == "line":
            step()
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        return call()
    finally:
        sys.settrace(before)


class TimeLimitError(Exception):
    """What the signal handler of a program raises."""


def interrupted_at(moment, emulator, strike):
    """Submit all, with *strike* before the line of that number; return the results."""
    emulator.reset()
    lines = itertools.count()
    told = {}

    def step():
        if next(lines) == moment:
            strike()

    with Client(emulator.api_key, emulator.url) as client:

        def call():
            return submit_all(requests(None), client=client, on_result=told.__setitem__)

        try:
            results = traced(step, call)
        except (KeyboardInterrupt, TimeLimitError) as stop:
            results = partial_results(stop)
    return results, told


@pytest.fixture(scope="module")
def lines():
    """How many lines a `submit_all` of 50 runs, roughly: threads make it differ."""
    from get3w_emulator import running

    with running(image_seconds=0) as emulator, Client(emulator.api_key, emulator.url) as client:
        return lines_of(lambda: submit_all(requests(None), client=client))


@pytest.mark.parametrize("part", range(24))
def test_ctrl_c_at_any_line(emulator, lines, part):
    """Wherever Ctrl-C comes, each task that was accepted has its handle."""
    moment = int(lines * (part + random.Random(part).random()) / 24)
    results, told = interrupted_at(moment, emulator, lambda: signal.raise_signal(signal.SIGINT))

    assert [] == list(balance_of(results, emulator))
    assert told == {at: result for at, result in enumerate(results) if result is not None}


def test_ctrl_c_as_the_results_are_returned(emulator):
    """Once Python handles Ctrl-C itself again, the results are still kept until the last line."""
    lost = []
    with Client(emulator.api_key, emulator.url) as client:
        for moment in itertools.count():
            emulator.reset()
            lines = itertools.count()

            def trace(frame, event, argument, lines=lines, moment=moment):
                if frame.f_code.co_name not in ("submit_all", "all_results"):
                    return None
                if event == "line" and next(lines) == moment:
                    signal.raise_signal(signal.SIGINT)
                return trace

            before = sys.gettrace()
            sys.settrace(trace)
            try:
                submit_all(requests(None), client=client)
                break
            except KeyboardInterrupt as stop:
                lost += balance_of(partial_results(stop), emulator)
            finally:
                sys.settrace(before)

    assert 10 < moment
    assert [] == lost


@pytest.mark.parametrize("part", range(24))
def test_exception_of_a_signal_handler_at_any_line(emulator, lines, part):
    """A time limit that raises in the middle of a line loses no handle either."""

    def strike():
        raise TimeLimitError

    moment = int(lines * (part + random.Random(part).random()) / 24)
    results, _ = interrupted_at(moment, emulator, strike)

    assert [] == list(balance_of(results, emulator))


def test_refusal_is_an_error_of_its_own(attempt, emulator):
    """A request that stays refused ends in the error of a refusal: nothing was accepted."""
    rule = {"method": "POST", "path": "*", "fault": "status", "status": 429}
    emulator.faults([rule])
    results, _ = attempt(requests(None), url=emulator.url, options={"submit_deadline": 0})

    assert {RateLimitError} == {type(each) for each in results}
    assert [] == emulator.ledger()
