"""The command: exit statuses, results, resuming, retrying, sharing."""

import json
import signal

import pytest

ROWS = 6


def fail_at(*numbers):
    return [{"prompt": f"number {number}", "code": 1200} for number in numbers]


def test_all_complete(emulator, run, write_rows, results, tmp_path):
    """Status 0; one line and the files of each row; the counts add up; it costs what was billed."""
    done = run(write_rows(ROWS))
    found = results()

    assert (0, {"completed": ROWS}) == (done.status, done.counts), done.err
    assert sorted(range(ROWS)) == sorted(line["row"] for line in found)
    assert {each["id"] for each in emulator.ledger()} == {line["id"] for line in found}
    for line in found:
        [file] = line["files"]
        assert file.startswith(f"files/{line['row']:06}/")
        assert (tmp_path / "out" / file).read_bytes().startswith(b"\x89PNG")
        assert (0.01, None, 1) == (line["cost"], line["error"], len(line["outputs"]))
        assert line["sent_at"] <= line["finished_at"]
    assert pytest.approx(0.01 * ROWS) == done.summary["cost"]


def test_same_command_again_sends_nothing(emulator, run, write_rows, results):
    """What is there is there; the results are the same."""
    rows = write_rows(3)
    run(rows)
    before = results()
    done = run(rows)

    assert (0, 3) == (done.status, len(emulator.ledger()))
    assert "3 of them are settled already" in done.err
    assert before == results()


def test_changed_file_pays_for_new_rows_only(emulator, run, write_rows, results):
    """Rows may move, come and go; one that is gone has no number any more."""
    run(write_rows(3))
    prompts = ["number 2", "number 7", "number 0"]
    rows = write_rows(rows=[{"prompt": each, "width": 16, "height": 16} for each in prompts])
    done = run(rows)

    assert (0, {"completed": 3}) == (done.status, done.counts)
    assert 4 == len(emulator.ledger())
    assert {0, 1, 2, None} == {line["row"] for line in results()}


def test_key_column_says_that_a_changed_row_is_the_same(emulator, run, write_rows):
    """What was accepted under a key is not paid for again, whatever the row says now."""
    rows = [{"prompt": "old", "id": "a"}]
    run(write_rows(rows=rows), "--key", "id", "--no-download")
    done = run(
        write_rows(rows=[{"prompt": "new", "id": "a"}, {"prompt": "more", "id": "b"}]),
        *("--key", "id", "--no-download"),
    )

    assert {"completed": 2} == done.counts
    assert ["old", "more"] == [each["input"]["prompt"] for each in emulator.ledger()]


def test_invalid_row_stops_everything(emulator, run, write_rows, tmp_path):
    """Status 2, and nothing is sent; the row and the column are named."""
    done = run(write_rows(rows=[{"prompt": "fine"}, {"prompt": "x", "widht": 1}]))

    assert 2 == done.status
    assert "row 1, column 'widht'" in done.err
    assert "did you mean 'width'" in done.err
    assert [] == emulator.ledger()
    assert not (tmp_path / "out").exists()


def test_skip_invalid(emulator, run, write_rows, results):
    """The others are sent; a row that is mended later is sent without more ado."""
    rows = [{"prompt": "fine", "id": "a"}, {"prompt": 3, "id": "b"}]
    options = ("--skip-invalid", "--key", "id", "--no-download")
    done = run(write_rows(rows=rows), *options)
    lines = {line["key"]: line for line in results()}
    again = run(write_rows(rows=rows), *options, "--retry", "refused")
    mended = run(write_rows(rows=[rows[0], {"prompt": "3", "id": "b"}]), *options)

    assert (1, {"completed": 1, "refused": 1}) == (done.status, done.counts)
    assert ("refused", "invalid") == (lines["b"]["status"], lines["b"]["code"])
    assert {"completed": 1, "refused": 1} == again.counts
    assert (0, {"completed": 2}) == (mended.status, mended.counts)
    assert 2 == len(emulator.ledger()) == len(results())


