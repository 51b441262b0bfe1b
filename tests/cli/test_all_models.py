"""All models run from the command line, with an input made from the schema."""

import json

import pytest
from get3w_models import model_ids

from tests.cli.inputs import sample, schema_of, words_of

MODELS = model_ids()


def _full(schema):
    return {name: sample(each) for name, each in schema["properties"].items()}


def _required(schema):
    return {name: sample(schema["properties"][name]) for name in schema.get("required", [])}


@pytest.mark.parametrize("model_id", MODELS)
def test_model_runs_with_options(inside, get3w_emulator, model_id):
    """Each parameter is given as an option: as many as the schema takes at once."""
    schema = schema_of(model_id)
    given = _required(schema)
    for name, value in _full(schema).items():
        more = {**given, name: value}
        words = [word for pair in more.items() for word in words_of(*pair)]
        if 0 == inside("estimate", model_id, *words).status:
            given = more
    words = [word for pair in given.items() for word in words_of(*pair)]
    done = inside("submit", model_id, *words)

    assert 0 == done.status, done.err
    [task] = get3w_emulator.ledger()
    assert (model_id, {*given}) == (task.model, {*task.input})
    assert "lighthouse.png" not in json.dumps(task.input).replace('"a lighthouse', "")
    assert _required(schema).keys() <= given.keys()
    assert len(given) >= min(2, len(schema["properties"]))


@pytest.mark.parametrize("model_id", MODELS)
def test_model_runs_with_a_file_of_input(inside, folder, get3w_emulator, model_id):
    """The same input from a file of JSON comes to the same."""
    given = _required(schema_of(model_id))
    (folder / "input.json").write_text(json.dumps(given), "utf-8")
    done = inside("submit", model_id, "--input", "input.json")

    assert 0 == done.status, done.err
    [task] = get3w_emulator.ledger()
    assert {*given} == {*task.input}
