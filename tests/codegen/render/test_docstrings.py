"""The words of a docstring: what a person reads in place of a schema."""

import inspect
import re
import time

import pytest
from get3w_codegen.model.purpose import purpose
from get3w_codegen.text.plaintext import plain

LONG = [f"value {number}" for number in range(300)]


class Named:
    """What the first line is made of."""

    def __init__(self, model_id, kind=""):
        self.model_id, self.kind = model_id, kind


@pytest.fixture
def doc(build):
    """Generate a model of one parameter `x`; return what its docstring says of it, on one line."""

    def doc(part, **more):
        schema = {"type": "object", "properties": {"x": part}, **more}
        text = inspect.getdoc(build({"acme/thing": schema}).submit_thing)
        _, _, entry = text.partition(" x: ")
        return " ".join(entry.partition(" client: ")[0].split())

    return doc


@pytest.mark.parametrize(
    ("part", "said"),
    [
        ({"type": "integer", "minimum": 1, "maximum": 4}, "From 1 to 4."),
        ({"type": "number", "exclusiveMinimum": 0, "maximum": 20}, "More than 0 and at most 20."),
        ({"type": "integer", "multipleOf": 8}, "A multiple of 8."),
        ({"enum": ["a", "b"]}, "One of 'a', 'b'."),
        ({"enum": [6]}, "Always 6."),
        ({"const": "v1"}, "Always 'v1'."),
        ({"type": "string", "pattern": "^\\d+$"}, "Matches `^\\d+$`."),
        (
            {"enum": LONG},
            "One of the 300 values of `X`, such as 'value 0', 'value 1', 'value 2'.",
        ),
        ({"type": "array", "items": {"type": "integer", "maximum": 9}}, "Each at most 9."),
        (
            {"type": "array", "items": {"enum": ["a", "b"]}, "uniqueItems": True},
            "No item twice. Each one of 'a', 'b'.",
        ),
        (
            {"type": "array", "items": {"type": "string"}, "x-get3w-media": "image"},
            "Each a URL, a `Path` or an open binary file; local files are uploaded first.",
        ),
        (
            {"type": "array", "items": {"type": "string", "x-get3w-media": "image"}},
            "Each a URL, a `Path` or an open binary file; local files are uploaded first.",
        ),
        (
            {"anyOf": [{"type": "integer", "minimum": 1, "maximum": 4}, {"type": "null"}]},
            "From 1 to 4. None is sent as null.",
        ),
        (
            {"anyOf": [{"enum": ["auto", "hd"]}, {"type": "integer", "minimum": 64}]},
            "Either one of 'auto', 'hd', or an integer (at least 64).",
        ),
        (
            {
                "anyOf": [
                    {"type": "object", "title": "Size", "properties": {"w": {"type": "integer"}}},
                    {"enum": ["auto", "hd"]},
                ]
            },
            "Either a `Size`, or one of 'auto', 'hd'.",
        ),
        ({"type": "string", "examples": ["a cat", "y" * 90]}, "For example 'a cat'."),
        ({"type": "string", "default": "a", "examples": ["a"]}, "Server default: 'a'."),
        (
            {"type": "string", "default": f"{'word ' * 20}"},
            f"Server default: '{'word ' * 11}...'.".replace(" ...", "..."),
        ),
        ({"anyOf": [{"type": "string"}, {"type": "array"}]}, ""),
    ],
)
def test_what_a_parameter_takes(doc, part, said):
    """Range, choices, items and alternatives are told in words, and nothing is told twice."""
    assert f"What it is. {said}".strip() == doc({**part, "description": "What it is"})


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Width in pixels, as 2048*2048.", "Width in pixels, as 2048*2048."),
        ("a < b and c > d, 3 <= x", "a < b and c > d, 3 <= x"),
        ("snake_case and __wildcard__ stay", "snake_case and `__wildcard__` stay"),
        ("**Must** be *short* and ``code``.", "Must be short and `code`."),
        ("See [the docs](https://x.y/z#a).", "See the docs (https://x.y/z#a)."),
        ("See [it](https://x.y/a_b_) now", "See it (`https://x.y/a_b_`) now"),
        ("See [https://x.y](https://x.y)", "See https://x.y"),
        ('See <a href="https://x.y">here</a>.<br/>Next', "See here (https://x.y). Next"),
        ("Use <b>bold</b> words", "Use bold words"),
        ("Say <image_1>, or a/<id>/b.", "Say `<image_1>`, or `a/<id>/b`."),
        ("`<kept>` as **it** is", "`<kept>` as it is"),
        ("Modes:\n- fast: quick\n- slow: good", "Modes: fast: quick; slow: good"),
        ("One line.\n\n1. First\n2. Second\n\nAfter", "One line. First; Second. After"),
        ("A paragraph\n\nand another", "A paragraph. and another"),
        ("1. Only one item, so no list", "1. Only one item, so no list"),
        ("## Usage\nWrite", "Usage: Write"),
        ("```python\nx = 1\n```", "x = 1"),
        ("Slow. Note: it costs more", "Slow. Note - it costs more"),
        ("the cns_* inputs and name_ here", "the `cns_*` inputs and `name_` here"),
    ],
)
def test_markup_becomes_words(text, shown):
    """No Markdown and no HTML is left, and what only looks like it stays."""
    assert shown == plain(text)


@pytest.mark.parametrize("piece", ["<", "*", "`", "**a", "[a](", "a<b", "<a href=x>", "w_", "- \n"])
def test_hostile_text_takes_no_time(piece):
    """The time for a text grows with its length, not with the square of it."""
    start = time.process_time()
    plain(piece * 40_000)

    assert time.process_time() - start < 5


