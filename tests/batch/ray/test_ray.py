"""A batch on two Ray workers and PostgreSQL; whatever dies, each row is paid for at most once."""

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/batches.md").read_text("utf-8")
TABLE = PAGE.partition("<!-- ray -->")[2].partition("<!-- end of ray -->")[0]
LINES = re.findall(r"^\| ((?:a|all|the) [^|]+?) \| [^|]+ \| (this|the next) run", TABLE, re.M)
TROUBLE = [
    {"fault": "drop_after_accept", "probability": 0.03},
    {"fault": "truncate", "probability": 0.03},
    {"fault": "drop_before_accept", "probability": 0.02},
    {"fault": "status", "status": 429, "headers": {"Retry-After": "0"}, "probability": 0.04},
    {"fault": "status", "status": 503, "headers": {"Retry-After": "0"}, "probability": 0.03},
]

pytestmark = pytest.mark.usefixtures("cluster")

READ_BACK = """
import json, sys, ray
from get3w_batch.on_ray.driver import start_worker
ray.init(sys.argv[1], log_to_driver=False)
worker = start_worker(ray)
ray.get(worker.stop.remote("it is there"))
from ray._private.state import state
from ray.core.generated import gcs_pb2
info = state._connect_and_get_accessor().get_actor_info(worker._actor_id)
found = gcs_pb2.ActorTableData.FromString(info)
print(json.dumps([found.max_restarts, worker._ray_max_task_retries, found.is_detached]))
"""


def test_options_are_what_ray_has(cluster):
    """Ray itself says that it restarts no worker and repeats no call, and ends both with us."""
    done = subprocess.run(
        [sys.executable, "-c", READ_BACK, cluster.address],
        capture_output=True,
        text=True,
        check=False,
    )

    assert [0, 0, False] == json.loads(done.stdout.splitlines()[-1]), done.stderr


def test_all_complete(begin, finish, emulator, write_rows, account, results, tmp_path):
    """Lines and files are in the driver's folder, and the same command again sends nothing."""
    rows = write_rows(30)
    done = finish(begin(rows))
    again = finish(begin(rows))

    assert (0, {"completed": 30}) == (done.status, done.counts), done.err
    assert set() == account(30, done)
    for line in results():
        [file] = line["files"]
        assert (tmp_path / "out" / file).read_bytes().startswith(b"\x89PNG")
    assert [] == [*(tmp_path / "out").glob(".probe*")]
    assert (0, 30) == (again.status, len(emulator.ledger()))


def test_limit_is_for_both_workers(begin, finish, emulator, write_rows, most_at_once):
    """No more tasks run at once, over both, than were asked for."""
    emulator.outcomes({"completes": True, "seconds": 0.5})
    done = finish(begin(write_rows(40), "--no-download", "--concurrency", "6"))

    assert (0, {"completed": 40}) == (done.status, done.counts), done.err
    assert 4 < most_at_once(0.5) <= 6


@pytest.fixture
def until_sent(emulator, wait_until):
    """Wait until so many submits were accepted, or the command ended."""

    def until_sent(count, process, seconds=120):
        wait_until(lambda: count <= len(emulator.ledger()) or process.poll() is not None, seconds)

    return until_sent


@pytest.fixture
def kill(cluster, postgres_server):
    """Kill what a line of the table names."""

    def kill(victim, process):
        if victim == "the database":
            postgres_server.kill()
            postgres_server.start()
        elif victim == "the driver":
            process.kill()
        elif victim == "the head":
            cluster.kill()
            cluster.start()
        else:
            for pid in cluster.workers()[: 1 if victim == "a worker" else None]:
                os.kill(pid, signal.SIGKILL)

    return kill