def test_failed_tasks(emulator, run, write_rows, results):
    """Status 1 with the task's code; --retry failed sends them again and keeps what they cost."""
    rows = write_rows(ROWS)
    emulator.outcomes(*fail_at(1, 4))
    done = run(rows)
    failed = [line for line in results() if line["status"] == "failed"]
    emulator.outcomes()
    again = run(rows)
    retried = run(rows, "--retry", "failed")
    lines = {line["row"]: line for line in results()}

    assert (1, {"completed": 4, "failed": 2}) == (done.status, done.counts)
    assert {(1, "1200"), (4, "1200")} == {(line["row"], line["code"]) for line in failed}
    assert (1, {"completed": 4, "failed": 2}) == (again.status, again.counts)
    assert (0, {"completed": ROWS}) == (retried.status, retried.counts)
    assert (ROWS, ROWS + 2) == (len(lines), len(emulator.ledger()))
    assert {1: 0.02, 2: 0.01} == {row: lines[row]["cost"] for row in (1, 2)}
    assert pytest.approx(0.01 * (ROWS + 2)) == retried.summary["cost"]


def test_refused_rows(emulator, run, write_rows, results):
    """A row that the server says no to is refused, and the others go on."""
    emulator.faults({"fault": "status", "status": 400, "times": 1})
    rows = write_rows(ROWS)
    done = run(rows)
    [refused] = [line for line in results() if line["status"] == "refused"]
    retried = run(rows, "--retry", "refused")

    assert (1, {"completed": ROWS - 1, "refused": 1}) == (done.status, done.counts)
    assert ("400", None) == (refused["code"], refused["id"])
    assert (0, {"completed": ROWS}) == (retried.status, retried.counts)


@pytest.mark.parametrize("fault", ["drop_after_accept", "truncate", "malformed"])
def test_lost_answer_is_looked_for(fault, emulator, run, write_rows, results):
    """Its task is found in the records, and the row completes; it is not sent again."""
    emulator.faults({"fault": fault, "times": 2})
    done = run(write_rows(ROWS), "--reconcile-timeout", "20")

    assert (0, {"completed": ROWS}) == (done.status, done.counts), results()
    assert ROWS == len(emulator.ledger())


def test_unknown_row_is_listed_and_sent_again_only_when_told(emulator, run, write_rows, results):
    """Status 3, also in the next run; --retry unknown needs a yes."""
    emulator.faults({"fault": "drop_before_accept", "times": 1})
    rows = write_rows(3)
    done = run(rows)
    [line] = [line for line in results() if line["status"] == "unknown"]
    again = run(rows)
    asked = run(rows, "--retry", "unknown")
    retried = run(rows, "--retry", "unknown", "--yes")

    assert (3, {"completed": 2, "unknown": 1}) == (done.status, done.counts)
    assert "no evidence" in line["error"]
    assert (3, {"completed": 2, "unknown": 1}) == (again.status, again.counts)
    assert (2, "") == (asked.status, asked.out)
    assert "may pay for rows twice" in asked.err
    assert (0, {"completed": 3}) == (retried.status, retried.counts)
    assert 3 == len(results()) == len(emulator.ledger())


def test_refused_key_stops_the_batch(emulator, start, write_rows):
    """The rows are not to blame: they are still to be sent."""
    emulator.faults({"fault": "status", "status": 401})
    process = start("get3w/flux-dev", write_rows(3), "--out", "out", "--json")
    out, err = process.communicate()

    assert 4 == process.returncode
    assert {"pending": 3} == json.loads(out)["counts"]
    assert "GET3W_API_KEY" in err


def test_standard_input(emulator, run, tmp_path):
    """- is JSON lines."""
    done = run("-", "--no-download", text='{"prompt": "a"}\n{"prompt": "b"}\n')

    assert (0, {"completed": 2}) == (done.status, done.counts)


@pytest.mark.parametrize("press", [1, 2])
def test_interruption(press, emulator, start, run, write_rows, wait_until, states, results):
    """Once: what was sent is waited for, and status 4. Twice: it ends at once. Both resume."""
    rows = write_rows(40)
    emulator.outcomes({"completes": True, "seconds": 3600, "times": 4})
    process = start("get3w/flux-dev", rows, "--out", "out", "--json", "--concurrency", "4")
    wait_until(lambda: 4 == len(emulator.ledger()))
    wait_until(lambda: 4 == states().get("accepted"))
    process.send_signal(signal.SIGINT)
    line = process.stderr.readline()
    while "stopping" not in line:
        line = process.stderr.readline()
    if press == 2:
        process.send_signal(signal.SIGINT)
    else:
        emulator.advance(3600)
    out, err = process.communicate(timeout=120)
    sent = len(emulator.ledger())
    emulator.advance(3600)
    done = run(rows)

    assert 4 == process.returncode, err
    assert 4 == sent
    if press == 1:
        assert {"completed": 4, "pending": 36} == json.loads(out)["counts"]
        assert "interrupted" in err
    assert (0, {"completed": 40}) == (done.status, done.counts)
    assert {1} == {*emulator.prompts().values()}
    assert 40 == len(results())


