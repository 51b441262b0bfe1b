"""Whatever a schema file holds: no exception, bounded work, and the emulator runs what was made."""

import json
import os
import tempfile
from pathlib import Path

import pytest
from get3w_codegen.budget import MOST_STEPS, counted_work
from get3w_codegen.build.workers import build, read_model
from get3w_codegen.jsonschema.keywords import LISTS, MAPS, SINGLES, steps
from get3w_codegen.jsonschema.merge import ASSERTIONS
from get3w_codegen.parse.load import Found
from get3w_emulator.schemas.catalogue import Model
from get3w_emulator.schemas.validation import compiled
from get3w_emulator.schemas.wrapped import NotOneError, unwrapped
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).parents[3]
CORPUS = ROOT.parent / "shared/corpus"
LARGEST = 4_000
# `make soak` asks for more.
EXAMPLES = int(os.environ.get("GET3W_FUZZ_SCHEMAS", "5000")) // 2

# What no body can meet is refused by the generator alone: the emulator runs it and takes no body.
CANNOT_BE_MET = (
    "is required, and no property",
    "A value is required here",
    "leaves nothing up to",
    "is more than max",
    "allow none of",
    "lists no value",
    "can be given",
    "allows no such name",
    "The branches are alike",
)

names = st.sampled_from(["a", "b", "type", "$ref", "items", "x"]) | st.text(max_size=3)
OTHERS = """
    $id $anchor $dynamicRef $dynamicAnchor $schema default examples nullable dependencies components
    title description format deprecated additionalItems x-get3w-media x-order-properties
""".split()
TEXTS = """
    string integer array object null number boolean # #/$defs/a #/properties/a #a #/components/a ^a
    ( image
""".split()
words = st.sampled_from(sorted({*ASSERTIONS, *MAPS, *LISTS, *SINGLES, *OTHERS}))
scalars = (
    st.sampled_from([*TEXTS, r"\d{2}", None, True])
    | st.booleans()
    | st.integers(-3, 10**20)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=4)
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(words, inner, max_size=4)
        | st.dictionaries(names, inner, max_size=3)
    ),
    max_leaves=12,
)
documents = st.dictionaries(words, values, max_size=5).map(
    lambda document: {"type": "object", **document}
)


def in_api(schema):
    """Return an OpenAPI document with one call that takes a schema."""
    content = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/a"}}}}
    return {
        "openapi": "3.1.0",
        "paths": {"/a": {"post": {"requestBody": content}}},
        "components": {"schemas": {"a": schema, "x": {"type": "integer"}}},
    }


WRAPPERS = {
    "tool": lambda schema: {"name": "a", "inputSchema": schema},
    "function": lambda schema: {
        "type": "function",
        "function": {"name": "a", "parameters": schema},
    },
    "api": in_api,
}


def real_schemas():
    """Return real schemas that are not too large to be read thousands of times."""
    folders = [ROOT / "schemas", ROOT / "tests/codegen/golden/schemas", CORPUS / "vendors"]
    paths = [path for folder in folders for path in sorted(folder.rglob("*.json"))]
    texts = [path.read_text(encoding="utf-8") for path in paths]
    found = [json.loads(text) for text in texts if len(text) <= LARGEST]
    return [
        {key: value for key, value in schema.items() if key != "x-model-id"}
        for schema in found
        if isinstance(schema, dict) and "properties" in schema
    ]


def places(value, way=()):
    """Yield the way to every part of a JSON value."""
    yield way
    if isinstance(value, dict | list):
        for key, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*way, key))


REAL = [(schema, list(places(schema))[1:]) for schema in real_schemas()]


@st.composite
def mutants(draw):
    """Draw a real schema with one place replaced by anything."""
    schema, ways = draw(st.sampled_from(REAL))
    way = draw(st.sampled_from(ways))
    made = holder = json.loads(json.dumps(schema))
    for step in way[:-1]:
        holder = holder[step]
    holder[way[-1]] = draw(values)
    return made


@pytest.fixture(scope="module")
def file():
    with tempfile.TemporaryDirectory() as folder:
        yield Path(folder, "thing.json")


def check(file, document, *, rendered=False):
    """Read a document in both programs, and compare what they say of it."""
    file.write_text(json.dumps(document), encoding="utf-8")
    found = Found("acme/thing", "acme/thing.json", file)
    with counted_work() as work:
        if rendered:
            made = build(found, "thing", opened=False)
            usable, problems = bool(made.source), made.problems
        else:
            model, problems = read_model(found, "thing", opened=False)
            usable = model is not None
    said = [problem.message for problem in problems]
    try:
        schema = unwrapped(document)
    except NotOneError as error:
        schema = str(error)
    faults = Model("acme/thing", schema).faults() if isinstance(schema, dict) else [schema]

    assert work.left > -100, f"{MOST_STEPS} steps"
    assert [] == [each for each in said if "failed here" in each]
    for problem in problems:
        if problem.place.startswith("/"):
            assert steps(problem.place) in {tuple(map(str, way)) for way in places(document)}
    if usable:
        assert [] == faults
        compiled(schema).is_valid({})
    elif not faults:
        errors = [each.message for each in problems if each.level.value == "error"]
        assert [] == [
            each for each in errors if not any(reason in each for reason in CANNOT_BE_MET)
        ]


quick = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    derandomize="GET3W_FUZZ_SCHEMAS" not in os.environ,
    suppress_health_check=list(HealthCheck),
)


@quick
@given(documents | values)
@example({"$ref": "#/components/schemas/In", "components": {"schemas": {"In": {"type": 3}}}})
@example([])
@example({"additionalItems": [], "items": ["string"], "$dynamicRef": "string"})
def test_any_json(file, document):
    """A file may hold anything."""
    check(file, document)


@quick
@given(mutants())
@example({"properties": {"a": {"type": "array", "items": {"allOf": [False]}}}})
def test_real_schemas_with_one_odd_place(file, document):
    """A slip in a real schema costs that keyword, or that model, and says so."""
    check(file, document)


@settings(quick, max_examples=max(EXAMPLES // 5, 10))
@given(st.sampled_from(sorted(WRAPPERS)), documents | mutants())
def test_wrapped_schemas(file, wrapper, document):
    """A schema in a wrapper is read like any other."""
    check(file, WRAPPERS[wrapper](document))


@pytest.mark.parametrize("wrong", [None, True, 3, "a", [], [{}]], ids=repr)
@pytest.mark.parametrize("wrapper", WRAPPERS)
@pytest.mark.parametrize("reference", ["#/components/schemas/x", "#/$defs/x"])
def test_wrapped_definitions_of_a_wrong_type(file, wrapper, reference, wrong):
    """Definitions that are no object are a mistake of the schema, whatever refers to them."""
    document = {"type": "object", "properties": {"a": {"$ref": reference}}, "$defs": wrong}
    check(file, WRAPPERS[wrapper](document))


@settings(quick, max_examples=max(EXAMPLES // 10, 10))
@given(documents | mutants())
def test_modules(file, document):
    """What is usable becomes the source of a module."""
    check(file, document, rendered=True)