def test_worker_that_cannot_work(begin, finish, emulator, write_rows):
    """Status 2 with the machine and the reason, and nothing was sent: here it has another key."""
    script = "import os, sys; os.environ['GET3W_API_KEY'] = 'another'\n"
    script += "from get3w_batch.command import main; sys.exit(main())"
    done = finish(begin(write_rows(2), program=("-c", script)))

    assert 2 == done.status
    assert "nothing was sent: on " in done.err
    assert "its GET3W_API_KEY is missing, or not the one of the driver" in done.err
    assert [] == emulator.ledger()


LONGER = {"all workers", "the head"}  # the others show the same, and need no second Ray


@pytest.mark.parametrize(
    ("victim", "settled"),
    [pytest.param(*line, marks=[pytest.mark.soak] * (line[0] in LONGER)) for line in LINES],
)
def test_kill(victim, settled, kill, begin, finish, emulator, write_rows, until_sent, account):
    """docs/batches.md: what dies, and which run settles the rows; each is paid for once."""
    rows = write_rows(40)
    emulator.outcomes({"completes": True, "seconds": 0.3})
    process = begin(rows)
    until_sent(12, process)
    assert process.poll() is None, process.communicate()[1]
    kill(victim, process)
    first = finish(process)
    if settled == "the next":
        if victim != "the driver":
            assert 4 == first.status, first.err
            assert "a worker was lost" in first.summary["stopped"]
        first = finish(begin(rows))

    account(40, first)


def test_every_line_of_the_table_is_tested():
    """The table names these, and no others."""
    assert ["a worker", "all workers", "the driver", "the head", "the database"] == [
        victim for victim, _ in LINES
    ]


@pytest.mark.soak
def test_kills_in_turn(
    kill, chance, begin, finish, emulator, write_rows, until_sent, account, capsys
):
    """Under faults, at random moments, twice each: a worker, the head, the database, the driver."""
    count, victims = 400, ["a worker", "the head", "the database", "the driver"] * 2
    rows = write_rows(count)
    emulator.faults(*TROUBLE)
    emulator.outcomes({"completes": True, "seconds": 0.3})
    process, killed = begin(rows), []
    for number, victim in enumerate(victims):
        if process.poll() is not None:
            process.communicate()
            process = begin(rows)
        wanted = round(count * (number + chance.random()) / len(victims))
        until_sent(wanted, process, 600)
        if process.poll() is None:
            kill(victim, process)
            killed.append(victim)
        if victim in {"the head", "the driver"}:
            process.communicate(timeout=300)
    finish(process)
    done = finish(begin(rows))
    unknown = account(count, done)
    sent, there = len(emulator.ledger()), len(emulator.prompts())
    with capsys.disabled():
        print(f"\n{count} rows, killed {', '.join(killed)}: {sent} submits accepted of {there}")
        print(f"rows, {done.counts}, {len(unknown)} listed as unknown, duplicates {sent - there}")

    assert {*victims} == {*killed}


def test_interruption(begin, finish, emulator, write_rows, until_sent, account):
    """Ctrl-C once: the workers send nothing more, what they sent is waited for, and status 4."""
    rows = write_rows(60)
    emulator.outcomes({"completes": True, "seconds": 0.5})
    process = begin(rows)
    until_sent(10, process)
    process.send_signal(signal.SIGINT)
    first = finish(process)
    sent = len(emulator.ledger())

    assert (4, 60) == (first.status, sum(first.counts.values())), first.err
    assert "interrupted" in first.summary["stopped"]
    assert {"completed": sent, "pending": 60 - sent} == first.counts
    account(60, finish(begin(rows)))


def test_example(start, cluster, emulator, postgres, tmp_path, results):
    """examples/batch_ray.py makes a picture of each line."""
    (tmp_path / "prompts.txt").write_text("a lighthouse\na harbour\n")
    process = start("prompts.txt", "out", postgres, program=(ROOT / "examples/batch_ray.py",))
    out, err = process.communicate(timeout=300)

    assert {"completed": 2} == json.loads(out)["counts"], err
    assert {"a lighthouse", "a harbour"} == {*emulator.prompts()}
    assert {"completed"} == {line["status"] for line in results()}
