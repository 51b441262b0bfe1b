"""The shipped schemas, and what makes a folder of schemas unusable."""

import json
import sys

import pytest
from get3w_emulator._common.problems import SetupError
from get3w_emulator.schemas.catalogue import default_folder, load
from get3w_emulator.schemas.validation import read
from jsonschema import Draft202012Validator

CATALOGUE = load(default_folder())


def minimal(schema):
    """Build the smallest value that a schema of the shipped kind accepts."""
    if "const" in schema:
        return schema["const"]
    if "enum" in schema:
        return schema["enum"][0]
    match schema["type"]:
        case "object":
            return {
                name: minimal(schema["properties"][name]) for name in schema.get("required", [])
            }
        case "array":
            return [minimal(schema["items"])] * max(schema.get("minItems", 1), 1)
        case "string":
            return "a"
        case "boolean":
            return False
        case _:
            return schema.get("minimum", 1)


def objects(value, pointer=""):
    """Yield every object in a value with its pointer."""
    if isinstance(value, dict):
        yield pointer, value
    for key, child in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(child, dict | list):
            yield from objects(child, f"{pointer}/{key}")


def nested_names(model):
    return [
        name
        for name, schema in model.schema["properties"].items()
        if "properties" in schema or "properties" in schema.get("items", {})
    ]


def write(folder, model_id, content):
    path = folder / f"{model_id}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return path


def test_all_schemas_load():
    """Every file but the lock is a model."""
    assert 54 <= len(CATALOGUE)
    assert "get3w/flux-dev" in CATALOGUE
    assert not [model_id for model_id in CATALOGUE if "lock" in model_id]


@pytest.mark.parametrize("model_id", CATALOGUE)
def test_minimal_body_is_accepted(model_id):
    """A body with what is required, and nothing else, is valid."""
    model = CATALOGUE[model_id]

    assert [] == model.problems(minimal(model.schema))


@pytest.mark.parametrize("model_id", CATALOGUE)
def test_every_object_is_closed(model_id):
    """An unknown name is refused in the body and in every object inside it."""
    model = CATALOGUE[model_id]
    for name in [None, *nested_names(model)]:
        body = minimal(model.schema)
        if name is not None:
            body[name] = minimal(model.schema["properties"][name])

        assert [] == model.problems(body)

        for pointer, place in objects(body):
            place["nmae"] = 1

            assert [pointer] == [problem.pointer for problem in model.problems(body)]

            del place["nmae"]


def test_some_models_have_objects_inside():
    """The test above is not about the root alone."""
    assert 3 <= len([model for model in CATALOGUE.values() if nested_names(model)])


def test_path_is_the_id_and_lock_is_no_model(tmp_path):
    """The id is the path without its ending, slashes and dots included."""
    write(tmp_path, "a/b1.5/c", {"type": "object"})
    write(tmp_path, "names.lock", {"a/b1.5/c": "b1_5_c"})

    assert ["a/b1.5/c"] == list(load(tmp_path))


def test_price_and_kind_have_defaults(tmp_path):
    """A schema that says neither is of an unknown kind and costs a cent."""
    write(tmp_path, "a/b", {"type": "object"})
    model = load(tmp_path)["a/b"]

    assert (0.01, "unknown", "") == (model.price, model.kind, model.description)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("{", "not readable as JSON"),
        ("[" * 100_000, "not readable as JSON"),
        ("[]", "not a JSON object"),
        ({"type": "objekt"}, "/type: 'objekt' is no type of JSON Schema"),
        ({"x-model-id": "a/c"}, "x-model-id is 'a/c', its path says 'a/b'"),
        ({"properties": {"p": {"$ref": "#/$defs/p"}}}, "'#/$defs/p' leads to nothing"),
        ({"$ref": "https://example.com/x.json"}, "leads to nothing in this document"),
    ],
)
def test_broken_schema_is_named(tmp_path, content, reason):
    """The error names the file and what is wrong with it."""
    path = write(tmp_path, "a/b", content)

    with pytest.raises(SetupError) as caught:
        load(tmp_path)

    assert str(path) in str(caught.value)
    assert reason in str(caught.value)
    assert "\n" not in str(caught.value)


def test_folder_without_schemas_is_refused(tmp_path):
    """Neither a missing folder nor an empty one makes an emulator."""
    with pytest.raises(SetupError, match="no schemas in"):
        load(tmp_path)
    with pytest.raises(SetupError, match="no such folder"):
        load(tmp_path / "missing")


ODD = (None, True, -1, 0, 1.5, "", "(", [], [1], ["a", "a"], [{}], {}, {"a": 1}, {"type": "no"})


def mutants(schema):
    """Yield the schema with each keyword in turn made odd."""
    for name, value in schema.items():
        yield from ({**schema, name: odd} for odd in ODD)
        if name == "properties":
            for key, inner in value.items():
                for mutant in mutants(inner):
                    yield {**schema, name: {**value, key: mutant}}


GOOD = {
    "type": "object",
    "properties": {
        "a": {"type": "number", "minimum": 1, "multipleOf": 0.5, "enum": [1], "default": 1},
        "b": {"type": "array", "items": {"pattern": "^a"}, "uniqueItems": True, "minItems": 1},
        "c": {"anyOf": [{"type": "string"}, True], "title": "t", "maxLength": 3},
    },
    "required": ["a"],
    "allOf": [{"if": {"not": {"required": ["b"]}}, "then": {"properties": {"c": {}}}}],
    "additionalProperties": False,
    "examples": [],
    "x-anything": {"type": 1},
}


