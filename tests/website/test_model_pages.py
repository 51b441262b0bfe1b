"""The page of a model: says what its schema says, and its calls run."""

import json
import os
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser

import markdown
import pytest
from get3w_emulator.schemas.catalogue import Model, load
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tests.codegen.hostile_text import TEXT
from tests.website.conftest import ROOT, SAMPLE
from website.markdown_pages import broken, title
from website.model_page import ORIGIN, example_input, fenced, model_page
from website.models import write_model_pages
from website.parameters import parameters

BLOCK = re.compile(r"^```(python|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
STRINGS = {"type": "string"}


def page_of(pages, model_id):
    return (pages / f"{model_id}.md").read_text(encoding="utf-8")


def rows(text):
    """Return the cells of a page's table, by the name of the parameter."""
    cells = [re.split(r"(?<!\\) \| ", line.strip("| ")) for line in text.splitlines()]
    return {re.sub(r"[*`]", "", row[0]): row[1:] for row in cells if len(row) > 2}


@pytest.mark.parametrize("model_id", SAMPLE)
def test_page_names_every_parameter(pages, schemas, model_id):
    """A row a parameter, with its default, and the required ones bold."""
    schema = load(schemas)[model_id].schema
    text = page_of(pages, model_id)
    table = rows(text)

    assert title(pages / f"{model_id}.md") == model_id
    assert schema["properties"].keys() <= table.keys()
    for name, each in schema["properties"].items():
        assert (f"| **`{name}`** |" in text) == (name in schema["required"])
        if "default" in each:
            assert json.dumps(each["default"]) in table[name][1]


def test_row_says_type_range_and_choices(pages):
    """Types in words; ranges and choices as sentences; what is inside a list by its path."""
    table = rows(page_of(pages, "kwaivgi/kling-v2.6-pro/image-to-video"))

    assert "From 0 to 1." in table["cfg_scale"][2]
    assert "One of 5, 10." in table["duration"][2]
    assert "image file" == table["image"][0]
    assert "list of objects" == table["voice_list"][0]
    assert "string" == table["voice_list[].voice_id"][0]


def test_all_choices_are_listed():
    """What a sentence has no room for stands below the table."""
    values = [f"voice {number}" for number in range(40)]
    [row] = parameters({"properties": {"voice": {"type": "string", "enum": values}}})

    assert "One of the 40 values" in row.meaning
    assert tuple(f'"{each}"' for each in values) == row.choices


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        (STRINGS, "string"),
        ({"type": "array", "items": STRINGS}, "list of strings"),
        ({"type": "array", "items": {"$ref": "#/$defs/thing"}}, "list of objects"),
        ({"anyOf": [STRINGS, {"type": "null"}]}, "string or null"),
        ({"type": ["integer", "null"]}, "integer or null"),
        ({"enum": ["a", "b"]}, "string"),
        ({"enum": ["a", 1]}, "any"),
        ({"type": "string", "x-get3w-media": "video"}, "video file"),
        ({"type": "array", "items": STRINGS, "x-get3w-media": "image"}, "list of image files"),
        ({}, "any"),
    ],
)
def test_type_in_words(schema, expected):
    """The type of a parameter is said for somebody who sends JSON as well as for Python."""
    thing = {"type": "object", "properties": {"class": STRINGS}}
    [row, *_] = parameters({"properties": {"x": schema}, "$defs": {"thing": thing}})

    assert expected == row.type


def test_name_on_the_wire_is_said_where_python_has_another():
    """`class` is `class_` in Python, also inside an object."""
    found = [*parameters({"properties": {"class": {"properties": {"a.b": STRINGS}}}})]

    assert [("class_", "class"), ("class_.a_b", "a.b")] == [(row.name, row.wire) for row in found]


def test_parameters_that_contain_themselves_end():
    """A schema may refer to itself; its page says the first levels."""
    node = {"type": "object", "properties": {"child": {"$ref": "#/$defs/node"}}}
    found = [*parameters({"properties": {"a": {"$ref": "#/$defs/node"}}, "$defs": {"node": node}})]

    assert ["a", "a.child", "a.child.child"] == [row.name for row in found]


def test_conditions_stand_on_the_pages_that_have_some(pages):
    """A condition is shown as the schema states it; a model without one has no such section."""
    text = page_of(pages, "pixverse/pixverse-v5.5/text-to-video")

    assert '"const": "1080p"' in text.partition("## Conditions")[2]
    assert "## Conditions" not in page_of(pages, "get3w/flux-dev")


def test_price_and_source_are_those_of_the_schema(pages):
    """What is not known is said to be unknown."""
    known, unknown = (page_of(pages, model_id) for model_id in (SAMPLE[1], SAMPLE[0]))

    assert "**Base price of a run**: 0.35 USD" in known
    assert "**Named by Get3W itself**: no, not confirmed" in known
    assert "<https://github.com/errogaht/wavespeed-ai-bundle" in known
    assert "**Base price of a run**: not known" in unknown
    assert "**Named by Get3W itself**: yes" in unknown


def test_output_is_a_small_picture(pages):
    """The emulator's output is drawn for each model, of a sound its wave."""
    for model_id in SAMPLE:
        path = pages / f"{model_id}.webp"

        assert f"]({path.name})" in page_of(pages, model_id)
        assert path.stat().st_size < 20_000
        with Image.open(path) as image:
            assert 360 == max(image.size)


def test_list_leads_to_every_page(pages):
    """The list of models links each page, and no link of a page leads nowhere."""
    text = pages.with_suffix(".md").read_text(encoding="utf-8")

    assert [] == [each for each in SAMPLE if f"](models/{each}.md)" not in text]
    assert [] == broken([pages.with_suffix(".md"), *pages.rglob("*.md")])


