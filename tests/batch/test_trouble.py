"""Trouble on the way: no room, no disk, no server, no database; nothing is lost by it."""

import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing

import pytest
from get3w_batch import Batch, BatchError
from get3w_core import AsyncClient
from get3w_models import FluxDevRequest


def test_account_with_room_for_two(bronze, run, write_rows):
    """Waiting for room is no failure, whatever the concurrency that is asked for."""
    done = run(write_rows(12), "--no-download", "--concurrency", "32", on=bronze)

    assert (0, {"completed": 12}) == (done.status, done.counts), done.err
    assert {1} == {*bronze.prompts().values()}


def test_refusals_without_end_in_sight(emulator, run, write_rows):
    """Each row is refused several times, and each is sent in the end."""
    emulator.faults(
        {"fault": "status", "status": 429, "headers": {"Retry-After": "0"}, "probability": 0.5},
        {"fault": "status", "status": 503, "headers": {"Retry-After": "0"}, "probability": 0.3},
    )
    done = run(write_rows(12), "--no-download")

    assert (0, {"completed": 12}) == (done.status, done.counts), done.err
    assert {1} == {*emulator.prompts().values()}


def test_files_that_cannot_be_saved(emulator, run, write_rows, tmp_path, results):
    """The sending stops, what is paid for is kept, and the next run saves it."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/files").write_text("no folder")
    rows = write_rows(40)
    done = run(rows, "--concurrency", "2")
    sent = len(emulator.ledger())
    (tmp_path / "out/files").unlink()
    again = run(rows)

    assert 4 == done.status
    assert "cannot be saved" in done.summary["stopped"]
    assert sent < 40
    assert {"accepted": sent, "pending": 40 - sent} == done.counts
    assert (0, {"completed": 40}) == (again.status, again.counts)
    assert (40, {1}) == (len(results()), {*emulator.prompts().values()})


def test_results_that_cannot_be_written(emulator, run, write_rows, tmp_path, results):
    """The same for results.jsonl: the lines are in the journal."""
    (tmp_path / "out").mkdir()
    (tmp_path / "out/results.jsonl").mkdir()
    rows = write_rows(40)
    done = run(rows, "--no-download", "--concurrency", "2")
    (tmp_path / "out/results.jsonl").rmdir()
    again = run(rows)

    assert 4 == done.status
    assert "results cannot be written" in done.summary["stopped"]
    assert (0, {"completed": 40}) == (again.status, again.counts)
    assert (40, {1}) == (len(results()), {*emulator.prompts().values()})


def test_disk_that_fills(emulator, run, write_rows, tmp_path, results):
    """Journal, results and files share a disk: after it was full, nothing is paid for twice."""
    small = tmp_path / "small"
    small.mkdir()
    options = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", small]
    if os.getuid() or subprocess.run(options, capture_output=True, check=False).returncode:
        pytest.skip("only root can mount a small disk")
    try:
        rows = write_rows(rows=[{"prompt": f"number {n}", "width": 256} for n in range(60)])
        done = run(rows, "--outage-timeout", "2", out="small")
        sent = len(emulator.ledger())
        subprocess.run(["mount", "-o", "remount,size=100m", small], check=True)
        again = run(rows, out="small")
        found = results("small")
    finally:
        subprocess.run(["umount", "--lazy", small], check=True)

    assert 4 == done.status, done.err
    assert sent < 60
    assert again.status in {0, 3}, again.err
    assert 60 == sum(again.counts.values()) == len(found)
    assert {1} == {*emulator.prompts().values()}


SAVE = """
import resource, sys
from get3w_core import LocalFileError
from get3w_models import submit_flux_dev
prediction = submit_flux_dev("x", width=64, height=64).wait()
resource.setrlimit(resource.RLIMIT_FSIZE, (20, 20))
try:
    prediction.download("out")
except LocalFileError as error:
    sys.exit(f"said: {error}")
