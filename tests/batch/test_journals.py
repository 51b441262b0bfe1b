"""Journals that are gone, broken or another batch's: nothing is paid for again because of them."""

import json
import sqlite3
import time
from contextlib import closing

import pytest
from get3w_batch.journal.database import open_database


@pytest.fixture
def change(tmp_path):
    """Change the journal with a statement of SQL."""

    def change(statement, *values):
        path = tmp_path / "out/journal.sqlite"
        with closing(sqlite3.connect(path)) as connection, connection:
            return connection.execute(statement, values).rowcount

    return change


def delete(folder):
    for path in folder.glob("journal.sqlite*"):
        path.unlink()


def empty(folder):
    delete(folder)
    (folder / "journal.sqlite").touch()


@pytest.mark.parametrize("damage", [delete, empty])
def test_journal_that_is_gone(damage, emulator, run, write_rows, results, tmp_path):
    """The results that it knew are kept, and their rows are not paid for again."""
    rows = write_rows(3)
    run(rows)
    before = results()
    damage(tmp_path / "out")
    done = run(rows)

    assert 2 == done.status
    assert "of one that is gone" in done.err
    assert (3, before) == (len(emulator.ledger()), results())


@pytest.mark.parametrize("first", [0, 4096])
def test_journal_that_is_damaged(first, emulator, run, write_rows, tmp_path):
    """It is refused in words, and nothing is sent."""
    rows = write_rows(3)
    run(rows)
    path = tmp_path / "out/journal.sqlite"
    content = path.read_bytes()
    path.write_bytes(content[:first] + b"garbage " * ((len(content) - first) // 8))
    done = run(rows)

    assert 2 == done.status, done.err
    assert ("The journal" in done.err, "Traceback" in done.err) == (True, False)
    assert 3 == len(emulator.ledger())


def test_journal_whose_version_is_no_number(emulator, run, write_rows, change):
    """It is refused as a newer one is."""
    rows = write_rows(1)
    run(rows)
    change("UPDATE get3w_batch_meta SET value = 'two' WHERE name = 'version'")
    done = run(rows)

    assert 2 == done.status
    assert "version two" in done.err


def test_two_batches_in_one_folder(emulator, run, write_rows, results):
    """The second one would overwrite the results of the first."""
    run(write_rows(2))
    before = results()
    rows = write_rows(rows=[{"prompt": "another"}], name="others.jsonl")
    done = run(rows, "--journal", "others.sqlite")

    assert 2 == done.status
    assert "results of another journal" in done.err
    assert (2, before) == (len(emulator.ledger()), results())


@pytest.mark.parametrize("names", [((), ("--key", "id")), (("--key", "id"), ())])
def test_rows_that_are_named_in_another_way(names, emulator, run, write_rows):
    """All of them would be new, and be paid for again."""
    rows = [{"prompt": f"number {n}", "width": 16, "id": f"{n}"} for n in range(3)]
    without = () if names[0] else ("--map", "id=")
    first = run(write_rows(rows=rows), *names[0], *without)
    more = write_rows(rows=[*rows, {"prompt": "more", "id": "3"}])
    again = run(more, *names[1], *([] if names[1] else ["--map", "id="]))

    assert (0, 2) == (first.status, again.status), again.err
    assert "named by" in again.err
    assert 3 == len(emulator.ledger())


def test_clock_that_was_put_back(emulator, run, write_rows, change):
    """What a refusal asked to wait for is not waited for until the old time comes again."""
    run(write_rows(1))
    later = time.time() + 10_000
    limit = json.dumps({"resume_at": later + 1, "halved_at": later, "seen_at": later})
    assert 1 == change("UPDATE get3w_batch_meta SET value = ? WHERE name = 'limit'", limit)
    done = run(write_rows(3))

    assert (0, {"completed": 3}) == (done.status, done.counts)


STEP = """
import runpy, time
real, began = time.time, time.time()
time.time = lambda: real() - (3600 if real() - began > 3 else 0)
runpy.run_module("get3w_batch", run_name="__main__")
"""


def test_clock_that_is_put_back_meanwhile(emulator, start, write_rows):
    """A row of unknown outcome is looked for once, and not until the old time comes again."""
    emulator.faults({"fault": "drop_before_accept", "times": 1})
    options = ("--out", "out", "--json", "--reconcile-timeout", "4")
    process = start("-c", STEP, "get3w/flux-dev", write_rows(3), *options, program=())
    out, err = process.communicate(timeout=60)

    assert 3 == process.returncode, err
    assert {"completed": 2, "unknown": 1} == json.loads(out)["counts"]


def test_database_whose_transactions_are_serializable(
    postgres, emulator, start, write_rows, results
):
    """The default of a server does not undo the moves of two that share a batch."""
    psycopg = pytest.importorskip("psycopg")
    name = postgres.rpartition("/")[2]
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(
            f"ALTER DATABASE {name} SET default_transaction_isolation = 'serializable'"
        )
    options = ("--out", "out", "--journal", postgres, "--json", "--concurrency", "8")
    rows = write_rows(40)
    both = [start("get3w/flux-dev", rows, *options) for _ in range(2)]
    ended = [process.communicate(timeout=240) for process in both]

    assert [0, 0] == [process.returncode for process in both], ended
    assert (40, {1}) == (len(results()), {*emulator.prompts().values()})


def test_database_that_cuts_connections(postgres, emulator, start, write_rows, results):
    """Each one that is cut is made anew; nothing is sent twice or lost."""
    psycopg = pytest.importorskip("psycopg")
    cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity"
    cut += " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    options = ("--out", "out", "--journal", postgres, "--json", "--concurrency", "4")
    process = start("get3w/flux-dev", write_rows(40), *options, "--reconcile-timeout", "5")
    cuts = 0
    with psycopg.connect(postgres, autocommit=True) as connection:
        while process.poll() is None and cuts < 5:
            cuts += connection.execute(cut).fetchone()[0]
            connection.execute("SELECT pg_sleep(0.7)")
    out, err = process.communicate(timeout=240)

    assert 0 < cuts
    assert process.returncode in {0, 3}, err
    assert 40 == sum(json.loads(out)["counts"].values()) == len(results())
    assert {1} == {*emulator.prompts().values()}


def test_connection_that_is_cut_while_the_journal_is_opened(postgres):
    """The journal is opened over the next connection, with its worker in it."""
    sqlalchemy = pytest.importorskip("sqlalchemy")
    entered = []

    def enter(connection):
        entered.append(connection)
        if len(entered) < 3:
            connection.execute(sqlalchemy.text("SELECT pg_terminate_backend(pg_backend_pid())"))

    open_database(postgres, enter).dispose()

    assert 3 == len(entered)


def test_database_without_a_connection_to_spare(postgres, emulator, run, write_rows):
    """It is said in the database's own words, and nothing is sent."""
    psycopg = pytest.importorskip("psycopg")
    role = f"role_of_{postgres.rpartition('/')[2]}"
    with psycopg.connect(postgres, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 1")
    limited = postgres.replace("batch@", f"{role}@")
    with psycopg.connect(limited):
        done = run(write_rows(1), "--journal", limited)

    assert 2 == done.status
    assert "too many connections" in done.err
    assert [] == emulator.ledger()


def test_text_that_no_database_takes(journal, emulator, run, write_rows, results):
    """A NUL in a server's words is no reason to lose what is known."""
    body = json.dumps({"code": 400, "message": "a\0b \ud800"})
    emulator.faults({"fault": "status", "status": 400, "body": body, "times": 1})
    done = run(write_rows(3), "--journal", journal)
    [refused] = [line for line in results() if line["status"] == "refused"]

    assert (1, {"completed": 2, "refused": 1}) == (done.status, done.counts), done.err
    assert "\0" not in refused["error"]
