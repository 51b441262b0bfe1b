"""`--once`: the same command, run again, is the same task."""

import json
import sqlite3
import subprocess
import sys

import pytest
from get3w_emulator import running

RUN = ("run", "flux-dev", "--prompt", "a lighthouse")
LOST = [{"method": "POST", "path": "/api/v3/get3w/*", "fault": "drop_after_accept", "times": 1}]
NEVER_ARRIVES = [
    {"method": "POST", "path": "/api/v3/get3w/*", "fault": "drop_before_accept", "times": 1}
]


def test_the_same_input_is_one_task(inside, get3w_emulator):
    """The second run takes the task of the first up, and prints the same."""
    first, second = inside(*RUN, "--once"), inside(*RUN, "--once")
    [task] = get3w_emulator.ledger()

    assert (0, 0) == (first.status, second.status)
    assert first.out == second.out
    assert "Submitted before, at" in second.err
    assert task.id in second.err


def test_what_was_submitted_without_once_counts(inside, get3w_emulator):
    """A run without --once always submits, and is one that a later --once takes up."""
    inside(*RUN)
    inside(*RUN)
    inside(*RUN, "--once")

    assert 2 == len(get3w_emulator.ledger())


@pytest.mark.parametrize(
    "words",
    [
        ["--prompt", "another"],
        ["--seed", "1"],
        ["--width", "512", "--height", "512"],
    ],
)
def test_another_input_is_another_task(inside, get3w_emulator, words):
    """A change of the input makes another submission."""
    inside(*RUN, "--once")
    inside(*RUN, "--once", *words)

    assert 2 == len(get3w_emulator.ledger())


def test_the_same_input_in_other_words(inside, folder, get3w_emulator):
    """The order of options, and whether they come from a file, makes no difference."""
    (folder / "input.json").write_text(json.dumps({"width": 512.0, "prompt": "a lighthouse"}))
    inside("run", "flux-dev", "--width", "512", "--prompt", "a lighthouse", "--once")
    inside("submit", "get3w/flux-dev", "--input", "input.json", "--once")

    assert 1 == len(get3w_emulator.ledger())


def test_files_count_by_their_content(inside, folder, get3w_emulator):
    """The same picture under another name is the same input, and another picture is not."""
    words = ("submit", "kling-v2.6-pro/image-to-video", "--prompt", "x", "--once", "--image")
    picture = (folder / "lighthouse.png").read_bytes()
    (folder / "copy.png").write_bytes(picture)
    (folder / "other.png").write_bytes(picture + b"more")
    for name in ("lighthouse.png", "copy.png", "other.png"):
        assert 0 == inside(*words, name).status

    assert 2 == len(get3w_emulator.ledger())


def test_another_folder_is_another_job(inside, get3w, folder, get3w_emulator):
    """The history of a folder is its own."""
    (folder / "sub").mkdir()
    inside(*RUN, "--once")
    get3w(*RUN, "--once", cwd=folder / "sub")

    assert 2 == len(get3w_emulator.ledger())


def test_a_name(inside, get3w_emulator):
    """A name stands for the job, whatever its input; another input is pointed out."""
    first = inside(*RUN, "--once=nightly")
    second = inside("run", "flux-dev", "--prompt", "another", "--once", "nightly")

    assert first.out == second.out
    assert "another input" in second.err
    assert 1 == len(get3w_emulator.ledger())
    assert 0 == inside(*RUN, "--once=weekly").status
    assert 2 == len(get3w_emulator.ledger())


def test_a_refused_submission_is_made_again(inside, get3w_emulator, monkeypatch):
    """What was certainly not accepted does not count."""
    monkeypatch.setenv("GET3W_API_KEY", "another-key")
    assert 1 == inside(*RUN, "--once").status
    monkeypatch.setenv("GET3W_API_KEY", get3w_emulator.api_key)

    assert 0 == inside(*RUN, "--once").status
    assert 1 == len(get3w_emulator.ledger())


def test_a_failed_task_is_not_made_again(inside, get3w_emulator):
    """A task that failed was accepted: it is taken up, and not paid for twice."""
    get3w_emulator.outcomes([{"code": 1403}])

    assert (1, 1) == (inside(*RUN, "--once").status, inside(*RUN, "--once").status)
    assert 1 == len(get3w_emulator.ledger())


def test_a_lost_answer_is_looked_up(inside, get3w_emulator):
    """After an answer that was lost, the task is found and taken up."""
    get3w_emulator.faults(LOST)
    first = inside(*RUN, "--once", "--json")
    second = inside(*RUN, "--once")
    [task] = get3w_emulator.ledger()

    assert (3, "submit_outcome_unknown", False) == (
        first.status,
        first.error["code"],
        first.error["retryable"],
    )
    assert "get3w reconcile" in first.error["message"]
    assert 0 == second.status, second.err
    assert task.id in second.out


