"""What the emulator has for searches in an account's records: late billings, history, dates."""

from email.utils import parsedate_to_datetime

import httpx
import pytest
from get3w_emulator import ManualClock, running

AUTH = {"Authorization": "Bearer test-key"}
MODEL = "/api/v3/get3w/flux-dev"
HISTORY = "/api/v3/predictions"


@pytest.fixture(scope="module")
def _served():
    clock = ManualClock()
    with (
        running(image_seconds=1, billing_lag=10, history=True, clock=clock) as emulator,
        httpx.Client(base_url=emulator.url, headers=AUTH) as http,
    ):
        yield emulator, http


@pytest.fixture
def served(_served):
    """An emulator with late billings and a history, and a client for it."""
    _served[0].reset()
    return _served


def paint(http, prompt, path=MODEL):
    answer = http.post(path, json={"prompt": prompt}).json()
    return answer.get("data", answer)["id"]


def found(http, **body):
    answer = http.post(HISTORY, json={"page": 1, "page_size": 100, **body})
    assert 200 == answer.status_code, answer.text
    return answer.json()["data"]


def test_billing_appears_after_its_lag(served):
    """The balance changes at once, and the record comes when the clock has gone on."""
    emulator, http = served
    task = paint(http, "x")

    def billed():
        return http.get("/api/v3/billings?type=usage").json()["data"]

    assert (0, []) == (billed()["total"], billed()["records"])
    assert 999.99 == http.get("/api/v3/balance").json()["data"]["balance"]
    emulator.advance(9.9)
    assert 0 == billed()["total"]
    emulator.advance(0.1)
    assert [(task, "bill_002")] == [(r["task_id"], r["id"]) for r in billed()["records"]]
    assert 2 == http.get("/api/v3/billings").json()["data"]["total"]


def test_history_is_newest_first_and_paged(served):
    """Pages count from 1, and the last one is not full."""
    http = served[1]
    ids = [paint(http, str(number)) for number in range(5)]

    pages = [found(http, page=page, page_size=2)["items"] for page in (1, 2, 3, 4)]

    assert ids[::-1] == [item["id"] for page in pages for item in page]
    assert [2, 2, 1, 0] == [len(page) for page in pages]


def test_history_shows_inputs_only_when_asked(served):
    """`include_inputs` adds the input, under the name that WaveSpeed gives it there."""
    http = served[1]
    paint(http, "a lighthouse")
    (plain,), (full,) = found(http)["items"], found(http, include_inputs=True)["items"]

    assert {"prompt": "a lighthouse"} == full["inputs"]
    assert plain == {name: full[name] for name in full if name not in {"input", "inputs"}}


def test_history_is_filtered(served):
    """By model, status and time; deleted ones and those of over a week ago are not in it."""
    emulator, http = served
    old = paint(http, "old")
    emulator.advance(100)
    other = paint(http, "other", "/api/v3/bytedance/seedream-v4")
    new = paint(http, "new", "/v1/get3w/flux-dev")

    def ids(**body):
        return [item["id"] for item in found(http, **body)["items"]]

    created = http.get(f"/v1/requests/{new}").json()["created_at"]
    assert [new, other, old] == ids()
    assert [new, old] == ids(model="get3w/flux-dev")
    assert [old] == ids(status="completed")
    assert [new, other] == ids(created_after=created)
    assert [new, other] == ids(created_after=created.replace("Z", "123456Z"))
    assert [old] == ids(created_before="2024-01-01T12:00:50Z", created_after="2024-01-01T00:00:00")
    http.delete(f"/api/v3/predictions/{old}")
    assert [new, other] == ids()
    emulator.advance(7 * 86_400 + 1)
    assert [] == ids()


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ([], ""),
        ({"page_size": 1}, "/page"),
        ({"page": 1}, "/page_size"),
        ({"page": 0, "page_size": 1}, "/page"),
        ({"page": True, "page_size": 1}, "/page"),
        ({"page": 1, "page_size": 101}, "/page_size"),
        ({"page": 1, "page_size": 1, "status": "lost"}, "/status"),
        ({"page": 1, "page_size": 1, "created_after": "soon"}, "/created_after"),
        ({"page": 1, "page_size": 1, "created_before": 5}, "/created_before"),
    ],
)
def test_history_refuses_what_is_wrong(served, body, pointer):
    """The answer names what is wrong with the body."""
    answer = served[1].post(HISTORY, json=body)

    assert (400, pointer) == (answer.status_code, answer.json()["details"][0]["pointer"])


def test_history_needs_the_key_and_the_option(served, http):
    """Without the key it is 401; without the option there is no such path, as Get3W documents."""
    assert 401 == httpx.post(f"{served[0].url}{HISTORY}", json={}).status_code
    assert 404 == http.post(HISTORY, json={"page": 1, "page_size": 1}).status_code


def test_answers_are_dated_by_the_clock(served):
    """The Date header is there once, and shows the emulator's time."""
    emulator, http = served
    emulator.advance(3600)
    for answer in (http.get("/api/v3/balance"), http.get("/nothing"), http.post(MODEL)):
        (date,) = answer.headers.get_list("date")

        assert int(emulator.now()) == parsedate_to_datetime(date).timestamp()