"""


def test_disk_that_is_full_as_a_file_is_closed(start, tmp_path):
    """A small file reaches the disk when it is closed; that it does not fit is no bare OSError."""
    _, err = start("-c", SAVE, program=()).communicate(timeout=300)

    assert "said:" in err
    assert "Traceback" not in err
    assert [] == [*(tmp_path / "out").iterdir()]


def test_folder_that_is_read_only(emulator, tmp_path):
    """With the journal elsewhere, nothing is sent either."""
    (tmp_path / "out").write_text("no folder")
    requests = [FluxDevRequest(prompt="x")]
    client = AsyncClient(api_key="test-key", base_url=emulator.url)
    place = {"journal": tmp_path / "journal.sqlite", "out": tmp_path / "out"}
    with pytest.raises(BatchError, match="folder of results"):
        Batch(requests, client=client, **place).run()

    assert [] == emulator.ledger()


def test_server_that_is_not_there(emulator, start, write_rows, states, wait_until):
    """Nothing was sent, so the rows stay to be sent; SIGTERM ends the waiting."""
    process = start(
        *("get3w/flux-dev", write_rows(2), "--out", "out"),
        on=type("Gone", (), {"url": "http://127.0.0.1:9"}),
    )
    wait_until(lambda: process.poll() is None and _exists(states))
    process.terminate()
    process.communicate(timeout=60)

    assert 4 == process.returncode
    assert {"pending": 2} == states()


def _exists(states):
    try:
        return 2 == states().get("pending")
    except sqlite3.OperationalError:
        return False


def test_journal_of_a_newer_version(emulator, run, write_rows, tmp_path):
    """It is refused with words, and left as it is."""
    rows = write_rows(1)
    run(rows)
    with closing(sqlite3.connect(tmp_path / "out/journal.sqlite")) as connection, connection:
        connection.execute("UPDATE get3w_batch_meta SET value = '2' WHERE name = 'version'")
    done = run(rows)

    assert 2 == done.status
    assert "version 2, and this program knows version 1" in done.err


def test_journal_of_another_server(emulator, bronze, run, write_rows):
    """Its tasks could not be found there."""
    rows = write_rows(1)
    run(rows)
    done = run(rows, on=bronze)

    assert 2 == done.status
    assert "use another journal" in done.err


def test_half_a_line_in_the_results(emulator, run, write_rows, tmp_path, results):
    """What a killed process wrote behind the whole lines is cut off."""
    rows = write_rows(3)
    emulator.outcomes({"prompt": "number 1", "code": 1200})
    run(rows)
    with (tmp_path / "out/results.jsonl").open("a") as file:
        file.write('{"row": 1, "sta')
    run(rows, "--retry", "failed")

    assert [0, 1, 2] == sorted(line["row"] for line in results())


def test_results_that_are_gone(emulator, run, write_rows, tmp_path, results):
    """The journal has them all."""
    rows = write_rows(3)
    run(rows)
    (tmp_path / "out/results.jsonl").unlink()
    done = run(rows)

    assert (0, 3) == (done.status, len(results()))


def test_database_that_is_killed(
    postgres_server, postgres, emulator, start, write_rows, results, wait_until
):
    """While it is away nothing is sent; afterwards the batch goes on by itself."""
    options = ("--journal", postgres, "--json", "--reconcile-timeout", "1", "--concurrency", "8")
    process = start("get3w/flux-dev", write_rows(60), "--out", "out", *options)
    wait_until(lambda: len(emulator.ledger()) >= 20)
    assert process.poll() is None
    postgres_server.kill()
    postgres_server.start()
    out, err = process.communicate(timeout=240)

    assert process.returncode in {0, 3}, err
    assert 60 == sum(json.loads(out)["counts"].values()) == len(results())
    assert {1} == {*emulator.prompts().values()}


def test_extra_that_is_missing(tmp_path):
    """The command says the one line that installs it."""
    script = "import sys; sys.modules['sqlalchemy'] = None\nfrom get3w_batch.command import main\n"
    script += "sys.exit(main(['get3w/flux-dev', 'rows.jsonl', '--out', 'out']))"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path
    )

    assert 2 == done.returncode
    assert 'pip install "get3w-models[batch]"' in done.stderr
