"""Programs that are frozen (PyInstaller and the like) find every module of a package."""

import importlib.util
import os
import subprocess
import sys
from modulefinder import ModuleFinder
from pathlib import Path

import get3w_core
import get3w_models
import pytest

PROGRAM = """
import {package}
print(*{package}.model_ids())
print({package}.request_class({package}.model_ids()[0]).__name__)
from get3w_core import Client, ConnectionFailedError
from {package} import submit_{model}
try:
    submit_{model}("a lighthouse", client=Client("key", "http://127.0.0.1:9", submit_deadline=0))
except ConnectionFailedError:
    print("not sent")
"""
SCHEMA = {
    "type": "object",
    "properties": {"prompt": {"type": "string"}, "mask": {}, "image": {}},
    "required": ["prompt"],
    "if": {"required": ["mask"]},
    "then": {"required": ["image"]},
}


def parent(package):
    return str(Path(package.__file__).parents[1])


@pytest.fixture(params=["get3w_models", "own package"])
def package(request, build):
    """The package of the catalogue, and one that was generated for somebody's own models."""
    if request.param == "get3w_models":
        return get3w_models, "flux_dev"
    return build({"acme/thing": SCHEMA, "acme/other": SCHEMA}), "thing"


def test_every_module_is_imported_by_its_name(package, tmp_path):
    """A tool that reads the bytecode of a program, and runs nothing, finds all that it may need."""
    module, model = package
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(package=module.__name__, model=model))
    finder = ModuleFinder([parent(module), parent(get3w_core)])
    finder.run_script(str(program))

    for each in (module, get3w_core):
        folder = Path(each.__file__).parent
        names = {f"{each.__name__}.{path.stem}" for path in folder.glob("*.py")}
        assert set() == names - {f"{each.__name__}.__init__"} - finder.modules.keys()


@pytest.mark.skipif("GET3W_FREEZE" not in os.environ, reason="takes minutes; `make freeze` runs it")
@pytest.mark.skipif(not importlib.util.find_spec("PyInstaller"), reason="PyInstaller is not here")
def test_frozen_program_runs(package, tmp_path):
    """What PyInstaller makes of a program runs where nothing of ours is installed."""
    module, model = package
    (tmp_path / "program.py").write_text(PROGRAM.format(package=module.__name__, model=model))
    paths = [f"--paths={parent(each)}" for each in (module, get3w_core)]
    command = ["-m", "PyInstaller", "--onedir", "--noconfirm", "--log-level=ERROR", *paths]
    subprocess.run([sys.executable, *command, "program.py"], cwd=tmp_path, check=True)

    done = subprocess.run(
        [tmp_path / "dist/program/program"],
        cwd=tmp_path,
        env={key: value for key, value in os.environ.items() if key != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=False,
    )

    listed, named, end = done.stdout.splitlines() or ["", "", done.stderr]
    assert list(module.model_ids()) == listed.split()
    assert named.endswith("Request")
    assert "not sent" == end