def test_two_processes_share_a_batch(journal, emulator, start, write_rows, results):
    """Each row is sent by one of them; both end when all rows are settled."""
    rows = write_rows(40)
    options = ("--out", "out", "--journal", journal, "--json", "--concurrency", "8")
    both = [start("get3w/flux-dev", rows, *options) for _ in range(2)]
    ended = [process.communicate(timeout=240) for process in both]

    assert [0, 0] == [process.returncode for process in both], "\n".join(
        error for _, error in ended
    )
    assert [{"completed": 40}] * 2 == [json.loads(out)["counts"] for out, _ in ended]
    assert 40 == len(emulator.ledger())
    assert [*range(40)] == sorted(line["row"] for line in results())


def test_limit_is_for_all_processes(journal, emulator, start, write_rows, most_at_once):
    """Three that run the same batch: no more tasks run at once than one of them would have."""
    emulator.outcomes({"completes": True, "seconds": 0.5})
    rows = write_rows(40)
    options = ("--out", "out", "--journal", journal, "--no-download", "--concurrency", "6")
    all_of_them = [start("get3w/flux-dev", rows, *options) for _ in range(3)]
    ended = [process.communicate(timeout=240) for process in all_of_them]

    assert [0] * 3 == [process.returncode for process in all_of_them], ended
    assert 40 == len(emulator.ledger())
    assert 3 < most_at_once(0.5) <= 6


def test_second_process_with_other_rows_is_refused(
    emulator, start, run, write_rows, wait_until, states
):
    """The rows of the first would be dropped under its hands."""
    emulator.outcomes({"completes": True, "seconds": 3600})
    first = start("get3w/flux-dev", write_rows(3), "--out", "out")
    wait_until(lambda: 3 == len(emulator.ledger()))
    done = run(write_rows(2, name="other.jsonl"))
    emulator.advance(3600)
    first.communicate(timeout=60)

    assert 2 == done.status
    assert "Another process is at work" in done.err
    assert 0 == first.returncode


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("get3w/flux-de", "rows.jsonl"), "Did you mean"),
        (("get3w/flux-dev", "missing.jsonl"), "cannot be read"),
        (("get3w/flux-dev", "rows.jsonl", "--set", "width"), "NAME=VALUE"),
        (("get3w/flux-dev", "rows.jsonl", "--journal", "mysql://host/name"), "not 'mysql'"),
        (("get3w/flux-dev", "rows.jsonl", "--max-cost", "x"), "invalid float"),
        (("get3w/flux-dev", "rows.jsonl", "--max-cost", "nan"), "max-cost"),
        (("get3w/flux-dev", "rows.jsonl", "--max-cost", "-1"), "max-cost"),
        (("get3w/flux-dev", "rows.jsonl", "--price", "inf"), "price"),
        (("get3w/flux-dev", "rows.jsonl", "--concurrency", "0"), "concurrency"),
        (("get3w/flux-dev", "rows.jsonl", "--outage-timeout", "nan"), "outage-timeout"),
        (("get3w/flux-dev", "rows.jsonl", "--reconcile-timeout", "-1"), "reconcile-timeout"),
    ],
)
def test_wrong_use(arguments, words, run, write_rows):
    """Status 2, and words without a traceback."""
    write_rows(1)
    model, rows, *options = arguments
    done = run(rows, *options, model=model)

    assert 2 == done.status
    assert words in done.err
    assert "Traceback" not in done.err


def test_key_that_is_missing(emulator, start, write_rows):
    """It is wrong use: nothing was sent, and the words say where a key comes from."""
    program = "import os, runpy; del os.environ['GET3W_API_KEY']"
    program += "; runpy.run_module('get3w_batch', run_name='__main__')"
    process = start("-c", program, "get3w/flux-dev", write_rows(1), "--out", "out", program=())
    _, err = process.communicate(timeout=60)

    assert (2, False) == (process.returncode, "Traceback" in err), err
    assert "GET3W_API_KEY" in err
