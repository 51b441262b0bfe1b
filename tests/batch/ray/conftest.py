"""A Ray of the tests' own, whose processes may be killed, and the command on it."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

HEAD = Path(__file__).with_name("head.py")
KEY = "test-key"


class Cluster:
    """Ray on this machine, in processes that are nobody else's."""

    def __init__(self):
        self.start()

    def start(self):
        self.folder = tempfile.mkdtemp(prefix="ray-")  # sockets have short paths
        self._head = subprocess.Popen(
            [sys.executable, HEAD, self.folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
            env={**os.environ, "GET3W_API_KEY": KEY},
        )
        self.address = self._head.stdout.readline().strip()
        assert self.address, "Ray did not start"

    def workers(self):
        """Return the process ids of the workers of batches, the oldest first."""
        return sorted(
            pid
            for pid, (parent, name) in processes().items()
            if name.startswith("ray::Worker") and parent in self._raylets()
        )

    def _raylets(self):
        return {pid for pid, (parent, _) in processes().items() if parent == self._head.pid}

    def kill(self):
        """Kill the head with all that it started, as when its machine goes down."""
        workers = self.workers()
        os.killpg(self._head.pid, signal.SIGKILL)
        for pid in workers:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._close()

    def stop(self):
        self._head.stdin.close()
        self._head.wait()
        self._close()

    def _close(self):
        self._head.wait()
        self._head.stdin.close()
        self._head.stdout.close()
        shutil.rmtree(self.folder, ignore_errors=True)


def processes():
    """Return the parent and the name of each process."""
    found = {}
    for path in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((path / "stat").read_text().rpartition(")")[2].split()[1])
            name = (path / "cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        found[int(path.name)] = parent, name
    return found


@pytest.fixture(scope="session", autouse=True)
def offline():
    """Nothing phones home, and no token is written to the user's home."""
    quiet = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled"}
    before = {name: os.environ.get(name) for name in quiet}
    os.environ.update(quiet)
    yield
    for name, value in before.items():
        if value is None:
            del os.environ[name]
        else:
            os.environ[name] = value


@pytest.fixture(scope="module")
def cluster():
    if importlib.util.find_spec("ray") is None:
        pytest.skip('Ray is missing: pip install "get3w-models[batch-ray]"')
    cluster = Cluster()
    yield cluster
    cluster.stop()


@pytest.fixture
def begin(start, cluster, postgres):
    """Start the command on two Ray workers, and return the process."""

    def begin(rows, *options, **keywords):
        return start(
            *("get3w/flux-dev", rows, "--out", "out", "--journal", postgres, "--json"),
            *("--engine", "ray", "--workers", "2", "--address", cluster.address),
            *("--concurrency", "8", "--reconcile-timeout", "1", *options),
            **keywords,
        )

    return begin


class Done:
    """How a run of the command ended."""

    def __init__(self, process):
        self.out, self.err = process.communicate(timeout=300)
        self.status = process.returncode
        self.summary = json.loads(self.out) if self.out else {}
        self.counts = self.summary.get("counts", {})


@pytest.fixture
def finish():
    """Wait for the end of the command."""
    return Done


@pytest.fixture
def account(emulator, results):
    """Compare what the server was asked for with what the results say, to the last row."""

    def account(count, done):
        accepted, found = emulator.prompts(), results()
        tasks = {each["input"]["prompt"]: each["id"] for each in emulator.ledger()}
        ids = {f"number {line['row']}": line["id"] for line in found if line["id"] is not None}
        unknown = {f"number {line['row']}" for line in found if line["status"] == "unknown"}

        assert done.status in {0, 3}, done.err
        assert {1} == {*accepted.values()}, "a row was paid for twice"
        assert count == sum(done.counts.values()) == len(found), "a row was lost"
        assert {*range(count)} == {line["row"] for line in found}
        assert ids.items() <= tasks.items()
        assert accepted.keys() - ids.keys() <= unknown, "a task that was paid for is not listed"
        assert {"completed", "unknown"} >= {line["status"] for line in found}
        return unknown

    return account
