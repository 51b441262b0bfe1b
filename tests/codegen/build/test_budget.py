"""A schema that asks for work without end is reported of, and costs its own model at most."""

import json
import time

import pytest
from get3w_codegen.budget import MOST_STEPS, counted_work
from get3w_codegen.build.workers import build
from get3w_codegen.jsonschema.located import place_in
from get3w_codegen.parse.load import Found


@pytest.fixture
def built(tmp_path):
    """Build a document; return what was made and the number of steps."""

    def built(document):
        path = tmp_path / "thing.json"
        path.write_text(json.dumps(document))
        with counted_work() as work:
            made = build(Found("acme/thing", "thing.json", path), "thing", opened=False)
        for problem in made.problems:
            assert problem.place == place_in(document, problem.place)
        return made, MOST_STEPS - work.left

    return built


def doubled(levels, twice):
    """Return a document in which each level refers to the next twice."""
    parts = {f"L{n}": twice({"$ref": f"#/$defs/L{n + 1}"}) for n in range(levels)}
    last = {"type": "object", "properties": {"a": {"type": "string"}}}
    return {
        "type": "object",
        "properties": {"p": {"$ref": "#/$defs/L0"}},
        "$defs": {**parts, f"L{levels}": last},
    }


TWICE = {
    "allOf": lambda ref: {"allOf": [ref, ref]},
    "anyOf": lambda ref: {"anyOf": [ref, ref]},
    "oneOf": lambda ref: {"oneOf": [ref, {"not": ref}]},
    "if": lambda ref: {"if": ref, "then": ref},
    "not": lambda ref: {"not": {"allOf": [ref, ref]}},
    "dependentSchemas": lambda ref: {"dependentSchemas": {"a": ref, "b": ref}},
    "beside": lambda ref: {**ref, "allOf": [ref]},
    "items": lambda ref: {"type": "array", "items": ref, "contains": ref},
    "patterns": lambda ref: {
        "type": "object",
        "properties": {"a": ref},
        "patternProperties": {"a": ref},
    },
}


@pytest.mark.parametrize("levels", [14, 24, 200])
@pytest.mark.parametrize("key", TWICE)
def test_doubled_references_are_refused(built, key, levels):
    """References that double on each level leave the model out, at once and with a place."""
    made, steps = built(doubled(levels, TWICE[key]))

    (problem,) = made.problems
    assert "" == made.source
    assert problem.place.startswith("/$defs/L")
    assert "5,000 is the limit" in problem.message
    assert steps < 10_000


@pytest.mark.parametrize("key", TWICE)
def test_a_few_levels_are_no_trouble(built, key):
    """What real schemas do is made as before."""
    made, _ = built(doubled(3, TWICE[key]))

    assert made.source


@pytest.mark.parametrize("levels", [12, 24])
def test_properties_that_double_are_bounded(built, levels):
    """Two properties of one type on each level are classes, or a problem with its place."""
    made, steps = built(doubled(levels, lambda ref: {"properties": {"a": ref, "b": ref}}))

    assert steps < MOST_STEPS + 100
    assert made.source or [True] == ["400,000" in each.message for each in made.problems]
    assert len(made.source) < 2_000_000


@pytest.mark.parametrize("number", [3, 9, 20])
@pytest.mark.parametrize("key", ["default", "examples"])
def test_values_of_definitions_that_refer_to_each_other(built, number, key):
    """A default beside many such definitions is checked, or left out with a warning."""
    names = [f"N{each}" for each in range(number)]
    node = {"type": "object", "properties": {name: {"$ref": f"#/$defs/{name}"} for name in names}}
    value = {} if key == "default" else [{}]
    document = {
        "type": "object",
        "properties": {"p": {"$ref": "#/$defs/N0", key: value}, "q": {"type": "string"}},
        "$defs": {name: {**node, "title": name} for name in names},
    }

    started = time.process_time()
    made, steps = built(document)

    assert made.source
    assert steps < MOST_STEPS
    assert time.process_time() - started < 20
    for problem in made.problems:
        assert ("warning", f"/properties/p/{key}") == (problem.level.value, problem.place)
