"""docs/batches.md, the crash windows: the process is killed at each line of the table."""

import re
import signal
from pathlib import Path

import pytest

KILLER = Path(__file__).with_name("killer.py")
PAGE = (Path(__file__).parents[2] / "docs/batches.md").read_text("utf-8")
TABLE = PAGE.partition("<!-- crash windows -->")[2].partition("<!-- end of crash windows -->")[0]
LINE = re.compile(r"^\| (?P<moment>[^|]+?) \| `(?P<state>\w+)` \| [^|]+ \| (?P<end>\w+) \|", re.M)

# Where each line of the table is: the function, and whether at its begin or its end.
ENGINE, JOURNAL = "get3w_batch.engine", "get3w_batch.journal"
READ = "get3w_core.http.pool.stream:AsyncStream.read"
SUBMIT = "get3w_core.client.aio:AsyncClient.submit"
FOUND = "the task of an unknown row is found, and not committed"
PLACES = {
    "the rows are written, and not committed": (f"{JOURNAL}.loading:load_rows", "return"),
    "the row is claimed": (f"{ENGINE}.sender:Sender.send", "call"),
    "`sending` is written, and not committed": (f"{JOURNAL}.moves:apply_moves", "return"),
    "`sending` is committed, and no byte has left": (SUBMIT, "call"),
    "the submit is sent, and no answer is here": (f"{SUBMIT}>{READ}", "call"),
    "the server said \"not now\"": (f"{ENGINE}.sender:Sender._give_back", "call"),
    "the answer was lost": (f"{ENGINE}.sender:Sender._give_up", "call"),
    "the answer is here, and not committed": (f"{ENGINE}.sender:Sender._accept", "call"),
    "`accepted` is committed": (f"{ENGINE}.waiter:Waiter.wait", "call"),
    "the task ended, and nothing is saved": (f"{ENGINE}.waiter:Waiter.save", "call"),
    "the files are saved": (f"{ENGINE}.waiter:Waiter.settle", "call"),
    "the end is committed, and the line not written": (f"{JOURNAL}.report:report", "call"),
    "the line is written, and not committed": (f"{JOURNAL}.report:report", "return"),
    FOUND: (f"{JOURNAL}.claims:owner_of", "call"),
}  # fmt: skip
# What has to go wrong for a row to come there.
FAULTS = {
    "the server said \"not now\"": {"fault": "status", "status": 429, "times": 1},
    "the answer was lost": {"fault": "drop_after_accept", "times": 1},
    FOUND: {"fault": "drop_after_accept", "times": 1},
}  # fmt: skip
LINES = [match.groupdict() for match in LINE.finditer(TABLE)]


def test_every_line_is_tested():
    """The table has the lines that are killed at here, and no others."""
    assert [*PLACES] == [line["moment"] for line in LINES]


@pytest.mark.parametrize("line", LINES, ids=lambda line: line["moment"])
def test_process_is_killed_there(
    line, emulator, start, run, write_rows, results, states, wait_until
):
    """On disk is what the table says, and the next run does what it says, paying nothing twice."""
    rows = write_rows(1)
    emulator.faults(*([FAULTS[line["moment"]]] if line["moment"] in FAULTS else []))
    arguments = ("get3w/flux-dev", rows, "--out", "out", "--reconcile-timeout", "20")
    process = start(*PLACES[line["moment"]], 1, *arguments, program=(KILLER,))
    _, err = process.communicate(timeout=120)
    found = states() or {"nothing": 1}

    assert -signal.SIGKILL == process.returncode, err
    assert {line["state"]: 1} == found

    if "no answer is here" in line["moment"]:  # what was handed to the kernel arrives all the same
        wait_until(emulator.ledger)
    emulator.faults()
    done = run(rows, "--reconcile-timeout", "2")

    assert {line["end"]: 1} == done.counts, done.err
    assert [(0, line["end"])] == [(each["row"], each["status"]) for each in results()]
    assert len(emulator.ledger()) == (1 if line["end"] == "completed" else 0)
    assert (0 if line["end"] == "completed" else 3) == done.status
