import contextlib
import importlib
import io
import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest
from get3w_codegen.__main__ import main
from get3w_codegen.build.pipeline import Job, generate
from get3w_codegen.parse.load import look_through, read_schema

_NUMBERS = itertools.count()


def write_schemas(folder, schemas):
    """Write each schema, a dict or a raw text or bytes, at the path of its model id."""
    for model_id, schema in schemas.items():
        path = folder / f"{model_id}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        text = schema if isinstance(schema, str | bytes) else json.dumps(schema)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
    return folder


@pytest.fixture
def schemas(tmp_path):
    """Write schemas into a folder of this test's own and return the folder."""
    return lambda schemas: write_schemas(tmp_path / "schemas", schemas)


@pytest.fixture
def build(tmp_path, monkeypatch, schemas):
    """Generate a package from inline schemas and import it."""

    def build(inline, **options):
        name = f"built_{next(_NUMBERS)}_models"
        root = tmp_path / "packages"
        generate(Job(schemas(inline), root / name, name, **options))
        monkeypatch.syspath_prepend(root)
        importlib.invalidate_caches()
        return importlib.import_module(name)

    return build


@pytest.fixture
def request_type(build):
    """Generate the request class of one model from its properties, or from a whole schema."""

    def request_type(properties=None, *, open_=False, **keywords):
        schema = {"type": "object", "properties": properties or {}, **keywords}
        return build({"acme/thing": schema}, open=open_).request_class("acme/thing")

    return request_type


@pytest.fixture
def process(tmp_path):
    """Run the command in a process of its own."""

    def process(*arguments, **options):
        return subprocess.run(
            [sys.executable, "-m", "get3w_codegen", *map(str, arguments)],
            capture_output=True,
            text=True,
            check=False,
            cwd=options.pop("cwd", tmp_path),
            **options,
        )

    return process


@pytest.fixture
def run(process, tmp_path):
    """Run the command in this process, which spares a second of imports.

    With options that need one, such as `env`, it gets a process of its own.
    """

    def run(*arguments, cwd=tmp_path, **options):
        if options:
            return process(*arguments, cwd=cwd, **options)
        arguments = [str(each) for each in arguments]
        out, err = io.StringIO(), io.StringIO()
        with (
            contextlib.chdir(cwd),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            try:
                status = main(arguments)
            except SystemExit as end:  # argparse refused them, or showed its help
                status = end.code
        return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())

    return run


@pytest.fixture
def problems_of(schemas):
    """Return what is reported of a schema, each as level, place, message and remedy."""

    def problems_of(schema, **options):
        (found,), _ = look_through(schemas({"acme/thing": schema}))
        _, problems = read_schema(found, **options)
        return [
            (problem.level.value, problem.place, problem.message, problem.remedy)
            for problem in problems
        ]

    return problems_of


@pytest.fixture(scope="session")
def checkout():
    return Path(__file__).parents[2]
