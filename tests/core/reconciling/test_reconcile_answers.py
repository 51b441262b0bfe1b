"""Whatever a server answers to a search, and whatever was sent: a result, or an error of ours."""

import json
import pickle
import threading

import httpx
import pytest
from get3w_core import (
    Accepted,
    Ambiguous,
    Get3WError,
    NoEvidence,
    SavedSubmission,
    SubmitOutcomeUnknownError,
)
from get3w_core.reconciling.memory import SeenTask, SubmissionMemory
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.conftest import PaintRequest, Script, SyncSide

CREATED = "1970-01-01T00:16:40Z"  # when the virtual clock begins
WRONG = st.sampled_from(
    [
        *(None, True, 0, -1, 1.5, 10**400, float("inf"), float("nan"), "", "..", "\ud800", "x"),
        *([], [1], [[]], [{}], {}, {"a": 1}, {"records": {}}, {"items": 1}),
        *("0001-01-01", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59"),
    ]
)
DATES = st.sampled_from(
    [None, "", "x", "Mon, 01 Jan 0001 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 -2359"]
)
RECORD = {"date": "1970-01-01", "type": "usage", "model": "get3w/paint", "task_id": "pred_1"}
TASK = {
    "id": "pred_1",
    "model": "get3w/paint",
    "status": "processing",
    "input": {"prompt": "a lighthouse"},
    "created_at": CREATED,
}
PAGE = {"records": [RECORD, RECORD], "total": 2, "page": 1, "per_page": 100}
HISTORY = {"page": 1, "items": [{**TASK, "inputs": TASK["input"]}]}


@st.composite
def spoilt(draw, good):
    """Draw *good* with something wrong somewhere, or right."""
    if draw(st.integers(0, 9)) == 0:
        return draw(WRONG)
    if isinstance(good, dict):
        return {name: draw(spoilt(value)) for name, value in good.items()}
    if isinstance(good, list):
        return [draw(spoilt(each)) for each in good]
    return good


def saved(number=0, **changes):
    """Make a submission that was saved."""
    plain = {
        "submission_id": f"submission {number}",
        "model_id": "get3w/paint",
        "origin": "https://api.get3w.com",
        "surface": "v3",
        "sent_at": 1000.0,
        "ended_at": 1000.0,
        "input": {"prompt": "a lighthouse"},
    }
    return SavedSubmission(**{**plain, **changes})


@settings(max_examples=150)
@given(page=spoilt(PAGE), task=spoilt(TASK), history=spoilt(HISTORY), date=DATES)
def test_odd_answers_end_in_a_result_or_an_error_of_ours(page, task, history, date):
    """Nothing else comes out, and what comes out can be shown and pickled."""
    side = SyncSide()

    def answer(request):
        posted, one = request.method == "POST", "predictions/" in request.url.path
        body = {"code": 200, "data": history if posted else task if one else page}
        headers = {} if date is None else {"date": date}
        return httpx.Response(200, content=json.dumps(body).encode(), headers=headers)

    client = side.client(Script(answer), max_retries=0)
    try:
        found = client.reconcile(saved(), within=0)
    except Get3WError as error:
        str(pickle.loads(pickle.dumps(error)))
    else:
        assert isinstance(found, Accepted | Ambiguous | NoEvidence)
        str(found)
        repr(pickle.loads(pickle.dumps(found.report)))


def test_good_answers_are_accepted():
    """The answers that are spoilt above are good ones."""

    def answer(request):
        data = TASK if "predictions/" in request.url.path else PAGE
        return httpx.Response(200, json={"code": 200, "data": data})

    found = SyncSide().client(Script(answer)).reconcile(saved(), within=0)

    assert "pred_1" == found.prediction.id


@pytest.mark.parametrize("depth", [40, 60, 300, 600])
def test_deep_input_takes_no_error_away(side, script, depth):
    """However deep an input is, the error of its submit says what it always says."""
    deep = []
    for _ in range(depth):
        deep = [deep]
    client = side.client(script(httpx.ReadError))
    with pytest.raises(SubmitOutcomeUnknownError) as caught:
        side.run(client.submit(PaintRequest(prompt="x"), extra_body={"deep": deep}))

    assert caught.value.submission == SavedSubmission.from_json(caught.value.to_json())


def test_a_task_is_claimed_by_one_thread():
    """Of many threads that want one task, one gets it."""
    memory, start, got = SubmissionMemory(), threading.Barrier(8), []

    def claim(number):
        start.wait(20)
        ours = saved(number)
        got.extend(each for each in range(200) if memory.claim(f"pred_{each}", ours, "records"))

    threads = [threading.Thread(target=claim, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert list(range(200)) == sorted(got)


def test_memory_is_bounded():
    """Of each kind the oldest are forgotten, and a settled submit is open no more."""
    memory, last = SubmissionMemory(), saved(20_001)
    for number in range(20_000):
        memory.accepted(f"pred_{number}")
        memory.opened(saved(number))
        memory.see(SeenTask(f"pred_{number}", None, 1.0, {}))

    assert 10_000 == len(memory.rivals(last))
    assert (False, True) == (memory.is_taken("pred_0", last), memory.is_taken("pred_19999", last))
    assert memory.seen("pred_0") is None
    assert memory.seen("pred_19999") is not None
    assert memory.claim("pred_x", saved(19_999), "records")
    memory.opened(saved(19_999))
    assert 9_999 == len(memory.rivals(last))
    assert ("pred_x", "records") == memory.settled(saved(19_999))
