"""A bounded part of what `make fidelity` compares: classes and schemas come to one verdict."""

import importlib
import json
import random
import sys
from collections import Counter
from pathlib import Path

import pytest
from get3w_emulator.schemas.validation import compiled

from . import corpora, drawn
from .__main__ import PACKAGE, generate
from .agreement import accepts, compare
from .bodies import Bodies
from .official import forget
from .ruled import rule_of

CORPUS = Path(__file__).parents[2].parent / "shared/corpus"
needs_corpus = pytest.mark.skipif(
    not CORPUS.is_dir(), reason="the corpora are not beside the checkout"
)


@pytest.fixture
def package(tmp_path):
    """Generate a package of schemas in a folder of its own, and give it with what was left out."""

    def make(schemas, *options):
        refused = generate(tmp_path, schemas, list(options))
        sys.path.insert(0, str(tmp_path))
        return importlib.import_module(PACKAGE), refused

    yield make
    sys.path.remove(str(tmp_path))
    forget(PACKAGE)


@pytest.mark.parametrize("options", [(), ("--open",)], ids=["closed", "open"])
def test_schemas_that_nobody_would_write(package, options):
    """Every keyword beside every other: the class takes what the library takes."""
    schemas = drawn.schemas(120, seed=20)
    models, refused = package(schemas, *options)
    verdicts, different = Counter(), []

    for name, schema in schemas.items():
        judge, request_class = compiled(schema, opened=bool(options)), models.request_class(name)
        for probe in drawn.PROBES:
            expected, actual = judge.is_valid({"x": probe}), accepts(request_class, {"x": probe})
            verdicts[expected] += 1
            different += [(name, probe, expected, actual)] if expected is not actual else []

    assert {} == refused
    assert [] == different
    assert min(verdicts.values()) > 500


@needs_corpus
@pytest.mark.parametrize("corpus", ["fal", "replicate", "catalogue/models.json"])
def test_schemas_of_real_platforms(package, tmp_path, corpus):
    """Mutants of a few real schemas are judged alike, and hardly one needs a compiled rule."""
    every = corpora.read(CORPUS / corpus)
    chosen = random.Random(corpus).sample(sorted(every), 12)
    models, refused = package({name: every[name] for name in chosen})

    verdicts = [
        compare((str(tmp_path), PACKAGE, name, every[name], False, 120, 20)) for name in chosen
    ]

    assert {} == refused
    assert [] == [each for verdict in verdicts for each in verdict.different]
    assert all(verdict.example for verdict in verdicts)
    assert sum(verdict.judged.total() for verdict in verdicts) > 1000
    assert sum(rule_of(models.request_class(name)) is not None for name in chosen) <= 2


def test_a_wrong_class_is_noticed(package, tmp_path):
    """The comparison fails for a class that takes too much."""
    schema = {"type": "object", "properties": {"x": {"type": "integer", "maximum": 4}}}
    package({"a/b": schema})
    wider = {"type": "object", "properties": {"x": {"type": "integer", "maximum": 3}}}

    verdict = compare((str(tmp_path), PACKAGE, "a/b", wider, False, 100, 0))

    assert ("maximum", False, True, {"x": 4}) in verdict.different


def test_bodies_of_a_schema_with_huge_bounds_are_small():
    """A bound in the millions is not tried: the tool needs no memory that the schema decides."""
    huge = {"minLength": 1, "maxLength": 16_777_216, "type": "string"}
    many = {"type": "array", "items": {"type": "integer"}, "maxItems": 10**9}
    schema = {"type": "object", "properties": {"text": huge, "list": many}, "required": ["text"]}
    schema["properties"]["long"] = {"type": "string", "minLength": 10**9}

    drawn = Bodies(schema, "a/b")
    examples = drawn.examples(lambda _: True)
    sizes = [len(json.dumps(body)) for _, body in drawn.mutants(examples, 10**6, 100)]

    assert len(sizes) > 100
    assert max(sizes) < 200_000
