"""Draft 7 as the official suite has it: generator, class and emulator read it alike."""

import importlib
import json
import sys
from pathlib import Path

import pytest
from get3w_emulator.schemas.catalogue import Model
from get3w_emulator.schemas.validation import compiled

from . import corpora
from .__main__ import PACKAGE, generate
from .agreement import accepts

SUITE = Path(__file__).parents[2].parent / "shared/corpus/json-schema-test-suite"

# What a keyword beside `$ref` says counts since 2019-09, and everything is read as 2020-12; what
# counts from where a file was fetched is not kept in one document.
READ_AS_2020 = ("ref-", "refremote-", "id-", "definitions-", "infinite-loop", "unknownkeyword-")

pytestmark = pytest.mark.skipif(not SUITE.is_dir(), reason="the suite is not beside the checkout")


def groups():
    """Yield name, schema and cases of each mandatory group."""
    remotes = {
        f"{corpora.REMOTE}{path.relative_to(SUITE / 'remotes').as_posix()}": json.loads(
            path.read_text(encoding="utf-8")
        )
        for path in sorted((SUITE / "remotes").rglob("*.json"))
    }
    for path in sorted((SUITE / "tests/draft7").glob("*.json")):
        for number, group in enumerate(json.loads(path.read_text(encoding="utf-8"))):
            name = f"suite/{path.stem.lower()}-{number}"
            yield name, corpora._wrapped(group["schema"], remotes), group["tests"]


def test_class_and_emulator_judge_draft_7_alike(tmp_path, monkeypatch):
    """Each case has one verdict; but for the named groups it is the suite's."""
    found = list(groups())
    refused = generate(tmp_path, {name: schema for name, schema, _ in found}, ["--open"])
    monkeypatch.syspath_prepend(tmp_path)
    models = importlib.import_module(PACKAGE)
    judged, different, wrong = 0, [], []

    for name, schema, cases in found:
        if name in refused:
            continue
        assert [] == Model(name, schema).faults()
        judge, request_class = compiled(schema, opened=True), models.request_class(name)
        for case in cases:
            body = {"x": case["data"]}
            taken = accepts(request_class, body)
            judged += 1
            different += [] if taken is judge.is_valid(body) else [(name, case["description"])]
            if taken is not case["valid"] and not name[6:].startswith(READ_AS_2020):
                wrong.append((name, case["description"]))
    for name in [name for name in sys.modules if name.partition(".")[0] == PACKAGE]:
        del sys.modules[name]

    elsewhere = "is not defined in the file"  # the schema of draft 7, and what is not bundled
    assert {} == {name: why for name, why in refused.items() if elsewhere not in str(why)}
    assert len(refused) < 12
    assert 700 < judged
    assert [] == different
    assert [] == wrong
