"""The calls that the playground shows: named as the typed client names them, and they run."""

import json
import os
import shlex
import shutil
import subprocess
import sys
from importlib.util import find_spec

import httpx
import pytest
from get3w_codegen.__main__ import main as generate
from get3w_codegen.model import names as codegen_names
from get3w_emulator import running
from get3w_emulator.playground.calls import Call
from get3w_emulator.playground.names import (
    RESERVED,
    in_order,
    item_classes,
    model_name,
    parameter_names,
)
from get3w_emulator.playground.python import STYLES
from get3w_models import model_ids, request_class
from hypothesis import given
from hypothesis import strategies as st

# Each program waits for a prediction, so they wait together.
SIDE_BY_SIDE = """
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

programs = json.loads(Path(__file__).with_name("programs.json").read_text(encoding="utf-8"))
with ThreadPoolExecutor(len(programs)) as pool:
    list(pool.map(lambda program: exec(program, {}), programs))
"""
AWKWARD = 'it\'s "half" past\nnoon \\ $HOME `id` \u00e9 \U0001f600'


@pytest.fixture(scope="module")
def hasty():
    """An emulator whose predictions are done at once."""
    with running(image_seconds=0) as emulator:
        yield emulator


def sample(schema):
    """Return some value that a schema is likely to accept."""
    if "enum" in schema:
        return schema["enum"][-1]
    match schema.get("type"):
        case "string":
            return schema.get("default", "https://example.com/a.png")
        case "integer" | "number":
            return schema.get("minimum", schema.get("default", 1))
        case "boolean":
            return True
        case "array":
            return [sample(schema["items"])]
        case "object":
            return {name: sample(each) for name, each in schema["properties"].items()}
    raise AssertionError(schema)


def input_of(http, model, checked):
    """Return an input with as many parameters as the model takes at once."""
    properties, required = model.schema["properties"], model.schema.get("required", [])
    value = {name: sample(each) for name, each in properties.items()}
    if not checked(http, model.id, value)["problems"]:
        return value
    value = {name: sample(properties[name]) for name in required}
    for name, each in properties.items():
        more = {**value, name: sample(each)}
        if not checked(http, model.id, more)["problems"]:
            value = more
    return value


def test_names_are_those_of_the_client(catalogue):
    """Functions, parameters with their order, and classes are called as in the typed client."""
    for model_id in model_ids():
        made = request_class(model_id)
        schema = catalogue[model_id].schema
        names = parameter_names(schema["properties"])
        aliases = {field.alias or name: name for name, field in made.model_fields.items()}
        module = sys.modules[made.__module__]
        classes = {
            name
            for name in module.__all__
            if isinstance(each := getattr(module, name), type) and each is not made
        }

        assert aliases == names
        assert [*made.model_fields] == [names[wire] for wire in in_order(schema)]
        assert classes == {*item_classes(schema).values()}


def test_reserved_names_are_those_of_the_generator():
    """What gets a trailing underscore there gets one here."""
    assert codegen_names._RESERVED == RESERVED


@given(
    st.lists(st.sampled_from("a a_ class class_ 1 _a a.b a-b self client é ''".split()) | st.text())
)
def test_parameter_names_follow_the_generator(properties):
    """Any set of properties is named as the generator names it."""
    assert codegen_names.field_names({*properties}) == parameter_names({*properties})


@pytest.fixture(scope="module")
def shown(hasty, catalogue, checked):
    """The calls that are shown for some input of each model, by model, and what the page sent."""
    programs = {}
    hasty.reset()
    with httpx.Client(base_url=hasty.url, headers={"Authorization": "Bearer test-key"}) as http:
        for model in catalogue.values():
            value = input_of(http, model, checked)
            answer = checked(http, model.id, value, webhook_url="http://127.0.0.1:9/hook?a=1&b=2")
            sent = http.post(answer["request"]["path"], json=answer["request"]["body"])
            assert 200 == sent.status_code, (model.id, answer["problems"])
            assert answer["name_is_certain"]
            programs[model.id] = answer["calls"]
    by_page = {each.model: each.input for each in hasty.ledger()}
    assert {*programs} == {*by_page}
    return programs, by_page