def test_what_is_left_of_an_odd_schema_is_one():
    """Without its ill-formed keywords a schema is one by the metaschema, or has a trouble."""
    found = list(mutants(GOOD))
    read_ = [read(each) for each in found]

    assert GOOD == read(GOOD).schema
    assert 250 < len(found)
    assert 20 < sum(bool(each.problems) for each in read_) < 60
    for each in read_:
        assertions = {**each.schema, "examples": [], "title": ""}
        if not each.problems:
            Draft202012Validator.check_schema(_without_notes(assertions))


def _without_notes(schema):
    """Return a schema without what says nothing of a value, which nobody looks at."""
    if not isinstance(schema, dict):
        return schema
    kept = {key: value for key, value in schema.items() if key not in ("title", "examples")}
    properties = kept.get("properties", {})
    kept["properties"] = {name: _without_notes(part) for name, part in properties.items()}
    return kept


def test_all_problems_of_a_folder_are_told_and_the_others_run(tmp_path):
    """What can be used is there; each file that cannot is named with its reason."""
    write(tmp_path, "a/good", {"type": "object"})
    write(tmp_path, "a/typed", {"type": "objekt"})
    write(tmp_path, "a/broken", "{")
    write(tmp_path, "a/two", {"properties": {"p": {"type": "x"}, "q": {"type": "y"}}})

    found = load(tmp_path)

    assert ["a/good"] == list(found)
    assert ["a/broken", "a/two", "a/two", "a/typed"] == [
        line.partition(".json")[0].removeprefix(f"{tmp_path}/") for line in found.left_out
    ]


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"items": [{"type": "integer"}], "additionalItems": False}, [1], [1, 2]),
        ({"items": [], "additionalItems": {"type": "integer"}}, [1], ["a"]),
        ({"minimum": 1, "exclusiveMinimum": True}, 2, 1),
        ({"maximum": 1, "exclusiveMaximum": True}, 0, 1),
        ({"type": "string", "pattern": r"^\p{L}$"}, "é", "5"),
        ({"type": "string", "pattern": "^(?<y>a)$"}, "a", "b"),
        ({"type": "string", "pattern": r"^(?<q>a|b)\k<q>$"}, "aa", "ab"),
        ({"type": "string", "pattern": "^[^]$"}, "\n", ""),
        ({"propertyNames": {"$ref": "#/$defs/short"}}, {"a": 1}, {"abc": 1}),
        ({"dependencies": {"a": ["b"]}}, {"a": 1, "b": 1}, {"a": 1}),
        ({"dependencies": {"a": {"required": ["b"]}}}, {"b": 1}, {"a": 1}),
        ({"type": "string", "nullable": True}, None, 1),
        ({"$ref": "#named"}, 1, "a"),
        ({"$ref": "#/components/schemas/one"}, 1, "a"),
        ({"minLength": None, "type": "string", "maxLength": 1}, "a", "ab"),
        ({"type": "string", "minLength": "3", "maxLength": 1}, "a", "ab"),
        ({"required": True, "type": "integer"}, 1, "a"),
        ({"$schema": "http://json-schema.org/draft-07/schema#", "type": "integer"}, 1, "a"),
    ],
)
def test_older_and_odd_spellings_mean_what_they_say(tmp_path, schema, good, bad):
    """What the generator takes, the emulator runs, and judges by."""
    write(
        tmp_path,
        "a/b",
        {
            "$schema": "http://json-schema.org/draft-07/schema#",
            "properties": {"p": schema},
            "$defs": {"short": {"maxLength": 2}, "n": {"$id": "#named", "type": "integer"}},
            "components": {"schemas": {"one": {"type": "integer", "minimum": None}}},
        },
    )
    model = load(tmp_path)["a/b"]

    assert [] == model.problems({"p": good})
    assert [] != model.problems({"p": bad})


@pytest.mark.parametrize("levels", [14, 24, 60])
def test_references_that_double_are_left_out(tmp_path, levels):
    """A schema that stands for more parts than any real one is named, and not run."""
    write(tmp_path, "a/good", {"type": "object"})
    parts = {
        f"l{n}": {"allOf": [{"$ref": f"#/$defs/l{n + 1}"}, {"$ref": f"#/$defs/l{n + 1}"}]}
        for n in range(levels)
    }
    write(tmp_path, "a/b", {"$ref": "#/$defs/l0", "$defs": {**parts, f"l{levels}": {}}})

    found = load(tmp_path)

    assert ["a/good"] == list(found)
    assert "5,000 is the limit" in found.left_out[0]


@pytest.mark.parametrize(
    "depth",
    [
        pytest.param(
            400,
            marks=pytest.mark.skipif(
                sys.version_info >= (3, 12), reason="Python 3.12 reads this depth, and judges by it"
            ),
        ),
        1000,
        5000,
    ],
)
def test_schema_that_is_nested_too_deeply_is_told(tmp_path, depth):
    """It is an error of that file, whichever step finds it too deep."""
    part = '{"properties": {"a": '
    write(tmp_path, "acme/deep", f'{part * depth}{{"type": "string"}}{"}}" * depth}')

    with pytest.raises(SetupError, match=r"deep\.json: (nested too deeply|not readable)"):
        load(tmp_path)