def test_what_never_arrived_is_not_sent_again_by_itself(inside, get3w_emulator):
    """Where no task is found, the command says so with status 3, until somebody decides."""
    get3w_emulator.faults(NEVER_ARRIVES)
    first, second = inside(*RUN, "--once"), inside(*RUN, "--once")
    looked = inside("reconcile", "--within", "0")
    [row] = inside("history", "--json").rows
    given_up = inside("reconcile", row["row"], "--forget", "--within", "0")
    last = inside(*RUN, "--once")

    assert (3, 3, 3) == (first.status, second.status, looked.status)
    assert "Nothing was sent again" in second.err
    assert (0, 0) == (given_up.status, last.status), given_up.err + last.err
    assert 1 == len(get3w_emulator.ledger())


def test_reconcile_finds_tasks(inside, get3w_emulator):
    """reconcile looks for all of unknown outcome, and prints what it finds."""
    get3w_emulator.faults(LOST)
    inside(*RUN)
    done = inside("reconcile", "--json")
    [task] = get3w_emulator.ledger()

    assert (0, task.id) == (done.status, done.data["id"])
    assert "accepted" == inside("history", "--json").data["state"]
    assert (0, "") == (inside("reconcile").status, inside("reconcile").out)


def test_the_task_of_another_submission_is_not_taken(inside, get3w_emulator):
    """A task that the history knows as that of another run is not given to a lost one."""
    inside(*RUN)
    get3w_emulator.faults(NEVER_ARRIVES)
    inside(*RUN)
    done = inside("reconcile", "--within", "0")

    assert 3 == done.status
    assert 1 == len(get3w_emulator.ledger())


def test_a_row_that_is_being_sent_is_never_sent_again(inside, tmp_path, get3w_emulator):
    """A process that was killed while it sent leaves a row that is looked up alone."""
    get3w_emulator.faults(NEVER_ARRIVES)
    inside(*RUN, "--once")
    with sqlite3.connect(tmp_path / "state/get3w/history.sqlite3") as base:
        base.execute("UPDATE submissions SET state = 'sending'")
    base.close()

    assert 3 == inside(*RUN, "--once").status
    assert [] == get3w_emulator.ledger()


def test_a_history_of_a_newer_version(inside, tmp_path, get3w_emulator):
    """A history that a newer version wrote is left alone."""
    inside("history")
    with sqlite3.connect(tmp_path / "state/get3w/history.sqlite3") as base:
        base.execute("PRAGMA user_version = 99")
    base.close()

    done = inside(*RUN, "--once")
    assert 2 == done.status
    assert "newer" in done.err
    assert [] == get3w_emulator.ledger()


def test_several_at_once(environment, folder, get3w_emulator):
    """Of several processes that do the same at the same time, one submits."""
    command = [sys.executable, "-m", "get3w_cli", *RUN, "--once"]
    together = [
        subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    ends = [(each.communicate(timeout=120), each.returncode) for each in together]

    assert 1 == len(get3w_emulator.ledger())
    for (out, err), status in ends:
        # One that comes while another sends may not find the task on record yet.
        assert status in {0, 3} or "taken this submission over" in err
        assert (status == 0) == bool(out)


def test_a_process_that_died_before_it_sent(inside, tmp_path, get3w_emulator):
    """What another process was only preparing is submitted by the next one."""
    get3w_emulator.faults(NEVER_ARRIVES)
    inside(*RUN, "--once")
    with sqlite3.connect(tmp_path / "state/get3w/history.sqlite3") as base:
        base.execute("UPDATE submissions SET state = 'preparing'")
    base.close()

    assert 0 == inside(*RUN, "--once").status
    assert ["accepted"] == [row["state"] for row in inside("history", "--json").rows]


def test_a_task_on_another_surface(inside, tmp_path, get3w_emulator):
    """A task of v1 is found again there, also if only its id was noted."""
    words = ("run", "nano-banana-pro/text-to-image", "--prompt", "x", "--once")
    first = inside(*words)
    with sqlite3.connect(tmp_path / "state/get3w/history.sqlite3") as base:
        base.execute("UPDATE submissions SET handle = NULL")
    base.close()
    second = inside(*words)

    assert (0, 0) == (first.status, second.status), first.err + second.err
    assert first.out == second.out


def test_another_server_is_another_job(inside, get3w_emulator, monkeypatch):
    """What was tried on one server is submitted on another, and only looked for on its own."""
    get3w_emulator.faults(LOST)
    inside(*RUN, "--once")
    with running(image_seconds=0, api_key=get3w_emulator.api_key) as other:
        monkeypatch.setenv("GET3W_BASE_URL", other.url)
        done = inside(*RUN, "--once")
        looked = inside("reconcile")

        assert 0 == done.status, done.err
        assert 1 == len(other.ledger())
        assert 3 == looked.status
        assert f"it went to {get3w_emulator.url}" in looked.err


def test_a_retry_is_said(inside, get3w_emulator):
    """A submit that is refused for a while says so, as JSON too, and is accepted in the end."""
    busy = {"method": "POST", "path": "/api/v3/get3w/*", "fault": "status", "status": 429}
    get3w_emulator.faults([{**busy, "headers": {"Retry-After": "0"}, "times": 1}])
    done = inside(*RUN, "--json")
    events = [json.loads(line)["event"] for line in done.err.splitlines()]

    assert (0, ["retry", "submitted"]) == (done.status, events)
