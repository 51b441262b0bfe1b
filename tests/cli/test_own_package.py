"""Other generated packages: named by an option or the environment, with parameters of any name."""

import json

import pytest
from get3w_cli.arguments.parameters import model_options
from get3w_cli.package.index import open_package
from get3w_cli.package.source import read_source
from get3w_codegen.__main__ import main as codegen
from get3w_core import set_default_client
from get3w_emulator import running

# Names that are options of the command, names that differ in a dash alone, and others that are odd.
NAMES = "timeout input json once help download a_b a-b no_a_b class 3d".split()
TEXT = {"type": "string"}


@pytest.fixture(scope="module")
def schemas(tmp_path_factory):
    """A folder of schemas of somebody's own."""
    folder = tmp_path_factory.mktemp("own") / "schemas"
    (folder / "acme").mkdir(parents=True)
    names = {**dict.fromkeys(NAMES, TEXT), "odd name": TEXT}
    odd = {"type": "object", "properties": names}
    (folder / "acme/odd.json").write_text(json.dumps(odd), "utf-8")
    values = {
        "either": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        "nullable": {"type": ["string", "null"]},
        "anything": {},
        "numbers": {"type": "array", "items": {"type": "number"}},
        "rows": {"type": "array", "items": {"type": "array", "items": {"type": "integer"}}},
        "table": {"type": "object", "additionalProperties": {"type": "integer"}},
        "flag": {"enum": [0, 1]},
        "mixed": {"enum": ["auto", 2, True, None]},
        "picture": {"type": "string", "x-get3w-media": "image"},
        "scenes": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"picture": {"type": "string", "x-get3w-media": "image"}},
            },
        },
        "sound": {"type": "boolean"},
        "prompt": TEXT,
    }
    schema = {"type": "object", "properties": values}
    (folder / "acme/values.json").write_text(json.dumps(schema), "utf-8")
    return folder


@pytest.fixture(scope="module")
def package(schemas):
    """A package that was generated from them; its parent folder is to be importable."""
    folder = schemas.parent / "acme_models"
    words = ["--schemas", str(schemas), "--output", str(folder), "--package", "acme_models"]
    assert 0 == codegen(["generate", *words])
    return folder.parent


@pytest.fixture(scope="module")
def own_emulator(schemas):
    """An emulator of these schemas."""
    with running(schemas=schemas, image_seconds=0) as emulator:
        yield emulator


@pytest.fixture
def own(inside, package, own_emulator, monkeypatch):
    """Run a command with that package and that emulator."""
    own_emulator.reset()
    monkeypatch.syspath_prepend(str(package))
    monkeypatch.setenv("GET3W_MODELS_PACKAGE", "acme_models")
    monkeypatch.setenv("GET3W_BASE_URL", own_emulator.url)
    monkeypatch.setenv("GET3W_API_KEY", own_emulator.api_key)
    yield inside
    set_default_client(None)


def test_an_option_names_the_package_too(own, monkeypatch):
    """--package takes precedence over the environment."""
    monkeypatch.setenv("GET3W_MODELS_PACKAGE", "nobody")

    assert ["acme/odd", "acme/values"] == [
        row["id"] for row in own("models", "--package", "acme_models", "--json").rows
    ]


def test_every_name_has_an_option(own, own_emulator, package):
    """Whatever a parameter is called, there is an option for it, and no two share one."""
    options = model_options(read_source(open_package(None).find("odd")).parameters)
    words = [word for each in options for word in (each.name, each.parameter.wire_name)]
    done = own("run", "odd", *words)

    assert 0 == done.status, done.err
    assert len(NAMES) + 1 == len({each.name for each in options})
    assert {"--param-timeout", "--param-once", "--a-b", "--class"} <= {*words}
    [task] = own_emulator.ledger()
    assert {name: name for name in [*NAMES, "odd name"]} == task.input


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["--either", "5"], {"either": 5}),
        (["--either", "five"], {"either": "five"}),
        (["--nullable", "null"], {"nullable": None}),
        (["--nullable", "x"], {"nullable": "x"}),
        (["--anything", '{"a": [1]}'], {"anything": {"a": [1]}}),
        (["--anything", "words"], {"anything": "words"}),
        (["--numbers", "1", "--numbers", "-2.5"], {"numbers": [1, -2.5]}),
        (["--numbers", "[1, 2]"], {"numbers": [1, 2]}),
        (["--rows", "[[1, 2], [3]]"], {"rows": [[1, 2], [3]]}),
        (["--table", '{"a": 1}'], {"table": {"a": 1}}),
        (["--table", "@table.json"], {"table": {"a": 1}}),
        (["--flag", "0"], {"flag": 0}),
        (["--mixed", "true"], {"mixed": True}),
        (["--mixed", "2"], {"mixed": 2}),
        (["--mixed", "null"], {"mixed": None}),
        (["--sound"], {"sound": True}),
        (["--no-sound"], {"sound": False}),
        (["--sound=false"], {"sound": False}),
        (["--sound", "true"], {"sound": True}),
        (["--prompt", "--odd"], {"prompt": "--odd"}),
        (["--prompt=-1"], {"prompt": "-1"}),
        (["--prompt", ""], {"prompt": ""}),
        (["--prompt", "@prompt.txt"], {"prompt": "two\nlines"}),
        (["--prompt", "@@prompt.txt"], {"prompt": "@prompt.txt"}),
        (["--prompt", "one", "--prompt", "two"], {"prompt": "two"}),
        (["--input", "input.json"], {"prompt": "from a file", "sound": True}),
        (["--input", "input.json", "--prompt", "x"], {"prompt": "x", "sound": True}),
        (["--prompt", "x", "--json"], {"prompt": "x"}),
    ],
)
def test_every_kind_of_value(own, own_emulator, folder, words, value):
    """A text of the command line is read as what the parameter takes."""
    (folder / "table.json").write_text('{"a": 1}')
    (folder / "prompt.txt").write_text("two\nlines")
    (folder / "input.json").write_text('{"prompt": "from a file", "sound": true}')
    done = own("run", "acme/values", *words)

    assert 0 == done.status, done.err
    [task] = own_emulator.ledger()
    # As texts, since true is no 1.
    assert json.dumps(value, sort_keys=True) == json.dumps(task.input, sort_keys=True)


def test_files_inside_objects(own, own_emulator):
    """A file is uploaded wherever it stands, and each once."""
    scene = json.dumps({"picture": "lighthouse.png"})
    words = ["--picture", "lighthouse.png", "--scenes", scene, "--scenes", '{"picture": "x.png"}']
    missing = own("run", "acme/values", *words)
    done = own("run", "acme/values", *words[:4])
    [task] = own_emulator.ledger()

    assert 2 == missing.status
    assert "--scenes.picture: there is no file 'x.png' here" in missing.err
    assert 0 == done.status, done.err
    assert task.input["picture"] == task.input["scenes"][0]["picture"]
    assert task.input["picture"].startswith(own_emulator.url)
    assert 1 == done.err.count("Uploading")


def test_standard_input(get3w, get3w_emulator):
    """A dash is the standard input: for a text, and for the whole input."""
    get3w("submit", "flux-dev", "--prompt", "-", stdin="from a pipe")
    get3w("submit", "flux-dev", "--input", "-", stdin='{"prompt": "as JSON"}')

    assert ["from a pipe", "as JSON"] == [task.input["prompt"] for task in get3w_emulator.ledger()]
