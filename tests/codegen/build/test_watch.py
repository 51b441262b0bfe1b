"""`get3w-codegen generate --watch`: the package follows the schemas until it is stopped."""

import json
import signal
import subprocess
import sys
import time
from contextlib import contextmanager

import pytest

SCHEMA = {"type": "object", "properties": {"prompt": {"type": "string"}}}
GENERATE = ["generate", "--schemas", "schemas", "--output", "m", "--package", "m", "--watch"]


@contextmanager
def watching(folder):
    # What a shell starts in the background ignores Ctrl-C, and so does all that it starts.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", "get3w_codegen", *GENERATE],
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
    finally:
        signal.signal(signal.SIGINT, before)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def comes(path, text, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if path.exists() and text in path.read_text():
            return True
    return False


@pytest.mark.skipif(sys.platform == "win32", reason="a process gets no Ctrl-C there")
def test_package_follows_the_schemas(schemas, tmp_path):
    """A new schema becomes a module, a broken one is told and changes nothing, Ctrl-C ends it."""
    folder = schemas({"acme/fox": SCHEMA})

    with watching(tmp_path) as process:
        assert comes(tmp_path / "m/__init__.py", "submit_fox")
        schemas({"acme/owl": SCHEMA})
        assert comes(tmp_path / "m/__init__.py", "submit_owl")
        (folder / "acme/owl.json").write_text("{")
        while "left out: acme/owl" not in (line := process.stderr.readline()):
            assert line, "the command ended"
        (folder / "acme/owl.json").write_text(json.dumps({**SCHEMA, "description": "Hoots."}))
        assert comes(tmp_path / "m/owl.py", "Hoots.")
        process.send_signal(signal.SIGINT)
        _, said = process.communicate(timeout=30)

    assert 0 == process.returncode
    assert "Traceback" not in said


def test_watching_does_not_go_with_checking(run, schemas):
    """A command that writes nothing has nothing to watch for."""
    schemas({"acme/fox": SCHEMA})

    assert 2 == run(*GENERATE, "--check").returncode
