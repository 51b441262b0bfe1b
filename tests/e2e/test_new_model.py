"""A model more, and one that Get3W turns out to list, leave every test of a checkout green."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What reads the catalogue as a whole, and, of what goes model by model, those that changed.
TESTS = ("tests/generated", "tests/testing/test_plugin.py", "tests/test_layout.py")
CHOSEN = "fox or veo3 or test_facade or test_conditions or wired or test_layout"
FOLDERS = "batch cli codegen core docs emulator generated schemas testing tests".split()
PACKAGES = ("core", "codegen", "cli", "batch")
NEW = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "x-model-id": "acme/fox/text-to-image",
    "x-provenance": "get3w-models-list",
    "type": "object",
    "properties": {
        "prompt": {"type": "string", "description": "What to draw."},
        "steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20},
    },
    "required": ["prompt"],
}


def run(folder, *command):
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={"PYTHONPATH": ":".join(str(folder / each) for each in PACKAGES)},
        capture_output=True,
        text=True,
    )
    assert 0 == done.returncode, done.stdout[-3000:] + done.stderr[-1000:]
    return done.stdout


@pytest.fixture
def checkout(tmp_path):
    """Return a copy of what is in this checkout, as a clone would be."""
    copy = tmp_path / "checkout"
    copy.mkdir()
    for name in FOLDERS:
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for path in ROOT.iterdir():
        if path.is_file():
            shutil.copy(path, copy)
    return copy


def test_catalogue_can_grow(checkout):
    """After `generate` and `page` the tests pass as they are: none counts the models."""
    new = checkout / "schemas/acme/fox/text-to-image.json"
    new.parent.mkdir(parents=True)
    new.write_text(json.dumps(NEW), encoding="utf-8")
    listed = checkout / "schemas/google/veo3.json"
    schema = json.loads(listed.read_text(encoding="utf-8"))
    listed.write_text(json.dumps({**schema, "x-get3w-listed": True}), encoding="utf-8")

    package = ("--output", "generated/get3w_models", "--package", "get3w_models")
    run(checkout, "get3w_codegen", "generate", "--schemas", "schemas", *package)
    run(checkout, "get3w_codegen", "page")

    options = ("-q", "-p", "no:cacheprovider", "-k", CHOSEN)
    assert " passed" in run(checkout, "pytest", *options, *TESTS)
