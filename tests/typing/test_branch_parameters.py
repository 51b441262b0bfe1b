"""What type checkers say of parameters that only branches of a schema list."""

import json
import re
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the checkers' paths are compared")

_SCHEMA = {
    "oneOf": [
        {
            "type": "object",
            "properties": {
                "model": {"const": "a1"},
                "prompt": {"type": "string", "description": "What."},
                "ratio": {"enum": ["1:1", "16:9"]},
                "tree": {"$ref": "#/$defs/Tree"},
            },
            "required": ["model", "prompt"],
        },
        {
            "type": "object",
            "properties": {"model": {"const": "b2"}, "prompt": {"type": "string"}, "seed": {}},
            "required": ["model", "prompt"],
            "additionalProperties": False,
        },
    ],
    "$defs": {
        "Tree": {
            "anyOf": [{"type": "string"}, {"type": "array", "items": {"$ref": "#/$defs/Tree"}}]
        }
    },
}

_RIGHT = """
submit_thing("a1", prompt="x", ratio="1:1", tree=["a", ["b", []]])
submit_thing("b2", prompt="x", seed=[1])
"""
_WRONG = (
    'submit_thing(model=3, prompt="x")',
    'submit_thing(model="c", prompt="x")',
    'submit_thing(model="a1")',
    'submit_thing(prompt="x")',
    'submit_thing(model="a1", prompt="x", ratio=[])',
    'submit_thing(model="a1", prompt="x", tree=["a", 3])',
    'ThingRequest(model="a1")',
)
_CHECKERS = {
    "mypy": ["mypy", "--strict", "--no-error-summary"],
    "pyright": ["pyright", "--pythonpath", sys.executable],
    "ty": ["ty", "check", "--python", sys.executable, "--output-format=concise"],
    "pyrefly": [
        *("pyrefly", "check", "--python-interpreter-path", sys.executable),
        "--output-format=min-text",
    ],
}


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """A folder with a generated package, and a program of right and wrong uses."""
    folder = tmp_path_factory.mktemp("branches")
    schema = folder / "schemas/acme/thing.json"
    schema.parent.mkdir(parents=True)
    schema.write_text(json.dumps(_SCHEMA), encoding="utf-8")
    command = [sys.executable, "-m", "get3w_codegen", "generate", "--package", "branch_models"]
    command += ["--schemas", str(folder / "schemas"), "--output", str(folder / "branch_models")]
    subprocess.run(command, check=True, capture_output=True)
    uses = "from branch_models import ThingRequest, submit_thing\n" + _RIGHT
    (folder / "uses.py").write_text(uses + "\n".join(_WRONG) + "\n", encoding="utf-8")
    (folder / "pyrightconfig.json").write_text('{"typeCheckingMode": "strict"}', encoding="utf-8")
    return folder


@pytest.mark.parametrize("checker", _CHECKERS)
def test_wrong_uses_are_reported_and_right_ones_are_not(project, checker):
    """A tag, a choice, a recursive union and required names are checked as if written plainly."""
    command = [sys.executable, "-m", *_CHECKERS[checker], "uses.py", "branch_models/thing.py"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)

    first = (project / "uses.py").read_text(encoding="utf-8").splitlines().index(_WRONG[0]) + 1
    reported = {
        (file, int(line))
        for file, line in re.findall(r"(\w+\.py):(\d+)[:-].*", done.stdout)
        if "note" not in file
    }
    assert {("uses.py", first + number) for number in range(len(_WRONG))} == reported, done.stdout
