"""The shipped schemas, and what makes a folder of schemas unusable."""

import json

import pytest
from get3w_emulator.schemas import default_folder, load
from get3w_emulator.settings import SetupError

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
