"""Time and outcome, as the emulator is told."""

from contextlib import contextmanager
from decimal import Decimal

import httpx
import pytest
from get3w_emulator import ManualClock, running
from get3w_emulator._common.problems import RulesError

AUTH = {"Authorization": "Bearer test-key"}
FLUX = "/api/v3/get3w/flux-dev"  # 0.01
VIDEO = "/api/v3/google/veo3"  # 3.2
SPEECH = "/api/v3/minimax/speech-02-hd"


@contextmanager
def world(**settings):
    with (
        running(clock=ManualClock(), **{"image_seconds": 1, **settings}) as emulator,
        httpx.Client(base_url=emulator.url, headers=AUTH) as http,
    ):
        yield emulator, http


def submit(http, path=FLUX, prompt="x", **more):
    answer = http.post(path, json={"prompt": prompt, **more})
    assert 200 == answer.status_code
    return answer.json()["data"]["id"]


def shown(http, prediction):
    return http.get(f"/api/v3/predictions/{prediction}").json()["data"]


def balance(http):
    return Decimal(str(http.get("/api/v3/balance").json()["data"]["balance"]))


def records(http):
    return http.get("/api/v3/billings?per_page=100").json()["data"]["records"]


@pytest.mark.parametrize(("speed", "factor"), [(1, 1), (10, 0.1), (0.5, 2)])
def test_time_is_by_kind_and_speed(speed, factor):
    """A video takes five times as long as an image; all are faster or slower by the speed."""
    with world(speed=speed) as (emulator, http):
        image, video = submit(http), submit(http, VIDEO)

        emulator.advance(0.99 * factor)
        assert "processing" == shown(http, image)["status"]
        emulator.advance(0.01 * factor)
        assert "completed" == shown(http, image)["status"]
        emulator.advance(3.99 * factor)
        assert "processing" == shown(http, video)["status"]
        emulator.advance(0.01 * factor)
        assert "completed" == shown(http, video)["status"]


def test_clock_can_be_moved_by_anybody(http, stranger):
    """The admin call moves it and tells the time; what is no time is refused."""
    before = stranger.get("/_emulator/clock").json()["now"]
    after = stranger.post("/_emulator/clock", json={"advance": 1.5}).json()["now"]

    assert before[:17] == after[:17]
    assert 1.5 == pytest.approx(float(after[17:-1]) - float(before[17:-1]))
    for wrong in ({"advance": -1}, {"advance": True}, {"advance": 1e99}, {}, []):
        answer = stranger.post("/_emulator/clock", json=wrong)
        assert (400, "/advance") == (answer.status_code, answer.json()["details"][0]["pointer"])


def test_clock_of_the_machine_can_be_moved():
    """An emulator with no clock of its own jumps ahead, also for a call that waits."""
    with (
        running(image_seconds=1000) as emulator,
        httpx.Client(base_url=emulator.url, headers=AUTH) as http,
    ):
        prediction = submit(http)
        assert "created" == shown(http, prediction)["status"]
        emulator.advance(1000)
        assert "completed" == shown(http, prediction)["status"]


def test_share_of_the_predictions_fails_and_is_refunded():
    """One in five fails, the same ones in every run; the platform's failure costs nothing."""
    with world(fail_rate=0.2, seed=7, balance=Decimal(10)) as (emulator, http):
        ids = [submit(http) for _ in range(100)]
        assert Decimal(9) == balance(http)

        emulator.advance(1)
        found = [shown(http, each) for each in ids]
        failed = [each for each in found if each["status"] == "failed"]

        assert 10 < len(failed) < 30
        assert {(5000, "Internal error")} == {(each["code"], each["error"]) for each in failed}
        assert Decimal(9) + len(failed) * Decimal("0.01") == balance(http)
        refunds = [each["task_id"] for each in records(http)[1:] if each["amount"] > 0]
        assert [] == refunds
        last = http.get("/api/v3/billings?per_page=100&page=2").json()["data"]["records"]
        assert [each["id"] for each in failed] == [
            each["task_id"] for each in last if each["amount"] > 0
        ]

        first = [each["status"] for each in found]
        emulator.reset()
        again = [submit(http) for _ in range(100)]
        emulator.advance(1)
        assert ids == again
        assert first == [shown(http, each)["status"] for each in again]


