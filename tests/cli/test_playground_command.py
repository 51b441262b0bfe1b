"""The command that the emulator's page writes is one that the command line takes."""

import json
import shlex

import pytest
from get3w_cli.arguments.table import BY_NAME, RESERVED
from get3w_cli.commands.context import Context
from get3w_cli.commands.prepared import Prepared
from get3w_cli.output.printer import Printer
from get3w_emulator.playground.calls import COMMAND_OPTIONS, Call
from get3w_emulator.playground.names import ModelName
from get3w_emulator.schemas.catalogue import Model
from get3w_models import model_ids

from tests.cli.inputs import sample, schema_of

AWKWARD = 'it\'s "half" past\nnoon \\ $HOME `id` é 😀'


def read(command, folder):
    """Return the input that the words of a command stand for, as a shell would give them."""
    words = shlex.split(command)
    if words[0] == "printf":
        assert ["printf", "%s", words[2], "|", "get3w", "run"] == words[:6]
        assert ["--input", "-"] == words[-2:]
        (folder / "input.json").write_text(words[2], "utf-8")
        words = [*words[4:-1], str(folder / "input.json")]
    assert ["get3w", "run"] == words[:2]
    prepared = Prepared(Context(BY_NAME["run"], words[2:], Printer(as_json=True)))
    return prepared.model.id, prepared.body


def call(model_id, schema, value):
    return Call(Model(model_id, schema), ModelName("some_model", locked=True), value)


def test_the_options_of_the_command_are_known_to_the_page():
    """A parameter that is called as an option of the command itself is written otherwise."""
    assert RESERVED == COMMAND_OPTIONS


@pytest.mark.parametrize("model_id", model_ids())
def test_every_model(model_id, tmp_path):
    """The command reads back as the input that the page had."""
    schema = schema_of(model_id)
    value = {name: sample(each) for name, each in schema["properties"].items()}
    value = json.loads(json.dumps(value).replace("lighthouse.png", "https://example.com/a.png"))

    assert (model_id, value) == read(call(model_id, schema, value).command(), tmp_path)


@pytest.mark.parametrize(
    "text", [AWKWARD, "@file", "-", "--width", "", "null", "5", "[1]", "true", "@@"]
)
def test_every_text(tmp_path, text):
    """Also a text that begins as a file, an option or another kind of value does."""
    schema = schema_of("get3w/flux-dev")
    command = call("get3w/flux-dev", schema, {"prompt": text}).command()

    assert ("get3w/flux-dev", {"prompt": text}) == read(command, tmp_path)
