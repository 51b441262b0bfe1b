"""Runs that are cut short: the package stays whole, and the next run brings it up to date."""

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from get3w_codegen.__main__ import main

IMPORT_ALL = (
    "import models; [models.request_class(model_id) for model_id in models.model_ids()];"
    "[getattr(models, name) for name in dir(models)]; print(*models.model_ids())"
)
MODELS = 20


def schema(*names):
    return {"type": "object", "properties": {name: {"type": "string"} for name in names}}


OLD = {f"acme/m{number}": schema("a") for number in range(MODELS)}
NEW = {f"acme/m{number}": schema("a", "b") for number in range(MODELS // 2, 2 * MODELS)}


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture(scope="module")
def states(tmp_path_factory):
    """A generated package, the schemas that come next, and the package that they give."""
    root = tmp_path_factory.mktemp("states")
    for name, schemas in (("old", OLD), ("new", NEW)):
        folder = root / name
        if name == "new":
            shutil.copytree(root / "old", folder)
            shutil.rmtree(folder / "schemas/acme")
        for model_id, document in schemas.items():
            path = folder / f"schemas/{model_id}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps(document))
        assert 0 == main(arguments(folder))
    return root


def arguments(folder):
    places = ("--schemas", str(folder / "schemas"), "--output", str(folder / "models"))
    return ["generate", *places, "--package", "models"]


def command(folder):
    return [sys.executable, "-m", "get3w_codegen", *arguments(folder)]


@pytest.fixture
def folder(states, tmp_path):
    """The old package beside the new schemas."""
    shutil.copytree(states / "old/models", tmp_path / "work/models")
    shutil.copytree(states / "new/schemas", tmp_path / "work/schemas")
    shutil.copy(states / "old/schemas/names.lock.json", tmp_path / "work/schemas")
    return tmp_path / "work"


def assert_whole_and_repairable(folder, states):
    """Every file is the old one or the new one, all that is listed loads, the next run ends it."""
    old, new = contents(states / "old/models"), contents(states / "new/models")
    for name, content in contents(folder / "models").items():
        assert content in (old.get(name), new.get(name)) or name.startswith(".get3w-codegen-"), name
    loaded = subprocess.run(
        [sys.executable, "-B", "-c", IMPORT_ALL],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 0 == loaded.returncode, loaded.stderr
    assert set(loaded.stdout.split()) in ({*OLD}, {*NEW})

    # In this process, which has the generator loaded.
    assert 0 == main(arguments(folder))
    assert contents(states / "new") == contents(folder)


def changed(folder, before):
    """Count the files that are not as they were, without reading them."""
    count = 0
    for parent in (folder / "models", folder / "schemas"):
        with os.scandir(parent) as entries:
            count += sum(before.get(entry.name) != entry.inode() for entry in entries)
    return count


@pytest.mark.parametrize("turn", range(4))
def test_killed_run_leaves_a_whole_package(folder, states, turn):
    """SIGKILL while files are written leaves the old or the new of each, and all names load."""
    before = {
        entry.name: entry.inode()
        for parent in ("models", "schemas")
        for entry in os.scandir(folder / parent)
    }
    # A part of the files each turn, so that every stage of the writing is cut: lock, modules,
    # tables, removals.
    enough = 1 + random.randrange(turn * 12, turn * 12 + 12)
    end = time.monotonic() + 60
    with subprocess.Popen(command(folder), stdout=subprocess.DEVNULL) as running:
        while running.poll() is None and changed(folder, before) < enough:
            assert time.monotonic() < end
        running.kill()

    assert_whole_and_repairable(folder, states)


@pytest.mark.parametrize("turn", range(2))
def test_kill_before_writing_changes_nothing(folder, states, turn):
    """Whatever comes before the writing leaves no trace in the package."""
    start = random.uniform(0, 0.4)
    with subprocess.Popen(command(folder), stdout=subprocess.DEVNULL) as running:
        try:
            running.wait(start)
        except subprocess.TimeoutExpired:
            running.kill()

    assert_whole_and_repairable(folder, states)


def test_killed_run_takes_its_processes_with_it(tmp_path):
    """The processes that build for a run do not outlive it, even where it could not end them."""
    for number in range(300):
        (tmp_path / f"schemas/acme/m{number}.json").parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / f"schemas/acme/m{number}.json").write_text("{}")
    end = time.monotonic() + 60
    with subprocess.Popen(command(tmp_path), stdout=subprocess.PIPE) as running:
        children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
        if not children.exists():
            running.kill()
            pytest.skip("needs Linux to see the processes of a process")
        while running.poll() is None and len(children.read_text().split()) < 2:
            assert time.monotonic() < end
        if running.poll() is not None:
            pytest.skip("one core is not worth other processes")
        running.kill()

        # They hold the other end of the pipe as long as they live.
        running.communicate(timeout=30)


@pytest.mark.parametrize("stopped_at", ["scratch", "tables"])
def test_full_disk_leaves_a_whole_package(folder, states, stopped_at):
    """Where the disk takes no more it is reported in one line, and nothing is left half written."""
    module = max(path.stat().st_size for path in (states / "new/models").glob("m*.py"))
    size = {"scratch": 500, "tables": module + 500}[stopped_at]
    assert size < (states / "new/models/__init__.py").stat().st_size
    limit = partial(resource.setrlimit, resource.RLIMIT_FSIZE, (size, size))

    stopped = subprocess.run(
        command(folder), capture_output=True, text=True, check=False, preexec_fn=limit
    )

    assert 1 == stopped.returncode
    assert "File too large" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert_whole_and_repairable(folder, states)


def test_traces_of_killed_runs_are_removed(folder, states):
    """A file that was not yet in its place is removed by the next run, and nobody else's is."""
    for place in ("models", "schemas"):
        (folder / place / ".get3w-codegen-x1y2").write_text("half a fi")
    (folder / "schemas/.notes").write_text("mine")

    assert 0 == main(arguments(folder))
    assert {"schemas/.notes": b"mine"} | contents(states / "new") == contents(folder)


def test_read_only_folder_is_reported(folder, states):
    """A folder that may not be written into is named, and stays as it is."""
    obeying = []
    if os.geteuid() == 0:
        if not shutil.which("setpriv"):
            pytest.skip("root may write everywhere, and there is no setpriv to take that away")
        obeying = ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]
    before = contents(folder / "models")
    (folder / "models").chmod(0o555)

    stopped = subprocess.run(
        [*obeying, *command(folder)], capture_output=True, text=True, check=False
    )

    (folder / "models").chmod(0o755)
    assert 1 == stopped.returncode
    assert f"Cannot write {folder / 'models'}" in stopped.stderr
    assert "Permission denied" in stopped.stderr
    assert before == contents(folder / "models")
    assert_whole_and_repairable(folder, states)