def test_moderated_word_fails_and_is_not_refunded():
    """Content moderation on a word, whatever its case: the caller's fault, at the caller's cost."""
    with world(moderated=("secret",), balance=Decimal(1)) as (emulator, http):
        bad, good = submit(http, prompt="a SECRET place"), submit(http, prompt="a place")
        emulator.advance(1)

        assert 1200 == shown(http, bad)["code"]
        assert shown(http, bad)["error"].startswith("Content moderation")
        assert "completed" == shown(http, good)["status"]
        assert Decimal("0.98") == balance(http)


def test_refund_comes_when_the_task_fails():
    """Until then the money is gone; usage and billings tell the same, day by day."""
    with world(balance=Decimal(4)) as (emulator, http):
        emulator.outcomes([{"model": "google/*", "code": 5003, "seconds": 90_000, "times": 1}])
        submit(http, VIDEO)
        assert Decimal("0.8") == balance(http)
        assert 403 == http.post(VIDEO, json={"prompt": "x"}).status_code

        emulator.advance(90_000)
        assert Decimal(4) == balance(http)
        submit(http, VIDEO)

        usage = http.get("/api/v3/usage").json()["data"]
        assert (2, 3.2) == (usage["total_tasks"], usage["total_cost"])
        first_day = http.get("/api/v3/usage?end_date=2024-01-01").json()["data"]
        assert (1, 3.2) == (first_day["total_tasks"], first_day["total_cost"])
        assert [-3.2, 3.2, -3.2] == [each["amount"] for each in records(http)[1:]]
        assert [0.8, 4.0, 0.8] == [each["balance_after"] for each in records(http)[1:]]


def test_rules_can_be_replaced_while_it_runs(http, clock):
    """The first rule that fits settles a new prediction; those before stay as they are."""
    before = submit(http)
    rules = [
        {"prompt": "slow", "completes": True, "seconds": 60},
        {"model": "get3w/*", "code": 1402, "error": "No such file", "times": 1},
    ]
    assert {"rules": 2} == http.post("/_emulator/outcomes", json=rules).json()
    slow, failing, after = submit(http, prompt="slowly"), submit(http), submit(http)
    clock.advance(1)

    assert ["completed", "created", "failed", "completed"] == [
        shown(http, each)["status"] for each in (before, slow, failing, after)
    ]
    assert (1402, "No such file") == (
        shown(http, failing)["code"],
        shown(http, failing)["error"],
    )
    assert rules[:1] == http.get("/_emulator/outcomes").json()["rules"]


@pytest.mark.parametrize(
    ("rules", "pointer"),
    [
        ({}, ""),
        ([1], "/0"),
        ([{"code": 0}], "/0/code"),
        ([{"code": "5000"}], "/0/code"),
        ([{"probability": 2}], "/0/probability"),
        ([{"times": 0}], "/0/times"),
        ([{}, {"seconds": -1}], "/1/seconds"),
        ([{"model": 1}], "/0/model"),
        ([{"completes": 1}], "/0/completes"),
        ([{"cod": 5000}], "/0/cod"),
    ],
)
def test_rules_that_make_no_sense_are_refused(http, emulator, rules, pointer):
    """The error says which field of which rule; nothing changes."""
    answer = http.post("/_emulator/outcomes", json=rules)

    assert (400, pointer) == (answer.status_code, answer.json()["details"][0]["pointer"])
    assert [] == http.get("/_emulator/outcomes").json()["rules"]
    if isinstance(rules, list):
        with pytest.raises(RulesError):
            emulator.outcomes(rules)


def test_seed_makes_ids_the_same():
    """On both surfaces and for uploads; without one they differ."""

    def ids(**settings):
        with world(**settings) as (_, http):
            upload = http.post("/api/v3/files/upload", files={"file": ("a.png", b"x")})
            name = upload.json()["data"]["url"].rpartition("/")[2]
            v1 = http.post("/v1/get3w/flux-dev", json={"prompt": "x"}).json()["id"]
            return [submit(http), v1, name]

    assert ids(seed=1) == ids(seed=1)
    assert not {*ids(seed=1)} & {*ids(seed=2)}
    assert not {*ids()} & {*ids()}
