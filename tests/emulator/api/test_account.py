"""Money and limits, computed from the ledger."""

from contextlib import contextmanager
from decimal import Decimal

import httpx
import pytest
from get3w_emulator import ManualClock, running

FLUX = "/api/v3/get3w/flux-dev"  # has no price of its own: 0.01
VIDEO = "/api/v3/minimax/video-01"  # 0.5
AUTH = {"Authorization": "Bearer test-key"}


@contextmanager
def account(**settings):
    clock = ManualClock()
    with (
        running(image_seconds=1, clock=clock, **settings) as emulator,
        httpx.Client(base_url=emulator.url, headers=AUTH) as http,
    ):
        yield http, clock, emulator


@pytest.fixture(scope="module")
def used():
    """An account with three tasks in January 2024 and one in February."""
    with account() as (http, clock, emulator):
        for path in (FLUX, VIDEO, FLUX):
            image = {"image": "u"} if path == VIDEO else {}
            assert 200 == http.post(path, json={"prompt": "x", **image}).status_code
        clock.advance(31 * 86_400)
        http.post("/v1/get3w/flux-dev", json={"prompt": "x"})
        yield http, emulator


def data(http, path):
    answer = http.get(f"/api/v3/{path}")
    assert 200 == answer.status_code
    return answer.json()["data"]


def test_balance_is_the_opening_less_what_was_used(used):
    """Every accepted task costs its list price."""
    assert {"balance": 999.47} == data(used[0], "balance")


@pytest.mark.parametrize(
    ("query", "tasks", "cost", "period"),
    [
        ("", 1, 0.01, "2024-02"),
        ("?period=2024-02", 1, 0.01, "2024-02"),
        ("?period=2024-01", 3, 0.52, "2024-01"),
        ("?period=2023-12", 0, 0.0, "2023-12"),
        ("?start_date=2024-01-01&end_date=2024-02-01", 4, 0.53, "2024-01-01/2024-02-01"),
        ("?start_date=2024-01-02", 1, 0.01, "2024-01-02/"),
        ("?end_date=2024-01-31", 3, 0.52, "/2024-01-31"),
        ("?period=2024-02&end_date=2024-01-01", 3, 0.52, "/2024-01-01"),
    ],
)
def test_usage_covers_the_period(used, query, tasks, cost, period):
    """A month, by default the current one, or the days given."""
    usage = data(used[0], f"usage{query}")

    assert (tasks, cost, period) == (usage["total_tasks"], usage["total_cost"], usage["period"])


def test_usage_breaks_down_by_kind(used):
    """The parts are keyed by category and add up."""
    usage = data(used[0], "usage?period=2024-01")

    assert {
        "image-to-video": {"tasks": 1, "cost": 0.5},
        "text-to-image": {"tasks": 2, "cost": 0.02},
    } == usage["breakdown"]


def test_billings_start_with_the_top_up(used):
    """Records run from the oldest to the newest, each with the balance after it."""
    http, emulator = used
    ledger = emulator.ledger()
    page = data(http, "billings")

    assert (5, 1, 20) == (page["total"], page["page"], page["per_page"])
    assert {
        "id": "bill_001",
        "date": "2024-01-01",
        "type": "top-up",
        "amount": 1000.0,
        "balance_after": 1000.0,
    } == page["records"][0]
    assert {
        "id": "bill_003",
        "date": "2024-01-01",
        "type": "usage",
        "amount": -0.5,
        "balance_after": 999.49,
        "model": "minimax/video-01",
        "task_id": ledger[1].id,
    } == page["records"][2]
    assert [each.id for each in ledger] == [each["task_id"] for each in page["records"][1:]]
    assert data(http, "balance")["balance"] == page["records"][-1]["balance_after"]


@pytest.mark.parametrize(
    ("query", "ids", "total"),
    [
        ("?per_page=2", ["bill_001", "bill_002"], 5),
        ("?per_page=2&page=3", ["bill_005"], 5),
        ("?per_page=2&page=4", [], 5),
        ("?type=top-up", ["bill_001"], 1),
        ("?type=usage&per_page=1", ["bill_002"], 4),
    ],
)
def test_billings_are_paged_and_filtered(used, query, ids, total):
    """The total counts what the filter leaves, on every page."""
    page = data(used[0], f"billings{query}")

    assert (ids, total) == ([each["id"] for each in page["records"]], page["total"])


