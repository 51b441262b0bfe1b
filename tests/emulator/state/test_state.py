"""State in a file: it outlives the process, however that ends."""

import signal
import sqlite3
import subprocess
import sys
import threading
from decimal import Decimal

import httpx
import pytest
from get3w_emulator import ManualClock, SetupError, running

AUTH = {"Authorization": "Bearer test-key"}
FLUX = "/api/v3/get3w/flux-dev"
PATHS = (
    "/_emulator/ledger",
    "/_emulator/webhooks",
    "/api/v3/balance",
    "/api/v3/usage",
    "/api/v3/billings?per_page=100",
)


def client(emulator):
    return httpx.Client(base_url=emulator.url, headers=AUTH)


def seen(http, ids, uploaded):
    """Return everything that a caller can see, wherever the server is."""
    paths = [*PATHS, *(f"/api/v3/predictions/{each}" for each in ids)]
    answers = [http.get(path) for path in paths]
    url = str(http.base_url).rstrip("/")
    shown = [(each.status_code, each.text.replace(url, "")) for each in answers]
    return [*shown, http.get(uploaded).content]


def test_fault_of_a_call_is_there_after_a_restart(tmp_path):
    """The history names it still, and a file of the version before is taken up without one."""
    path = tmp_path / "state"
    with running(state=path) as emulator, client(emulator) as http:
        http.post(FLUX, json={"prompt": "x"}, headers={"X-Emulator-Fault": "malformed"})
    with running(state=path) as emulator, client(emulator) as http:
        kept = http.get("/_emulator/history").json()["tasks"]
    file = sqlite3.connect(path)
    file.execute("ALTER TABLE predictions DROP COLUMN fault")
    file.execute("PRAGMA user_version = 1")
    file.close()
    with running(state=path) as emulator, client(emulator) as http:
        http.post(FLUX, json={"prompt": "x"}, headers={"X-Emulator-Fault": "malformed"})
        later = http.get("/_emulator/history").json()["tasks"]

    assert ["malformed"] == [each["fault"] for each in kept]
    assert ["malformed", None] == [each["fault"] for each in later]


def test_everything_is_there_after_a_restart(tmp_path):
    """Ledger, predictions, outcomes, deletions, money, uploads and webhooks."""
    clock = ManualClock()
    settings = {"state": tmp_path / "state", "clock": clock, "image_seconds": 1, "seed": 1}
    with (
        running(balance=Decimal(5), fail_rate=0.5, **settings) as emulator,
        client(emulator) as http,
    ):
        bodies = [{"prompt": f"é {each}"} for each in range(12)]
        ids = [http.post(FLUX, json=body).json()["data"]["id"] for body in bodies]
        v1 = "/v1/get3w/flux-dev?webhook=http%3A%2F%2F127.0.0.1%3A9"
        ids.append(http.post(v1, json={"prompt": "x"}).json()["id"])
        http.delete(f"/api/v3/predictions/{ids[3]}")
        upload = http.post("/api/v3/files/upload", files={"file": ("a.png", b"bytes")})
        uploaded = upload.json()["data"]["url"].removeprefix(emulator.url)
        emulator.advance(0.5)
        before = seen(http, ids, uploaded)

    with running(**settings) as emulator, client(emulator) as http:
        assert before == seen(http, ids, uploaded)
        assert 404 == http.get(f"/api/v3/predictions/{ids[3]}").status_code

        emulator.advance(0.5)
        statuses = {
            http.get(f"/api/v3/predictions/{each}").json()["data"]["status"]
            for each in ids
            if each != ids[3]
        }
        assert {"completed", "failed"} == statuses
        assert Decimal("4.87") < emulator.balance() < 5
        fresh = http.post(FLUX, json={"prompt": "x"}).json()["data"]["id"]
        assert fresh not in ids


def test_killed_process_loses_nothing_it_told_of(tmp_path):
    """After kill -9 in the middle of submits, each one that was answered is there, once."""
    command = [sys.executable, "-m", "get3w_emulator", "--listen", "127.0.0.1:0"]
    command += ["--state", str(tmp_path / "state")]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    told = []
    try:
        url = process.stdout.readline().split()[3]
        with httpx.Client(base_url=url, headers=AUTH) as http:
            for number in range(40):
                answer = http.post(FLUX, json={"prompt": str(number)})
                told.append(answer.json()["data"]["id"])
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=20)

    with running(state=tmp_path / "state") as emulator:
        assert told == [each.id for each in emulator.ledger()]
        assert Decimal("999.60") == emulator.balance()


def test_webhook_of_a_killed_process_is_taken_up(tmp_path):
    """What was not told yet is told by the next process; what was is not told again."""
    clock = ManualClock()
    settings = {"state": tmp_path / "state", "clock": clock, "webhook_delays": (0, 9)}
    body = {"prompt": "x", "webhook_url": "http://127.0.0.1:9"}
    with running(**settings) as emulator, client(emulator) as http:
        http.post(FLUX, json=body)
    with running(**settings) as emulator:
        for count in (1, 2):
            emulator.advance(10)
            until(lambda count=count: count == len(emulator.deliveries()))
    with running(**settings) as emulator:
        emulator.advance(100)
        assert [(1, False), (2, True)] == [
            (each.attempt, each.last) for each in emulator.deliveries()
        ]


def until(holds):
    for _ in range(2000):
        if holds():
            return
        threading.Event().wait(0.005)
    raise AssertionError("it never happened")


def test_reset_empties_the_file(tmp_path):
    """What was forgotten does not come back."""
    with running(state=tmp_path / "state") as emulator, client(emulator) as http:
        http.post(FLUX, json={"prompt": "x"})
        emulator.reset()
    with running(state=tmp_path / "state") as emulator:
        assert [] == emulator.ledger()


def test_file_that_cannot_be_used_is_told(tmp_path):
    """One in use, one of something else, and one whose model has no schema."""
    with running(state=tmp_path / "state") as emulator, client(emulator) as http:
        http.post(FLUX, json={"prompt": "x"})
        with pytest.raises(SetupError, match=r"state: cannot keep the state there: .*locked"):
            enter(state=tmp_path / "state")

    (tmp_path / "text").write_text("no database " * 100)
    with pytest.raises(SetupError, match="text: cannot keep the state there"):
        enter(state=tmp_path / "text")

    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas/other.json").write_text("{}")
    with pytest.raises(SetupError, match="holds a task of get3w/flux-dev, which has no schema"):
        enter(state=tmp_path / "state", schemas=tmp_path / "schemas")

    file = sqlite3.connect(tmp_path / "state")
    file.execute("PRAGMA user_version = 99")
    file.close()
    with pytest.raises(SetupError, match="is of another version"):
        enter(state=tmp_path / "state")


def enter(**settings):
    with running(**settings):
        raise AssertionError("it started")
