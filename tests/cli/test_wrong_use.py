"""Wrong use of every kind: status 2, words that help, and nothing sent."""

import pytest
from get3w_models import model_ids

from tests.cli.inputs import sample, schema_of, words_of

KLING = "kwaivgi/kling-v2.6-pro/image-to-video"


def _wrong_values(name, schema):
    """Yield words that a property does not take, for everything that its schema states."""
    option = f"--{name.replace('_', '-')}"
    kind = schema.get("type")
    if "enum" in schema:
        yield [option, "none of these"]
    if kind in {"integer", "number"}:
        yield [option, "many"]
        if "maximum" in schema:
            yield [option, str(schema["maximum"] + 1)]
        if "minimum" in schema:
            yield [option, str(schema["minimum"] - 1)]
    if kind == "integer":
        yield [option, "1.5"]
    if kind == "boolean":
        yield [option, "perhaps"]
    if kind == "string":
        if "maxLength" in schema:
            yield [option, "x" * (schema["maxLength"] + 1)]
        if "x-get3w-media" in schema:
            yield [option, "nothing.png"]
    if kind == "array" and "maxItems" in schema:
        value = words_of(name, [sample(schema)[0]])
        yield value * (schema["maxItems"] + 1)
    if kind == "array" and schema.get("items", {}).get("type") == "object":
        yield [option, '{"nobody-knows": 1}']
        yield [option, "{"]


def _cases():
    for model_id in model_ids():
        schema = schema_of(model_id)
        for name, each in schema["properties"].items():
            for words in _wrong_values(name, each):
                yield pytest.param(model_id, name, words, id=f"{model_id}-{' '.join(words)[:40]}")


CASES = list(_cases())


def _fill(schema, without):
    for name in schema.get("required", []):
        if name != without:
            yield from words_of(name, sample(schema["properties"][name]))


@pytest.mark.parametrize(("model_id", "name", "words"), CASES)
def test_a_wrong_value(inside, get3w_emulator, model_id, name, words):
    """A value that the schema does not allow is refused, with the option in the message."""
    done = inside("run", model_id, *_fill(schema_of(model_id), name), *words)

    assert (2, "") == (done.status, done.out)
    assert f"--{name.replace('_', '-')}" in done.err
    assert [] == get3w_emulator.ledger()


@pytest.mark.parametrize("model_id", model_ids())
def test_what_is_missing(inside, get3w_emulator, model_id):
    """A parameter that has to be given is named where it is not."""
    required = schema_of(model_id).get("required", [])
    done = inside("run", model_id)

    assert 2 == done.status or not required
    for name in required:
        assert f"--{name.replace('_', '-')}: Field required" in done.err
    assert not required or [] == get3w_emulator.ledger()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rum"], "Did you mean run?"),
        (["run"], "Name a model"),
        (["run", "--prompt", "x"], "get3w run MODEL --prompt"),
        (["run", "flux-dex"], "Did you mean"),
        (["run", "text-to-video"], "google/veo3.1/text-to-video"),
        (["run", "flux-dev", "--promt", "x"], "Did you mean --prompt?"),
        (["run", "flux-dev", "--prompt"], "expected one argument"),
        (["run", "flux-dev", "a lighthouse"], "a value follows its option"),
        (["run", "flux-dev", "--prompt", "x", "--zzz", "x"], "The parameters are --prompt"),
        (["run", "flux-dev", "--prompt", "x", "--wide", "1"], "--width"),
        (["run", KLING, "--sond"], "Did you mean --sound?"),
        (["run", KLING, "--no-sond"], "--no-sound"),
        (["run", KLING, "--duration", "11"], "'11' is none of 5, 10"),
        (["run", "flux-dev", "--prompt", "@nothing.txt"], "write @@"),
        (["run", "flux-dev", "--input", "nothing.json"], "cannot be read"),
        (["run", "flux-dev", "--prompt", "x", "--extra-body", "[]"], "takes a JSON object"),
        (["run", "flux-dev", "--prompt", "x", "--timeout", "-1"], "not a number from 0 on"),
        (["run", "flux-dev", "--prompt", "x", "--once", "--no-history"], "--once needs"),
        (["run", "flux-dev", "--prompt", "x", "--package", "nobody"], "--package"),
        (["run", "flux-dev", "--prompt", "x", "--package", "json"], "get3w-codegen"),
        (["run", "flux-dev", "--prompt", "x", "--webhook-url", "nowhere"], "webhook_url"),
        (["wait"], "ID"),
        (["result", "--surface", "v2", "x"], "v3"),
        (["usage", "--perod", "x"], "Did you mean --period?"),
        (["reconcile", "--forget"], "get3w reconcile ROW --forget"),
        (["reconcile", "77"], "has no submission"),
        (["completion", "tcsh"], "bash"),
    ],
)
def test_words_that_help(inside, get3w_emulator, words, said):
    """A mistake on the command line is status 2, and the message says what is meant."""
    done = inside(*words)

    assert (2, "") == (done.status, done.out), done.err
    assert said in done.err
    assert [] == get3w_emulator.ledger()


def test_a_mistake_as_json(inside):
    """With --json, a mistake is one object on stderr."""
    done = inside("run", "flux-dev", "--promt", "x", "--json")

    assert {"code", "message", "retryable", "prediction_id"} == {*done.error}
    assert ("usage", False) == (done.error["code"], done.error["retryable"])


def test_a_misspelt_name_in_a_file_of_input(inside, folder):
    """A name in --input that the schema does not know is refused with the nearest."""
    (folder / "input.json").write_text('{"promt": "x"}')
    done = inside("run", "flux-dev", "--input", "input.json")

    assert 2 == done.status
    assert "did you mean 'prompt'?" in done.err