@pytest.mark.parametrize(
    "path",
    [
        "billings?page=0",
        "billings?page=x",
        "billings?per_page=-1",
        "billings?per_page=101",
        "billings?type=other",
        "usage?period=2024",
        "usage?period=2024-13",
        "usage?start_date=2024-02-30",
        "usage?end_date=tomorrow",
    ],
)
def test_query_that_makes_no_sense_is_refused(used, path):
    """The error names the parameter."""
    answer = used[0].get(f"/api/v3/{path}")

    assert 400 == answer.status_code
    assert "Invalid parameters" == answer.json()["message"]
    assert f"?{path.partition('?')[2].partition('=')[0]}" == answer.json()["details"][0]["pointer"]


def test_balance_at_zero_refuses():
    """With a balance, tasks are charged, and the one that cannot be paid is answered 403."""
    with account(balance=Decimal("0.02")) as (http, _, emulator):
        statuses = [http.post(FLUX, json={"prompt": "x"}).status_code for _ in range(3)]
        refused = http.post(FLUX, json={"prompt": "x"})
        refused_v1 = http.post("/v1/get3w/flux-dev", json={"prompt": "x"})

        assert [200, 200, 403] == statuses
        assert {"code": 403, "message": "Insufficient balance", "data": None} == refused.json()
        assert {"code": 403, "error": "Insufficient balance"} == refused_v1.json()
        assert {"balance": 0.0} == data(http, "balance")
        assert 2 == len(emulator.ledger())
        assert 400 == http.post(FLUX, json={}).status_code


def test_without_balance_nothing_is_refused():
    """The books may go below zero."""
    with account() as (http, _, emulator):
        for _ in range(3):
            emulator.reset()
            assert {"balance": 1000.0} == data(http, "balance")
            assert 200 == http.post(FLUX, json={"prompt": "x"}).status_code


def test_bronze_runs_two_at_once():
    """A third unfinished task is answered 429, on either surface; a finished one makes room."""
    with account(tier="bronze") as (http, clock, emulator):
        first = http.post(FLUX, json={"prompt": "x"}).json()["data"]["id"]
        clock.advance(0.5)
        http.post("/v1/get3w/flux-dev", json={"prompt": "x"})
        refused = http.post(FLUX, json={"prompt": "x"})

        assert 429 == refused.status_code
        assert {"code": 429, "message": "Rate limit exceeded", "data": None} == refused.json()
        assert {"code": 429, "error": "Rate limit exceeded"} == http.post(
            "/v1/get3w/flux-dev", json={"prompt": "x"}
        ).json()
        assert 2 == len(emulator.ledger())

        clock.advance(0.5)

        assert 200 == http.post(FLUX, json={"prompt": "x"}).status_code
        assert 429 == http.post(FLUX, json={"prompt": "x"}).status_code
        assert 200 == http.delete(f"/api/v3/predictions/{first}").status_code
        assert 429 == http.post(FLUX, json={"prompt": "x"}).status_code


def test_deleted_task_makes_room():
    """A task that is deleted before its end no longer counts."""
    with account(tier="bronze") as (http, _, _):
        ids = [http.post(FLUX, json={"prompt": "x"}).json()["data"]["id"] for _ in range(2)]
        http.delete(f"/api/v3/predictions/{ids[0]}")

        assert 200 == http.post(FLUX, json={"prompt": "x"}).status_code


def test_silver_runs_three_hundred_at_once():
    """The limit is that of the level."""
    with account(tier="silver") as (http, _, emulator):
        statuses = [http.post(FLUX, json={"prompt": "x"}).status_code for _ in range(301)]

        assert [200] * 300 + [429] == statuses
        assert 300 == len(emulator.ledger())


def test_without_tier_nothing_is_limited(http, emulator):
    """Limits are off unless asked for."""
    assert {200} == {http.post(FLUX, json={"prompt": "x"}).status_code for _ in range(20)}
    assert 20 == len(emulator.ledger())
