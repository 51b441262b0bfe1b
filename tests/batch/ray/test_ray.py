"""A batch on two Ray workers and PostgreSQL; whatever dies, each row is paid for at most once."""

import json
import os
import signal
import subprocess
import sys

import pytest

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


@pytest.mark.parametrize("victim", ["worker", "both workers", "driver", "database", "head"])
def test_kill(
    victim, cluster, postgres_server, begin, finish, emulator, write_rows, wait_until, account
):
    """The run ends with every row settled, or the same command settles the rest."""
    rows = write_rows(40)
    emulator.outcomes({"completes": True, "seconds": 0.3})
    process = begin(rows)
    wait_until(lambda: 12 <= len(emulator.ledger()) or process.poll() is not None)
    assert process.poll() is None, process.communicate()[1]
    if victim == "database":
        postgres_server.kill()
        postgres_server.start()
    elif victim == "driver":
        process.send_signal(signal.SIGKILL)
    elif victim == "head":
        cluster.kill()
        cluster.start()
    else:
        for pid in cluster.workers()[: 1 if victim == "worker" else 2]:
            os.kill(pid, signal.SIGKILL)
    first = finish(process)
    done = finish(begin(rows))

    if victim in {"worker", "database"}:
        account(40, first)
    if victim in {"both workers", "head"}:
        assert 4 == first.status, first.err
        assert "a worker was lost" in first.summary["stopped"]
    account(40, done)