@pytest.mark.parametrize(
    ("model_id", "kind", "made"),
    [
        ("acme/fox", "text-to-image", "Make an image from text"),
        ("acme/fox", "image-to-image", "Edit an image"),
        ("acme/fox/i2v-720p", "", "Make a video from an image"),
        ("acme/fox/image-to-3d", "", "Make a 3D model from an image"),
        ("acme/video-to-music", "audio-to-video", "Make music for a video"),
        ("acme/reference-to-video", "image-to-video", "Make a video from reference images"),
        ("acme/speech-02", "text-to-audio", "Make speech from text"),
        ("acme/subtitles", "video-to-video", "Put subtitles on a video"),
        ("acme/lipsync/text-to-video", "digital-human", "Make a talking or lip-synced video"),
        ("acme/hate-speech-detector", "", ""),
        ("acme/audio-inpaint", "", ""),
        ("acme/image-audio-to-video", "", ""),
        ("text-to-image/fox", "", ""),
    ],
)
def test_purpose(model_id, kind, made):
    """The kind and the id tell what a model makes; where they do not, nothing is made up."""
    assert made == purpose(Named(model_id, kind))


@pytest.mark.parametrize(
    ("more", "lines"),
    [
        ({}, ["Run acme/thing."]),
        ({"x-model-type": "llm"}, ["Answer a prompt with acme/thing."]),
        ({"x-model-type": "odd"}, ["Run the odd model acme/thing."]),
        ({"description": "Draws foxes."}, ["acme/thing: Draws foxes."]),
        ({"description": "Draws. And more."}, ["acme/thing: Draws.", "", "And more."]),
        ({"description": "x" * 99}, ["Run acme/thing.", "", "x" * 96]),
        (
            {"x-model-type": "text-to-image", "description": "Draws foxes."},
            ["Make an image from text with acme/thing.", "", "Draws foxes."],
        ),
    ],
)
def test_first_line(build, more, lines):
    """The first line says what the model makes, in the schema's words where there are no others."""
    schema = {"type": "object", "properties": {}, "x-provenance": "get3w-docs", **more}
    text = inspect.getdoc(build({"acme/thing": schema}).submit_thing)

    assert text.startswith("\n".join(lines))


def test_long_examples_are_not_shown(build):
    """An example of a call stays short, whatever the schema's own example is."""
    long = "a menu card " * 100
    part = {"type": "string", "examples": [long]}
    schema = {"type": "object", "properties": {"prompt": part}, "required": ["prompt"]}

    text = inspect.getdoc(build({"acme/thing": schema}).submit_thing)

    assert '\n    prediction = submit_thing(prompt="a lighthouse at dusk")' in text


def test_names_begin_no_line_but_their_own(build):
    """A line that goes on with an entry never looks like the head of one: editors would take it."""
    words = [f"It is {'x' * length} lyrics is empty, tempo: fast." for length in range(30, 78)]
    parts = {f"p{number}": {"description": text} for number, text in enumerate(words)}
    properties = {**parts, "lyrics": {"type": "string", "description": "What is sung."}}

    text = inspect.getdoc(
        build({"acme/thing": {"type": "object", "properties": properties}}).submit_thing
    )
    begun = [line.split()[0] for line in text.splitlines() if line.startswith(" " * 8)]

    assert len(begun) > 20
    assert {"lyrics", "tempo:"}.isdisjoint(begun)


def test_first_line_of_an_attribute_holds_no_colon(build):
    """Sphinx takes what stands before a colon in the first line for the attribute's type."""
    part = {"type": "integer", "default": 5, "description": "How long it is, in seconds."}
    module = build({"acme/thing": {"type": "object", "properties": {"x": part}}}).submit_thing
    source = inspect.getsource(inspect.getmodule(module))

    assert '"""How long it is, in seconds.\n    Server default: 5."""' in source


REFUSED = {
    "default below the minimum": ({"type": "integer", "minimum": 1, "default": -77}, "77"),
    "default of another type": ({"type": "integer", "default": "no"}, "no"),
    "default behind a reference": ({"$ref": "#/$defs/small"}, "909"),
    "default of a union": ({"anyOf": [{"type": "integer"}, {"const": "x"}], "default": 0.5}, "0.5"),
    "enum value of another type": ({"type": "string", "enum": ["a", 303, "b"]}, "303"),
    "enum value above the maximum": ({"type": "integer", "enum": [1, 2, 303], "maximum": 9}, "303"),
    "enum value that has no match": ({"enum": ["s1", "m1", "s2"], "pattern": "^s"}, "m1"),
    "enum value of items": (
        {"type": "array", "items": {"type": "string", "enum": ["a", 303]}},
        "303",
    ),
    "enum value of a branch": (
        {"anyOf": [{"type": "boolean"}, {"type": "string", "enum": ["a", 303]}]},
        "303",
    ),
    "constant of another type": ({"type": "string", "const": 303}, "303"),
    "example": ({"type": "integer", "examples": [1, "no"]}, "no"),
}


@pytest.mark.parametrize("nested", [False, True], ids=["parameter", "inside"])
@pytest.mark.parametrize("which", REFUSED)
def test_value_that_the_schema_refuses_is_not_shown(build, which, nested):
    """A default, a listed value or an example that was warned of stands in no docstring."""
    part, value = REFUSED[which]
    properties = {"p": part}
    if nested:
        properties = {"o": {"type": "object", "properties": properties}}
    small = {"type": "integer", "maximum": 3, "default": 909}
    schema = {"type": "object", "properties": properties, "$defs": {"small": small}}
    source = inspect.getsource(
        inspect.getmodule(build({"acme/thing": schema}).request_class("acme/thing"))
    )

    docstrings = re.findall(r'"""(.*?)"""', source, re.DOTALL)

    assert [] == [text for text in docstrings if re.search(rf"\b{re.escape(value)}\b", text)]
