"""A keyword with a value of a wrong type is reported, wherever it stands, and nothing fails."""

import json

import pytest
from get3w_codegen.build.workers import build
from get3w_codegen.jsonschema.dialect import modern
from get3w_codegen.jsonschema.keywords import LISTS, MAPS, SINGLES
from get3w_codegen.jsonschema.merge import ASSERTIONS
from get3w_codegen.jsonschema.validation import SCHEMA_OF_SCHEMAS
from get3w_codegen.parse.load import Found

WORDS = sorted({*ASSERTIONS, *MAPS, *LISTS, *SINGLES, "examples", "x-order-properties"})
WRONG = [True, "text", [7], {"a": 7}]

# A name that the validator would report as another one, or as that of its neighbour.
NAMES = {
    "empty": ("", "<empty>"),
    "digits": ("0", "a"),
    "digits twice": ("01", "1"),
    "signed digits": ("+1", "1"),
    "half a pair": ("\ud800", "<d800>"),
    "escaped": ("<\\d800>", "\ud800"),
    "brackets": ("<>", ""),
    "slash": ("a/b", "a~1b"),
    "backslash": ("\\d800", "d800"),
}


def body(name, schema, **more):
    return {"type": "object", "properties": {name: schema}, **more}


WAYS = {
    "property": lambda odd: body("a", odd),
    "beside a type": lambda odd: body("a", {"type": "object", "properties": {"b": {}}, **odd}),
    "root": lambda odd: {"properties": {"a": {}}, **odd},
    "item": lambda odd: body("a", {"type": "array", "items": odd}),
    "branch": lambda odd: body("a", {"anyOf": [odd, {"type": "null"}]}),
    "definition": lambda odd: body("a", {"$ref": "#/$defs/d"}, **{"$defs": {"d": odd}}),
    "component": lambda odd: body("a", {"$ref": "#/components/d"}, components={"d": odd}),
    "default": lambda odd: {
        "properties": {"a": {"$ref": "#/properties/b/default"}, "b": {"default": odd}}
    },
    "own key": lambda odd: body("a", {"$ref": "#/x-parts/d"}, **{"x-parts": {"d": odd}}),
    "dynamic": lambda odd: (
        body("a", {"$ref": "#/$defs/d", "$dynamicRef": "#/$defs/d", **odd})
        | {"$defs": {"d": {"type": "string"}}}
    ),
    "condition": lambda odd: body("a", {"type": "string"}, **{"if": {"properties": {"a": odd}}}),
    "odd name": lambda odd: {"properties": {"": odd, "<empty>": {}}},
    "number for a name": lambda odd: {"properties": {"01": odd, "1": {}}},
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return what comes of a schema: the source and the problems."""
    path = tmp_path_factory.mktemp("schemas") / "thing.json"

    def make(document, *, opened=False):
        path.write_text(json.dumps(document), encoding="utf-8")
        found = Found("acme/thing", "acme/thing.json", path)
        return build(found, "thing", opened=opened)

    return make


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("word", WORDS)
def test_wrong_type(made, word, way):
    """It is reported, unless it is valid, and the rest of the schema is read."""
    for value in WRONG:
        if way == "dynamic" and word == "$ref":
            continue
        document = WAYS[way]({word: value})
        said = made(document).problems
        is_valid = not list(SCHEMA_OF_SCHEMAS.problems(modern({word: value})))

        assert [] == [each.message for each in said if "failed here" in each.message], document
        assert is_valid or said, document


@pytest.mark.parametrize("label", NAMES)
def test_one_of_two_names(made, label):
    """Of two properties that the validator could mix up, only the wrong one loses its keyword."""
    wrong, right = NAMES[label]
    document = {
        "type": "object",
        "properties": {wrong: {"maxLength": "7"}, right: {"maxLength": 7}},
    }
    where = wrong.replace("~", "~0").replace("/", "~1")

    assert (f"/properties/{where}/maxLength",) == tuple(
        each.place for each in made(document).problems if "JSON Schema" in each.message
    )


@pytest.mark.parametrize("target", ["#/type", "#/required", "#/required/0", "#/x-parts", "#/none"])
@pytest.mark.parametrize("opened", [False, True])
def test_reference_to_no_schema(made, target, opened):
    """It is reported once, and the checks that follow do not fail at it."""
    document = body("a", {"$ref": target}, required=["a"], **{"if": {"properties": {"a": {}}}})
    said = made({**document, "x-parts": [7]}, opened=opened).problems

    assert ["/properties/a/$ref"] == [each.place for each in said]