def test_schema_that_cannot_be_shown_costs_its_own_page_alone(tmp_path):
    """The others are written, and the reason is said."""
    (tmp_path / "acme").mkdir()
    dead = {"type": "object", "properties": {"a": {"$ref": "#/$defs/missing"}}}
    for name, schema in (("dead", dead), ("fox", {"properties": {"prompt": STRINGS}})):
        (tmp_path / f"acme/{name}.json").write_text(json.dumps(schema), encoding="utf-8")
    pages = tmp_path / "docs/models"
    pages.mkdir(parents=True)

    [reason] = write_model_pages(tmp_path, pages, "my_models")

    assert "dead.json" in reason
    assert ["fox.md"] == [path.name for path in pages.rglob("*.md")]
    assert "`acme/dead`" in pages.with_suffix(".md").read_text(encoding="utf-8")


def command(kind, block, folder):
    """Return how a block is run: a program in its own file, a command by a shell."""
    if kind == "sh":
        return ["sh", "-c", block]
    (folder / "program.py").write_text(block, encoding="utf-8")
    return [sys.executable, "-W", "error", "program.py"]


@pytest.mark.parametrize("model_id", SAMPLE)
def test_every_call_sends_the_same(pages, schemas, model_id, get3w_emulator, tmp_path):
    """Python, asyncio, the command line and curl: each sends the example and ends well."""
    if shutil.which("curl") is None:
        pytest.skip("there is no curl; bring it with: apt-get install curl")
    blocks = BLOCK.findall(page_of(pages, model_id))
    get3w = tmp_path / "bin/get3w"
    get3w.parent.mkdir()
    get3w.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m get3w_cli "$@"\n', encoding="utf-8")
    get3w.chmod(0o755)
    environment = {
        **os.environ,
        "GET3W_API_KEY": get3w_emulator.api_key,
        "GET3W_BASE_URL": get3w_emulator.url,
        "HOME": str(tmp_path),
        "PATH": f"{get3w.parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": os.pathsep.join(sys.path),
    }

    for kind, block in blocks:
        here = block.replace(ORIGIN, get3w_emulator.url)
        done = subprocess.run(
            command(kind, here, tmp_path),
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert 0 == done.returncode, f"{here}\n{done.stdout}{done.stderr}"

    assert ["python", "python", "sh", "sh"] == [kind for kind, _ in blocks]
    expected = example_input(load(schemas)[model_id])
    assert [(model_id, expected)] * 4 == [
        (task.model, task.input) for task in get3w_emulator.ledger()
    ]


def test_calls_satisfy_a_strict_type_checker(pages, tmp_path):
    """Whoever copies a program into a strictly checked project has nothing to mend.

    `test_playground_calls` asks the same of every model; both pages have one writer.
    """
    programs = [
        block
        for model_id in SAMPLE
        for kind, block in BLOCK.findall(page_of(pages, model_id))
        if kind == "python"
    ]
    for number, program in enumerate(programs):
        (tmp_path / f"program_{number}.py").write_text(program, encoding="utf-8")
    paths = [str(ROOT / folder) for folder in ("core", "generated")]
    strict = {"typeCheckingMode": "strict", "pythonVersion": "3.11", "extraPaths": paths}
    (tmp_path / "pyrightconfig.json").write_text(json.dumps(strict), encoding="utf-8")

    done = subprocess.run(
        [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "-p", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert 10 == len(programs)
    assert "0 errors, 0 warnings, 0 informations" in done.stdout, done.stdout


class _Tags(HTMLParser):
    """Collects the tags of a page, and where its links lead."""

    def __init__(self):
        super().__init__()
        self.tags, self.targets = set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.targets |= {value for name, value in attrs if name in ("href", "src")}
        assert not [name for name, _ in attrs if name.startswith("on")], attrs


EXTENSIONS = ["tables", "toc", "pymdownx.superfences", "pymdownx.escapeall"]
ALLOWED = set("a code div em h1 h2 img li p pre span strong table tbody td th thead tr ul".split())


@settings(max_examples=40)
@given(TEXT, TEXT, st.lists(TEXT, min_size=1, max_size=3, unique=True))
def test_text_of_a_schema_is_only_text(said, name, values):
    """Whatever a schema says, its page has no tag and no link of the schema's own."""
    schema = {
        "type": "object",
        "description": said,
        "x-note": said,
        "x-model-type": said,
        "x-source": said,
        "properties": {
            name or "a": {"type": "string", "description": said, "default": values[0]},
            "choice": {"enum": values, "description": said},
        },
        "required": ["choice"],
        "not": {"const": said},
    }
    model = Model("acme/fox", schema)

    text = model_page(model, "fox", "my_models", example_input(model), None, None)
    # A page is written as UTF-8, which holds no half of a surrogate pair.
    reader = _Tags()
    reader.feed(markdown.markdown(text, extensions=EXTENSIONS))

    assert reader.tags <= ALLOWED
    assert {
        each for each in reader.targets if not re.fullmatch(r"https://[\w.~/-]+", each)
    } == set()
    text.encode("utf-8")


@settings(max_examples=40)
@given(TEXT)
def test_nothing_ends_a_block_of_code_early(text):
    """A block holds its text to the end, whatever fences are in it."""
    page = f"{fenced('sh', text)}\n\n# The end\n"
    reader = _Tags()
    reader.feed(markdown.markdown(page, extensions=EXTENSIONS))

    assert {"h1"} == reader.tags & {"h1", "script", "img"}
