"""The shipped schemas, and what makes a folder of schemas unusable."""

import json

import pytest
from get3w_emulator.schemas import default_folder, load
from get3w_emulator.settings import SetupError
from get3w_emulator.validation import schema_problem
from get3w_emulator.wellformed import is_plainly_good

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
        ({"type": "objekt"}, "/type: 'objekt' is not valid"),
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


def test_quick_look_never_takes_a_bad_schema():
    """What it calls good, the metaschema calls good too; it knows the ones that are shipped."""
    good = {
        "type": "object",
        "properties": {
            "a": {"type": "number", "minimum": 1, "multipleOf": 0.5, "enum": [1], "default": 1},
            "b": {"type": "array", "items": {"pattern": "^a"}, "uniqueItems": True, "minItems": 1},
            "c": {"anyOf": [{"type": "string"}, True], "title": "t", "maxLength": 3},
        },
        "required": ["a"],
        "allOf": [{"if": {"not": {"required": ["b"]}}, "then": {"properties": {"c": {}}}}],
        "additionalProperties": False,
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "examples": [],
        "x-anything": {"type": 1},
    }
    found = list(mutants(good))

    assert is_plainly_good(good)
    assert 250 < len(found)
    assert 30 < sum(map(is_plainly_good, found)) < 250
    assert [] == [each for each in found if is_plainly_good(each) and schema_problem(each)]
    shipped = [model.schema for model in load(default_folder()).values()]
    assert 50 < sum(map(is_plainly_good, shipped))


@pytest.mark.parametrize("depth", [400, 5000])
def test_schema_that_is_nested_too_deeply_is_told(tmp_path, depth):
    """It is an error of that file, whichever step finds it too deep."""
    part = '{"properties": {"a": '
    write(tmp_path, "acme/deep", f'{part * depth}{{"type": "string"}}{"}}" * depth}')

    with pytest.raises(SetupError, match=r"deep\.json: (nested too deeply|not readable)"):
        load(tmp_path)


def test_pattern_that_is_nested_too_deeply_is_told(tmp_path):
    """A regular expression can be too deep as well."""
    pattern = "(" * 5000 + "a" + ")" * 5000
    write(tmp_path, "acme/deep", {"properties": {"a": {"type": "string", "pattern": pattern}}})

    with pytest.raises(SetupError, match=r"deep\.json: nested too deeply"):
        load(tmp_path)
