"""An emulator in a process of its own, the command, and PostgreSQL, for tests that kill."""

import contextlib
import io
import json
import os
import random
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections import Counter
from contextlib import closing
from datetime import datetime
from pathlib import Path

import httpx
import pytest
from get3w_batch.command import main

MODEL = "get3w/flux-dev"
KILLER = Path(__file__).with_name("killer.py")


class EmulatorProcess:
    """An emulator that a killed client cannot take along."""

    def __init__(self, *options):
        self.process = subprocess.Popen(
            [sys.executable, "-m", "get3w_emulator", "--listen", "127.0.0.1:0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        line = self.process.stdout.readline()
        self.url = next(word for word in line.split() if word.startswith("http://"))
        # No connection is used twice: the emulator may close an idle one at that very moment.
        limits = httpx.Limits(max_keepalive_connections=0)
        self._http = httpx.Client(base_url=f"{self.url}/_emulator", timeout=120, limits=limits)

    def ledger(self):
        return self._http.get("/ledger").json()["submissions"]

    def prompts(self):
        """Return how often each prompt was accepted."""
        return Counter(each["input"]["prompt"] for each in self.ledger())

    def faults(self, *rules):
        submits = {"method": "POST", "path": "/api/v3/get3w/*"}
        self._http.post("/faults", json=[{**submits, **rule} for rule in rules]).raise_for_status()

    def outcomes(self, *rules):
        self._http.post("/outcomes", json=list(rules)).raise_for_status()

    def advance(self, seconds):
        self._http.post("/clock", json={"advance": seconds}).raise_for_status()

    def reset(self):
        self._http.post("/reset").raise_for_status()

    def close(self):
        self._http.close()
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="session")
def emulator_process():
    emulator = EmulatorProcess("--image-seconds", "0.05")
    yield emulator
    emulator.close()


@pytest.fixture
def emulator(emulator_process):
    """The emulator, with nothing in it."""
    emulator_process.reset()
    return emulator_process


@pytest.fixture
def bronze():
    """An emulator of an account that may have two tasks at once."""
    emulator = EmulatorProcess("--image-seconds", "0.05", "--tier", "bronze")
    yield emulator
    emulator.close()


@pytest.fixture
def start(emulator, tmp_path):
    """Start the command, or Python with a script in its place, and return the process."""
    started = []

    def start(*arguments, program=("-m", "get3w_batch"), on=None, stdin=subprocess.DEVNULL):
        process = subprocess.Popen(
            [sys.executable, *map(str, program), *map(str, arguments)],
            cwd=tmp_path,
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env={
                **os.environ,
                "GET3W_API_KEY": "test-key",
                "GET3W_BASE_URL": (on or emulator).url,
            },
        )
        started.append(process)
        return process

    yield start
    for process in started:
        if process.poll() is None:
            process.kill()
        process.communicate()


class Done:
    """How a run of the command ended."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    @property
    def summary(self):
        return json.loads(self.out)

    @property
    def counts(self):
        return self.summary["counts"]


@pytest.fixture
def run(emulator, start, tmp_path, monkeypatch):
    """Run the command on a file of rows, and return how it ended.

    It runs in this process, which spares a second of imports, or with a text for its standard input
    in one of its own.
    """

    def inside(words, on):
        out, err = io.StringIO(), io.StringIO()
        with (
            monkeypatch.context() as context,
            contextlib.chdir(tmp_path),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            context.setenv("GET3W_API_KEY", "test-key")
            context.setenv("GET3W_BASE_URL", (on or emulator).url)
            try:
                status = main([str(word) for word in words])
            except SystemExit as end:  # argparse refused the words
                status = end.code
        return Done(status, out.getvalue(), err.getvalue())

    def run(rows, *options, out="out", model=MODEL, text=None, on=None):
        within = () if "--reconcile-timeout" in options else ("--reconcile-timeout", "0")
        command = (model, rows, "--out", out, "--json", *within, *options)
        if text is None:
            return inside(command, on)
        process = start(*command, on=on, stdin=subprocess.PIPE)
        written = process.communicate(text, timeout=300)
        return Done(process.returncode, *written)

    return run


@pytest.fixture
def write_rows(tmp_path):
    """Write a file of rows."""

    def write_rows(count=None, *, rows=None, name="rows.jsonl"):
        made = rows or [{"prompt": f"number {n}", "width": 16, "height": 16} for n in range(count)]
        path = tmp_path / name
        path.write_text("".join(f"{json.dumps(row)}\n" for row in made), "utf-8")
        return path

    return write_rows


@pytest.fixture
def results(tmp_path):
    """Read the results."""

    def results(out="out"):
        text = (tmp_path / out / "results.jsonl").read_text("utf-8")
        assert text == "" or text.endswith("\n")
        return [json.loads(line) for line in text.splitlines()]

    return results


@pytest.fixture
def states(tmp_path):
    """Read from an SQLite journal how many rows are in each state."""

    def states(out="out"):
        with closing(sqlite3.connect(tmp_path / out / "journal.sqlite")) as connection:
            return dict(
                connection.execute("SELECT state, count(*) FROM get3w_batch_rows GROUP BY state")
            )

    return states


def until(condition, seconds=60):
    """Look until something is so; a busy machine may take its time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        select_nothing()


def select_nothing(seconds=0.02):
    """Leave the processor to others for a moment."""
    os.sched_yield()
    signal.sigtimedwait([], seconds)


@pytest.fixture
def wait_until():
    return until


@pytest.fixture
def leave_alone():
    return select_nothing


@pytest.fixture
def most_at_once(emulator):
    """Return how many tasks ran at once at most, where each runs for so many seconds."""

    def most_at_once(seconds):
        ledger = emulator.ledger()
        begun = [datetime.fromisoformat(each["accepted_at"]).timestamp() for each in ledger]
        return max(sum(one - seconds < other <= one for other in begun) for one in begun)

    return most_at_once


class Postgres:
    """A PostgreSQL server of the tests' own, on a free port."""

    def __init__(self, programs, folder):
        self._programs, self.folder = programs, folder
        with closing(socket.socket()) as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self._as(
            *("initdb", "--pgdata", folder / "data", "--auth", "trust", "--username", "batch"),
            *("--encoding", "UTF8", "--no-locale"),
        )
        self._process = None
        self._names = 0
        self.start()

    def _as(self, program, *arguments, popen=False):
        command = [self._programs / program, *arguments]
        if os.getuid() == 0:  # it refuses to run as root
            user = ["setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups"]
            command = [*user, *command]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": self.folder}
        if popen:
            return subprocess.Popen(list(map(str, command)), **quiet)
        return subprocess.run(list(map(str, command)), check=True, **quiet)

    def start(self):
        """Start the server, and return once it answers."""
        options = (
            "-D",
            self.folder / "data",
            "-p",
            self.port,
            "-k",
            self.folder,
            "-h",
            "127.0.0.1",
        )
        self._process = self._as("postgres", *options, popen=True)
        until(self._answers)

    def _answers(self):
        import psycopg

        try:
            psycopg.connect(self.url("postgres"), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    def kill(self):
        """Kill the server and all that it started, as when its machine goes down."""
        pid = int((self.folder / "data/postmaster.pid").read_text().split()[0])
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for each in [pid, *map(int, children)]:
            os.kill(each, signal.SIGKILL)
        self._process.wait()
        (self.folder / "data/postmaster.pid").unlink(missing_ok=True)

    def stop(self):
        self._process.send_signal(signal.SIGTERM)
        self._process.terminate()
        self._process.wait()

    def url(self, name):
        return f"postgresql://batch@127.0.0.1:{self.port}/{name}"

    def new_database(self):
        """Make a database and return its address."""
        import psycopg

        self._names += 1
        name = f"batch_{self._names}"
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name}")
        return self.url(name)


@pytest.fixture(scope="session")
def postgres_server():
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
    where = found[-1] if found else shutil.which("postgres")
    if where is None:
        pytest.skip("PostgreSQL is missing: apt-get install postgresql")
    folder = Path(tempfile.mkdtemp(prefix="get3w-batch-"))
    if os.getuid() == 0:
        shutil.chown(folder, "nobody", "nogroup")
    server = Postgres(Path(where).resolve().parent, folder)
    yield server
    server.kill()
    shutil.rmtree(folder)


@pytest.fixture
def postgres(postgres_server):
    """The address of an empty database."""
    return postgres_server.new_database()


@pytest.fixture(params=["sqlite", "postgresql"])
def journal(request, tmp_path):
    """The place of a journal, in each database in turn."""
    if request.param == "sqlite":
        return tmp_path / "out/journal.sqlite"
    return request.getfixturevalue("postgres")


@pytest.fixture
def chance():
    """A seeded source of chance, whose seed is shown by a failure."""
    seed = random.randrange(10**6)
    print("seed", seed)
    return random.Random(seed)
