"""The command, run as somebody runs it: in a folder of its own, with an emulator behind it."""

import contextlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from get3w_cli.__main__ import main

ROOT = Path(__file__).parents[2]
PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Done:
    """What a command came to."""

    status: int
    out: str
    err: str

    @property
    def data(self):
        """The one object on stdout."""
        return json.loads(self.out)

    @property
    def rows(self):
        """The objects on stdout, a line each."""
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def error(self):
        """The last object on stderr."""
        return json.loads(self.err.splitlines()[-1])


@pytest.fixture
def environment(get3w_emulator, tmp_path):
    """The environment of a command that talks to the emulator."""
    hidden = {"GET3W_OUTPUT", "GET3W_MODELS_PACKAGE", "NO_COLOR"}
    return {
        **{name: value for name, value in os.environ.items() if name not in hidden},
        "GET3W_API_KEY": get3w_emulator.api_key,
        "GET3W_BASE_URL": get3w_emulator.url,
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "PYTHONPATH": str(ROOT / "cli"),
    }


@pytest.fixture
def folder(tmp_path):
    """The folder that commands run in; it holds a picture."""
    path = tmp_path / "work"
    path.mkdir()
    (path / "lighthouse.png").write_bytes(PNG)
    return path


@pytest.fixture
def get3w(environment, folder):
    """Run a command in a process of its own."""

    def run(*words, stdin="", env=None, cwd=folder):
        done = subprocess.run(
            [sys.executable, "-m", "get3w_cli", *map(str, words)],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            cwd=cwd,
            env={**environment, **(env or {})},
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run


@pytest.fixture
def inside(environment, folder, monkeypatch):
    """Run a command in this process, which is quicker."""
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(folder)

    def run(*words):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            try:
                status = main([str(word) for word in words])
            except SystemExit as left:
                status = left.code
        return Done(status, out.getvalue(), err.getvalue())

    return run
