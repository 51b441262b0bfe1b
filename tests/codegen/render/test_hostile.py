"""Schemas that mean harm: nothing in them runs, and every value of them survives."""

import builtins
import doctest
import inspect
import keyword
import pydoc
from pathlib import Path

import pytest
from get3w_codegen.model.names import MODULE_NAMES
from get3w_core import ModelRequest
from get3w_core.request.wire import wire_body
from pydantic import BaseModel

RUN = "__import__('os').mkdir('ran')"

TEXTS = [
    f'"""\n{RUN}\n"""',
    f'""" + {RUN} + """',
    f"''' + {RUN} + '''",
    f'" + {RUN} + "',
    f"' + {RUN} + '",
    f'\\""" + {RUN} + """',
    f'\\"\n{RUN}\n#',
    f">>> {RUN}",
    f"Words.\n\n>>> {RUN}\n... {RUN}",
    f"`a\n>>> {RUN}\n`",
    f"\n{RUN}",
    f"\n    {RUN}\n",
    f"\r{RUN}\r",
    f"\x0c{RUN}",
    f"\x0b\x1c\x1d\x1e\x85\u2028\u2029{RUN}",
    f"a\x00\n{RUN}",
    f"{{{RUN}}}",
    f"{{{{ cycler.__init__.__globals__['os'].mkdir('ran') }}}}{{% raw %}}{RUN}",
    "{{ 7 * 7 }}{% endmacro %}{% endfor %}{# not closed",
    f"{{% set ran = {RUN} %}}",
    "${imports} $rows $$ %s %(name)s {0} {name!r}",
    "ends in a backslash \\",
    "ends in two \\\\",
    'ends in a quote "',
    'ends in three """',
    '\\"',
    "\\N{BULLET} \\x41 \\u0041 \\101 \\",
    "# type: ignore",
    "# fmt: off\n# noqa\n# pyright: basic",
    "# -*- coding: utf-7 -*-",
    "\ufeff",
    "\u202e\u2066 txet \u2069\u202c",
    "\u200b\u200d\u00ad",
    "\ud800",
    "\udfff\ud800 both",
    "\U0001f600 \U000e0041",
    "e\u0301 \u00e9 \ufb01",
    "",
    " ",
    "\t \n",
    "None",
    "True",
    "0",
    "x" * 300,
]
NAMES = [text for text in TEXTS if not any("\ud800" <= letter <= "\udfff" for letter in text)]
TAKEN = sorted(
    {
        *keyword.kwlist, *keyword.softkwlist, *dir(builtins), *dir(BaseModel), *dir(ModelRequest),
        *dir(type(BaseModel)), *MODULE_NAMES,
        *"client extra_body request self cls submit submit_async timeout".split(),
        *"ThingRequest submit_thing thing Thing _CONDITIONS __all__ __file__ __model__".split(),
        *"annotations mro field Field fields a A a_ A_ a-b a.b a_b a__b _a __a 1a".split(),
    }
)  # fmt: skip  # a table reads better in rows


def assert_sent_as_given(request_type, body):
    """What is read from the wire by its own names goes back there by the same."""
    assert body == wire_body(request_type.model_validate(body))


@pytest.fixture(autouse=True)
def nothing_runs(tmp_path, monkeypatch):
    """Stand where the code in the texts would make a folder, and see that it did not."""
    monkeypatch.chdir(tmp_path)
    yield
    assert not (tmp_path / "ran").exists()


def test_values_and_names_survive(request_type):
    """Every text is an enum value, a default, a constant and a name, and comes back unchanged."""
    properties = {f"e{number}": {"enum": [text, 1]} for number, text in enumerate(TEXTS)}
    properties |= {f"d{number}": {"default": text} for number, text in enumerate(TEXTS)}
    properties |= {f"c{number}": {"const": text} for number, text in enumerate(TEXTS)}
    properties |= {f"o{number}": {"const": {text: [text]}} for number, text in enumerate(NAMES)}
    properties |= {name: {"type": "string"} for name in NAMES}

    made = request_type(properties)

    empty = made()
    for number, text in enumerate(TEXTS):
        assert text == getattr(empty, f"d{number}"), text
        assert_sent_as_given(made, {f"e{number}": text})
        assert_sent_as_given(made, {f"c{number}": text})
    for number, name in enumerate(NAMES):
        assert_sent_as_given(made, {f"o{number}": {name: [name]}})
        assert_sent_as_given(made, {name: name})
    assert_sent_as_given(made, {f"e{number}": text for number, text in enumerate(TEXTS)})


