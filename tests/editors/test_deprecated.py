"""A model whose schema is marked as deprecated is struck out where it is used."""

import json

import pytest
from get3w_codegen.build.pipeline import Job, generate

from .servers import JEDI, SERVERS

STRUCK_OUT = 2
USE = "from old_models import submit_new, submit_old\n\nsubmit_new('x')\nsubmit_old('x')\n"


@pytest.fixture(scope="module")
def schemas(tmp_path_factory):
    """Two models, one of them deprecated."""
    folder = tmp_path_factory.mktemp("schemas")
    for name in ("old", "new"):
        schema = {
            "type": "object",
            "deprecated": name == "old",
            "properties": {"prompt": {"type": "string"}},
            "required": ["prompt"],
        }
        (folder / "acme").mkdir(exist_ok=True)
        (folder / "acme" / f"{name}.json").write_text(json.dumps(schema), encoding="utf-8")
    return folder


@pytest.mark.parametrize("server", [s for s in SERVERS if s.name != JEDI], ids=lambda s: s.name)
def test_deprecated_function_is_struck_out(installed, server, schemas, tmp_path):
    """The call of the deprecated function is tagged, that of the other is not."""
    generate(Job(schemas, tmp_path / "old_models", "old_models"))
    with server.start(installed, tmp_path) as started:
        uri = started.show("use_old.py", USE)
        tagged = {
            (each["range"]["start"]["line"], each["range"]["start"]["character"])
            for each in started.reported(uri)
            if STRUCK_OUT in each.get("tags", [])
        }

    assert {(3, 0)} == {place for place in tagged if place[0] > 0}


def test_deprecated_function_is_reported(installed, schemas, tmp_path):
    """Where pyright is strict, both the import and the call are errors by reportDeprecated."""
    generate(Job(schemas, tmp_path / "old_models", "old_models"))
    with SERVERS[0].start(installed, tmp_path) as started:
        uri = started.show("use_old.py", f"# pyright: strict\n{USE}")
        reported = [
            (each["range"]["start"]["line"], each["code"], "acme/old" in each["message"])
            for each in started.reported(uri)
        ]

    assert [(1, "reportDeprecated", True), (4, "reportDeprecated", True)] == reported
