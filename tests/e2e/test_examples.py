"""The examples of docstrings: what the generator writes is run, never what stands in a file."""

import ast
import asyncio
import inspect
import os
import subprocess
import sys
from pathlib import Path

import get3w_models
import pytest
from get3w_codegen.model.lock import read_lock
from get3w_codegen.model.names import ModelName
from get3w_codegen.parse.load import look_through, read_schema
from get3w_codegen.parse.normalise import Normaliser
from get3w_codegen.render.docstrings import example
from get3w_core import AsyncPrediction, Prediction, set_default_client

ROOT = Path(__file__).parents[2]
SCHEMAS = ROOT / "schemas"
GOLDEN = ROOT / "tests/codegen/golden"
FOUND = {found.model_id: found for found in look_through(SCHEMAS)[0]}
# The width that a line of an example may have.
WIDTH = 92


def call_of(model_id, prefix="", suffix=""):
    """Return the lines of the example that the generator makes of a schema of this checkout."""
    name = ModelName(read_lock(SCHEMAS)[model_id])
    schema, _ = read_schema(FOUND[model_id])
    model = Normaliser(schema, name).model()
    return name, example(model, f"{prefix}submit_{name}{suffix}", WIDTH)


def shown_in(function):
    """Return the lines of the example in a docstring; they are compared and never run."""
    _, head, after = inspect.getdoc(function).partition("\nExample::\n\n")
    if not head:
        return []
    lines = after.split("\n")
    end = next(number for number, line in enumerate(lines) if line and line[0] != " ")
    return [line[4:] for line in lines[: end - 1]]


@pytest.mark.parametrize("model_id", FOUND)
def test_example_runs(client, model_id):
    """The docstring shows the generator's example, which the server accepts."""
    name, lines = call_of(model_id)
    assert lines
    assert lines == shown_in(getattr(get3w_models, f"submit_{name}"))
    set_default_client(client)
    names = {f"submit_{name}": getattr(get3w_models, f"submit_{name}")}

    exec("\n".join(lines), names)

    assert isinstance(names["prediction"], Prediction)
    assert "created" == names["prediction"].status


@pytest.mark.parametrize("model_id", FOUND)
def test_async_example_runs(connect, model_id):
    """The example is accepted with `await` and the function for async code as well."""
    name, lines = call_of(model_id, "await ", "_async")
    assert lines
    assert [] == shown_in(getattr(get3w_models, f"submit_{name}_async"))
    names = {f"submit_{name}_async": getattr(get3w_models, f"submit_{name}_async")}
    code = compile("\n".join(lines), "<example>", "exec", ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)

    async def run():
        async with connect() as client:
            set_default_client(client)
            await eval(code, names)
            set_default_client(None)

    asyncio.run(run())

    assert isinstance(names["prediction"], AsyncPrediction)


@pytest.mark.parametrize(
    "package", ["generated/get3w_models", "tests/codegen/golden/golden_models"]
)
def test_nothing_is_a_doctest(tmp_path, package):
    """`pytest --doctest-modules` finds nothing to run in a generated package."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    collect = "-m pytest --doctest-modules --collect-only -q --noconftest -c pytest.ini"
    done = subprocess.run(
        [
            sys.executable,
            *collect.split(),
            "-p",
            "no:cacheprovider",
            "--rootdir",
            str(tmp_path),
            str(ROOT / package),
        ],
        env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},  # they take seconds to load
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )

    assert (5, "") == (done.returncode, done.stderr), done.stdout
    assert "no tests" in done.stdout


def test_no_docstring_of_ours_is_a_doctest():
    """No file of the packages holds a prompt: whatever submits costs money."""
    folders = ("core", "codegen", "emulator", "testing", "examples", "generated")
    files = [path for folder in folders for path in (ROOT / folder).rglob("*.py")]
    prompts = [
        path
        for path in files
        for line in path.read_text("utf-8").splitlines()
        if line.lstrip().startswith(">>>")
    ]

    assert 200 < len(files)
    # This one makes prompts harmless, and has to name them.
    assert {ROOT / "codegen/get3w_codegen/text/docstrings.py"} >= set(prompts)
