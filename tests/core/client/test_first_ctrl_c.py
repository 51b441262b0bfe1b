"""Ctrl-C while a submit waits for its answer: the first waits too, a second gives it up."""

import signal
import sys

import httpx
import pytest
from get3w_core import Client, SubmitFailed, SubmitOutcomeUnknownError, Submitted


def client_of(answer, events):
    transport = httpx.MockTransport(answer)
    inner = httpx.Client(transport=transport)
    return Client("test-key", "https://get3w.test", http_client=inner, on_event=events.append)


def times(count, answer):
    """Answer, with so many Ctrl-C before."""

    def interrupted(_):
        for _ in range(count):
            signal.raise_signal(signal.SIGINT)
        return answer

    return interrupted


def test_first_one_waits_for_the_answer(paint, ok):
    """The task that the answer shows is named by the exception, and told to the hook."""
    events = []
    with pytest.raises(KeyboardInterrupt) as caught:
        client_of(times(1, ok()), events).submit(paint)

    assert [Submitted] == [type(event) for event in events]
    assert ["pred_1"] == [event.prediction_id for event in events]
    assert "default_client().prediction('pred_1')" in caught.value.__notes__[0]


def test_first_one_is_raised_after_a_refusal(paint, error):
    """What was not accepted is not sent again."""
    events = []
    with pytest.raises(KeyboardInterrupt) as caught:
        client_of(times(1, error(429)), events).submit(paint)

    assert [("SubmitFailed", "refused")] == [(type(e).__name__, e.verdict) for e in events]
    assert "nothing was accepted" in caught.value.__notes__[0]


def test_second_one_gives_it_up(paint, ok):
    """The hook gets the error that `reconcile` takes, and the note says so."""
    events = []
    with pytest.raises(KeyboardInterrupt) as caught:
        client_of(times(2, ok()), events).submit(paint)
    [failed] = events

    assert isinstance(failed, SubmitFailed)
    assert isinstance(failed.error, SubmitOutcomeUnknownError)
    assert failed.error.submission is not None
    assert "SubmitFailed.error" in caught.value.__notes__[0]


def test_reads_end_at_once(paint, data):
    """A read costs nothing, and the first Ctrl-C ends it."""
    calls = []

    def answer(request):
        calls.append(request)
        signal.raise_signal(signal.SIGINT)
        return data({"balance": 1.0})

    with pytest.raises(KeyboardInterrupt):
        client_of(answer, []).balance()

    assert 1 == len(calls)
    assert signal.default_int_handler is signal.getsignal(signal.SIGINT)


class TimeLimitError(Exception):
    """As the signal handler of a task queue raises it."""


@pytest.mark.parametrize("function", ["__enter__", "__init__", "__exit__", "__call__"])
def test_ctrl_c_is_heard_after_a_submit_that_was_struck(paint, ok, function):
    """A handler that another signal left installed does as Python's own, and is replaced."""

    def strike(frame, event, arg):
        if frame.f_globals["__name__"].endswith(".ctrl_c") and frame.f_code.co_name == function:
            sys.settrace(None)
            raise TimeLimitError

    client = client_of(times(1, ok()), [])
    sys.settrace(strike)
    try:
        client.submit(paint)
    except (TimeLimitError, KeyboardInterrupt):
        pass
    finally:
        sys.settrace(None)

    with pytest.raises(KeyboardInterrupt):
        signal.raise_signal(signal.SIGINT)
    client_of(times(0, ok()), []).submit(paint)
    assert signal.default_int_handler is signal.getsignal(signal.SIGINT)