@pytest.mark.parametrize("style", STYLES)
def test_python_of_every_model_runs(hasty, shown, tmp_path, style):
    """For each model, the program shown sends what the page itself sends, in each style."""
    programs, by_page = shown
    programs = {model_id: calls[style] for model_id, calls in programs.items()}
    hasty.reset()
    result = run_all(programs.values(), tmp_path, hasty)
    by_python = {each.model: each.input for each in hasty.ledger()}

    assert len(programs) == len(hasty.ledger())
    assert by_page == by_python
    assert max(map(len, by_page.values())) > 5
    assert len(programs) == len(result.stdout.splitlines()) == result.stdout.count("['")


def test_python_of_every_model_is_good_code(shown, tmp_path):
    """Neither a strict type checker nor a formatter has anything to say of a program shown."""
    for number, calls in enumerate(shown[0].values()):
        for style in STYLES:
            program = tmp_path / f"{style}_{number}.py"
            program.write_text(calls[style], encoding="utf-8")
    settings = {"typeCheckingMode": "strict", "extraPaths": sys.path}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(settings), encoding="utf-8")
    checked_types = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    report = json.loads(checked_types.stdout)
    formatting = ("format", "--isolated", "--line-length", "100", "--diff", ".")
    formatted = subprocess.run(
        [sys.executable, "-m", "ruff", *formatting],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert [] == report["generalDiagnostics"]
    assert len(STYLES) * len(shown[0]) == report["summary"]["filesAnalyzed"]
    assert "" == formatted.stdout


def run_all(programs, folder, emulator, *folders):
    """Run programs side by side."""
    runner = folder / "runner.py"
    runner.write_text(SIDE_BY_SIDE, encoding="utf-8")
    (folder / "programs.json").write_text(json.dumps([*programs]), encoding="utf-8")
    result = run([sys.executable, str(runner)], emulator, *folders)
    assert (0, "") == (result.returncode, result.stderr)
    return result


def run(command, emulator, *folders):
    env = {**os.environ, "GET3W_BASE_URL": emulator.url, "GET3W_API_KEY": emulator.api_key}
    env["PYTHONPATH"] = os.pathsep.join([*map(str, folders), *sys.path])
    return subprocess.run(
        command, env=env, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False
    )


def test_shown_calls_carry_any_text(hasty, checked, tmp_path):
    """Quotes, newlines and what a shell or Python would act on arrive as they were written."""
    values = [
        {"prompt": AWKWARD, "seed": -1},
        {"prompt": "'quoted'"},
        {"prompt": '"quoted"'},
        {"prompt": "x" * 300, "width": 10**15},
    ]
    with httpx.Client(base_url=hasty.url) as http:
        shown = [checked(http, "get3w/flux-dev", value) for value in values]
    hasty.reset()
    run_all([each["calls"]["python"] for each in shown], tmp_path, hasty)
    by_python = hasty.ledger()
    for each in shown if shutil.which("curl") and shutil.which("sh") else []:
        assert 0 == run(["sh", "-c", each["calls"]["curl"]], hasty).returncode
    by_curl = hasty.ledger()[len(values) :]

    assert sorted(map(json.dumps, values)) == sorted(json.dumps(each.input) for each in by_python)
    assert [each.input for each in by_curl] in ([], values)


THING = {
    "type": "object",
    "properties": {"class": {"type": "string"}, "copy": {"type": "integer"}},
}
ODD = {
    "type": "object",
    "properties": {
        "things": {"type": "array", "items": {"$ref": "#/$defs/thing"}},
        "class": {"anyOf": [{"type": "string"}, THING]},
        "own": {"type": "array", "items": THING},
        "labels": {"type": "object", "additionalProperties": {"type": "string"}},
        "boxes": {"type": "object", "additionalProperties": THING},
        "free": {},
        "twins": {"type": "array", "items": THING},
        "nest": {"type": "object", "properties": {"twins": {"type": "array", "items": THING}}},
        "client": THING,
    },
    "allOf": [{"properties": {"late": {"type": "integer"}}}],
    "$defs": {"thing": THING},
}


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    """An emulator of a model of the odder kind, and the folder that holds its typed client."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "schemas").mkdir()
    (folder / "schemas/odd.json").write_text(json.dumps(ODD), encoding="utf-8")
    where = ("--schemas", str(folder / "schemas"), "--output", str(folder / "get3w_models"))
    assert 0 == generate(["generate", *where, "--package", "get3w_models"])
    with running(schemas=folder / "schemas", image_seconds=0) as emulator:
        yield emulator, folder


def test_objects_of_any_kind_are_sent(odd, checked, tmp_path):
    """Where a class is the generator's secret, the program reads the input as it is sent."""
    emulator, folder = odd
    cases = [
        ({"things": [{"class": "x"}]}, 'OddRequest.model_validate({"things": [{"class": "x"}]})'),
        ({"class": {"copy": 1}}, 'OddRequest.model_validate({"class": {"copy": 1}})'),
        ({"class": "x"}, 'submit_odd(class_="x")'),
        ({"own": [{"class": "x", "copy": 2}]}, 'own=[OwnItem(class_="x", copy_=2)]'),
        ({"labels": {"class": "x"}}, 'submit_odd(labels={"class": "x"})'),
        ({"boxes": {"a": {"class": "x"}}}, "OddRequest.model_validate("),
        ({"free": [{"class": None}]}, 'submit_odd(free=[{"class": None}])'),
        ({"twins": [{"class": "x"}]}, "OddRequest.model_validate("),
        ({"client": {"copy": 1}}, 'OddRequest.model_validate({"client": {"copy": 1}})'),
        ({"late": 3}, 'OddRequest.model_validate({"late": 3})'),
        ({"free": {"text": "x" * 90}}, "x" * 90),
    ]
    with httpx.Client(base_url=emulator.url) as http:
        programs = [checked(http, "odd", value)["calls"]["python"] for value, _ in cases]
    run_all(programs, tmp_path, emulator, folder)
    inputs = [each.input for each in emulator.ledger()]

    for program, (_, words) in zip(programs, cases, strict=True):
        assert words in program
    assert sorted(json.dumps(value) for value, _ in cases) == sorted(map(json.dumps, inputs))


def test_no_command_is_shown_that_is_not_there(http, checked):
    """The command line is among the calls only where the command is installed."""
    calls = checked(http, "get3w/flux-dev", {"prompt": "x"})["calls"]

    assert (find_spec("get3w_cli") is not None) == ("command" in calls)


def test_command_quotes_what_a_shell_would_act_on(catalogue):
    """The command names the model and gives each parameter, texts as they are, others as JSON."""
    model, name = catalogue["get3w/flux-dev"], model_name("get3w/flux-dev", {})
    call = Call(model, name, {"prompt": "it's $HOME", "negative_prompt": "", "tags": ["a b", 1]})
    words = shlex.split(call.command())

    assert ["get3w", "run", "get3w/flux-dev", "--prompt", "it's $HOME"] == words[:5]
    assert ["--negative-prompt", "", "--tags", '["a b", 1]'] == words[5:]


def test_unknown_parameter_goes_the_way_out(http, checked):
    """What the schema does not list is shown as `extra_body`, which is where it can be sent."""
    answer = checked(http, "get3w/flux-dev", {"prompt": "x", "new": [1, None, {"a": True}]})

    assert 'extra_body={"new": [1, None, {"a": True}]},' in answer["calls"]["python"]


def test_model_of_v1_is_called_there(http, checked):
    """A model that is documented on v1 only is called on v1, its webhook in the query."""
    answer = checked(
        http, "google/nano-banana-pro/text-to-image", {"prompt": "x"}, webhook_url="http://h/?a&b"
    )

    assert {
        "path": "/v1/google/nano-banana-pro/text-to-image?webhook=http%3A%2F%2Fh%2F%3Fa%26b",
        "body": {"prompt": "x"},
        "result": "/v1/requests/",
    } == answer["request"]
