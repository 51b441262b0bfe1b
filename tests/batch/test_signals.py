"""Signals, and readers that go away, in each phase of a batch."""

import json
import signal
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

import pytest


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_signal_while_rows_are_read(name, start, wait_until):
    """Nothing was sent, so there is nothing to wait for: not for standard input either."""
    process = start("get3w/flux-dev", "-", "--out", "out", stdin=subprocess.PIPE)
    process.stdin.write('{"prompt": "x"}\n')
    process.stdin.flush()
    wait_until(lambda: _catches(process, signal.SIGHUP))  # the last one that it prepares for
    process.send_signal(getattr(signal, name))
    status = process.wait(timeout=60)
    process.stdin.close()
    process.stdin = None
    _, err = process.communicate()

    assert 4 == status, err
    assert ("resumes" in err, "Traceback" in err) == (True, False)


def _catches(process, number):
    text = Path(f"/proc/{process.pid}/status").read_text("ascii")
    return int(text.partition("SigCgt:")[2].split()[0], 16) & 1 << (number - 1)


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_signal_while_tasks_run(name, emulator, start, run, write_rows, wait_until, states):
    """What is paid for is waited for, and the rest is for the next run."""
    rows = write_rows(20)
    emulator.outcomes({"completes": True, "seconds": 3600, "times": 4})
    process = start("get3w/flux-dev", rows, "--out", "out", "--json", "--concurrency", "4")
    wait_until(lambda: 4 == len(emulator.ledger()))
    wait_until(lambda: 4 == states().get("accepted"))
    process.send_signal(getattr(signal, name))
    while "stopping" not in process.stderr.readline():
        assert process.poll() is None
    emulator.advance(3600)
    out, err = process.communicate(timeout=120)
    done = run(rows)

    assert 4 == process.returncode, err
    assert {"completed": 4, "pending": 16} == json.loads(out)["counts"]
    assert (0, {"completed": 20}) == (done.status, done.counts)
    assert {1} == {*emulator.prompts().values()}


def test_reader_of_the_progress_that_goes_away(emulator, start, write_rows, results):
    """As with `2>&1 | head`: nobody reads what is said, and the batch is done all the same."""
    process = start("get3w/flux-dev", write_rows(6), "--out", "out", "--json")
    process.stderr.close()
    process.stderr = None
    out, _ = process.communicate(timeout=120)

    assert {"completed": 6} == json.loads(out)["counts"]
    assert 6 == len(results())


@pytest.mark.parametrize("status", [401, 402, 403, 404])
def test_account_that_is_refused_midway(
    status, emulator, start, run, write_rows, wait_until, results
):
    """The rows are not to blame: none is refused for it, and all are sent later."""
    rows = write_rows(30)
    process = start("get3w/flux-dev", rows, "--out", "out", "--json", "--concurrency", "2")
    wait_until(lambda: 4 <= len(emulator.ledger()))
    emulator.faults({"fault": "status", "status": status})
    out, err = process.communicate(timeout=120)
    emulator.faults()
    done = run(rows)

    assert 4 == process.returncode, err
    assert {"completed", "pending"} == {*json.loads(out)["counts"]}, out
    assert (0, {"completed": 30}) == (done.status, done.counts)
    assert (30, {1}) == (len(results()), {*emulator.prompts().values()})


def test_process_that_is_stopped_for_longer_than_its_lease(
    emulator, start, run, write_rows, results, wait_until, states, tmp_path
):
    """Another takes its rows over; when it goes on it sends nothing twice, and settles nothing."""
    rows = write_rows(30)
    emulator.faults({"fault": "delay", "seconds": 2, "times": 2})
    options = ("--out", "out", "--concurrency", "2", "--reconcile-timeout", "20")
    process = start("get3w/flux-dev", rows, *options)
    wait_until(lambda: (tmp_path / "out/journal.sqlite").exists() and 2 == _sending(states))
    process.send_signal(signal.SIGSTOP)
    try:
        with closing(sqlite3.connect(tmp_path / "out/journal.sqlite")) as connection, connection:
            connection.execute("UPDATE get3w_batch_workers SET lease = 0")  # so long it lasted
        other = run(rows, "--reconcile-timeout", "20", "--concurrency", "2")
    finally:
        process.send_signal(signal.SIGCONT)
    _, err = process.communicate(timeout=120)
    done = run(rows, "--reconcile-timeout", "20")

    assert other.status in {0, 3}, other.err
    assert process.returncode in {0, 3, 4}, err
    assert done.status in {0, 3}
    assert 30 == sum(done.counts.values()) == len(results())
    assert [*range(30)] == sorted(line["row"] for line in results())
    assert {1} == {*emulator.prompts().values()}


def _sending(states):
    try:
        return states().get("sending")
    except sqlite3.OperationalError:
        return None