def test_words_stay_words(build):
    """Wherever a schema has words for people they are shown, and nothing of them is run."""
    words = ("title", "description", "$comment", "x-source", "x-note", "x-model-type")
    schemas = {}
    for number, text in enumerate(TEXTS):
        said = {**dict.fromkeys(words, text), "examples": [text], "x-provenance": text}
        schemas[f"acme/m{number}"] = {
            **said,
            "type": "object",
            "x-base-price-usd": text,
            "x-order-properties": [text],
            "properties": {
                "plain": {**said, "type": "string"},
                "inner": {**said, "type": "object", "properties": {"a": {**said, "enum": [text]}}},
                "shared": {"$ref": "#/$defs/Shared"},
            },
            "$defs": {"Shared": {**said, "type": "object", "properties": {"a": {}}}},
        }

    package = build(schemas)

    for model_id in package.model_ids():
        module = inspect.getmodule(package.request_class(model_id))
        assert [] == [
            each for test in doctest.DocTestFinder().find(module) for each in test.examples
        ]
        made = package.request_class(model_id)
        shown = pydoc.render_doc(made, renderer=pydoc.plaintext)
        assert f"The input of {model_id}." in shown
        assert_sent_as_given(made, {"plain": "a", "shared": {"a": 1}})


def test_plain_text_is_shown_as_it_is(build):
    """All printable characters are kept in the docstring, quotes and braces included."""
    said = 'Use """three""", {braces}, {{ jinja }}, ${dollars}, %s and C:\\new\\table'

    package = build({"acme/thing": {"type": "object", "description": said}})

    assert said in package.submit_thing.__doc__


def test_megabyte_of_text_survives(request_type):
    """Size alone breaks nothing."""
    text = 'word "" \\ {{ ' * 80_000
    assert len(text) > 1_000_000

    made = request_type({"a": {"type": "string", "default": text, "description": text}})

    assert text == made().a
    assert_sent_as_given(made, {"a": text})


@pytest.mark.parametrize(
    "shape",
    [{"type": "string"}, {"type": "object", "properties": {"x": {"type": "string"}}}],
    ids=["strings", "objects"],
)
def test_no_name_is_taken(build, shape):
    """Keywords, builtins, and whatever Python and pydantic need for themselves can be properties.

    Each has a parameter of its own and its true name on the wire, alone and all at once.
    """
    value = "a" if shape["type"] == "string" else {"x": "a"}
    package = build({"acme/thing": {"type": "object", "properties": dict.fromkeys(TAKEN, shape)}})

    made = package.request_class("acme/thing")

    assert_sent_as_given(made, dict.fromkeys(TAKEN, value))
    for name in TAKEN:
        assert_sent_as_given(made, {name: value})
    parameters = inspect.signature(package.submit_thing).parameters
    assert len(TAKEN) == len(parameters.keys() - {"client", "webhook_url", "extra_body", "timeout"})


def test_definitions_may_have_any_name(request_type):
    """The name of a definition becomes that of a class, and hides nothing."""
    shape = {"type": "object", "properties": {"x": {"enum": ["y"]}}, "required": ["x"]}
    names = [*TAKEN, *(name for name in NAMES if name.isascii() and name.isprintable())]
    places = [name.replace("~", "~0").replace("/", "~1").replace("%", "%25") for name in names]

    made = request_type(
        {f"p{number}": {"$ref": f"#/$defs/{place}"} for number, place in enumerate(places)},
        **{"$defs": dict.fromkeys(names, shape)},
    )

    assert_sent_as_given(made, {f"p{number}": {"x": "y"} for number in range(len(names))})


def test_file_names_suit_every_system(build):
    """Ids that differ in case alone, name devices or are very long give distinct short files."""
    devices = {"aux", "con", "nul", "prn"}
    devices |= {f"{port}{number}" for port in ("com", "lpt") for number in range(10)}
    ids = ["a/Flux", "b/flux", "c/FLUX", "a/nul.txt", "b/LPT9", "con"]
    ids += [f"a/{name}" for name in devices]
    ids += [f"{'x' * 120}/{'y' * 120}/{'z' * 60}{end}" for end in ("1", "2")]

    package = build({model_id: {"type": "object"} for model_id in ids})

    assert sorted(ids) == list(package.model_ids())
    files = [path.name for path in Path(package.__file__).parent.glob("*.py")]
    assert len(ids) + 2 == len({name.lower() for name in files})
    assert not devices & {name.split(".")[0] for name in files}
    for model_id in ids:
        module = package.request_class(model_id).__module__.replace(".", "/")
        assert len(f"{module}.py") <= 100
        assert model_id == package.request_class(model_id).__model__.model_id


def test_stated_id_leads_nowhere(schemas, run, tmp_path):
    """Only the path decides where something is written, whatever a schema says of itself."""
    stated = ["../../etc/passwd", "/etc/passwd", "acme/m0\n", "", None, 7, ["acme/m6"], {}]
    odd = {f"acme/m{number}": {"x-model-id": value} for number, value in enumerate(stated)}
    schemas({**odd, "acme/good": {}})
    before = {path for path in tmp_path.rglob("*") if path.is_file()}

    done = run("generate", "--schemas", "schemas", "--output", "m", "--package", "m")

    assert 1 == done.returncode
    for model_id in odd:
        assert f"{model_id}.json at /x-model-id" in done.stderr
    written = {path for path in tmp_path.rglob("*") if path.is_file()} - before
    assert {"m/good.py", "m/__init__.py", "m/_index.py", "m/_manifest.txt", "m/py.typed"} | {
        "schemas/names.lock.json"
    } == {path.relative_to(tmp_path).as_posix() for path in written}
