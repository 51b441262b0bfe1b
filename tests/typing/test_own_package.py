"""A package of one's own, from the installed wheel alone."""

import json
import sys

SCHEMA = {
    "type": "object",
    "properties": {
        "prompt": {"type": "string"},
        "width": {"type": "integer", "minimum": 64, "default": 512},
    },
    "required": ["prompt"],
}
PROGRAM = """
import get3w_core, get3w_codegen, my_models
from get3w_core import Client
from get3w_emulator import running
from pathlib import Path

with running(schemas=Path("my_schemas"), image_seconds=0) as emulator:
    with Client(emulator.api_key, emulator.url) as client:
        prediction = my_models.submit_fox("a fox", width=64, client=client).wait()
print(prediction.status, my_models.model_ids(), issubclass(
    my_models.FoxRequest, get3w_core.ModelRequest))
print(get3w_codegen.__file__, get3w_core.__file__, my_models.__file__, sep="\\n")
"""
PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "my-models"
version = "1.0"
dependencies = ["get3w-models"]

[tool.hatch.build.targets.wheel]
packages = ["src/my_models"]
"""


def test_own_package_is_made_installed_and_used(installed, command, tmp_path):
    """Schemas of one's own become a package that goes through the same core, like this one."""
    schema = tmp_path / "my_schemas/acme/fox.json"
    schema.parent.mkdir(parents=True)
    schema.write_text(json.dumps(SCHEMA))
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (codegen,) = installed.python.parent.glob("get3w-codegen*")

    made = command(
        *(codegen, "generate", "--schemas", "my_schemas"),
        *("--output", "src/my_models", "--package", "my_models"),
        cwd=tmp_path,
    )
    options = ("--quiet", "--no-deps", "--no-build-isolation", ".", "-w", "out")
    command(sys.executable, "-m", "pip", "wheel", *options, cwd=tmp_path)
    (wheel,) = (tmp_path / "out").glob("my_models*.whl")
    target = tmp_path / "site"
    command(
        *(sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"),
        *("--target", target, wheel),
        cwd=tmp_path,
    )
    # Run beside neither the sources nor the checkout.
    path = f"import sys; sys.path.insert(0, {str(target)!r})\n"
    done = command(installed.python, "-c", path + PROGRAM, cwd=tmp_path)

    assert "src/my_models: 1 model" in made.stdout
    first, *files = done.stdout.splitlines()
    assert "completed ('acme/fox',) True" == first
    assert [str(installed.packages)] * 2 == [
        file[: len(str(installed.packages))] for file in files[:2]
    ]
    assert files[2].startswith(str(target))
    assert (target / "my_models/py.typed").is_file()
