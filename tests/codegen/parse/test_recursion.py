"""Schemas that refer to themselves: what their types say, and what they take."""

import pytest
from get3w_core.request.wire import wire_body
from get3w_emulator.schemas.validation import compiled
from pydantic import ValidationError

NODE = {"type": "object", "properties": {"v": {"type": "integer"}}}
BESIDE = {
    "nothing": {},
    "type": {"type": "object"},
    "required": {"required": ["v"]},
    "minProperties": {"minProperties": 1},
    "allOf": {"allOf": [{"required": ["v"]}]},
    "not": {"not": {"required": ["v"]}},
    "properties": {"properties": {"w": {"type": "string"}}},
    "anyOf": {"anyOf": [{"required": ["v"]}, {"required": ["child"]}]},
}
LEVELS = [{}, {"v": 1}, {"v": "1"}, {"w": "x"}, {"w": 1}, {"z": 1}]
TEXTS = {"type": "string"}
UNIONS = {
    "json": [TEXTS, {"type": "array", "items": {"$ref": "#/$defs/U"}}],
    "map": [TEXTS, {"type": "object", "additionalProperties": {"$ref": "#/$defs/U"}}],
    "nullable": [TEXTS, {"type": "null"}, {"type": "array", "items": {"$ref": "#/$defs/U"}}],
    "class": [
        TEXTS,
        {
            "type": "object",
            "properties": {"all": {"type": "array", "items": {"$ref": "#/$defs/U"}}},
        },
    ],
    "rule": [TEXTS, {"type": "array", "uniqueItems": True, "items": {"$ref": "#/$defs/U"}}],
}
VALUES = ["a", 1, None, [], ["a"], [1], [["a"], []], [["a", 1]], ["a", "a"], [["a", "a"]], [None]]
VALUES += [{}, {"k": "a"}, {"k": {"k": "a"}}, {"k": {"k": 1}}, {"all": ["a"]}, {"all": [1]}]
VALUES += [{"all": [{"all": []}]}, {"all": [{"all": [1]}]}, {"al": []}]


def _accepts(request_type, body):
    try:
        return wire_body(request_type.model_validate(body)) == body
    except ValidationError:
        return False


def _different(request_type, schema, values):
    judge = compiled(schema)
    return [
        value
        for value in values
        if _accepts(request_type, {"x": value}) is not judge.is_valid({"x": value})
    ]


@pytest.mark.parametrize("outer", BESIDE)
@pytest.mark.parametrize("inner", BESIDE)
def test_reference_to_itself_may_be_narrowed(request_type, outer, inner):
    """Whatever stands beside the `$ref`, outside and inside, every depth is as the schema says."""
    child = {"$ref": "#/$defs/Node", **BESIDE[inner]}
    definitions = {"Node": {**NODE, "properties": {**NODE["properties"], "child": child}}}
    schema = {
        "type": "object",
        "properties": {"x": {"$ref": "#/$defs/Node", **BESIDE[outer]}},
        "$defs": definitions,
    }
    made = request_type(schema["properties"], **{"$defs": definitions})
    values = [*LEVELS, *({**one, "child": other} for one in LEVELS for other in LEVELS)]
    values += [{"v": 1, "child": {"v": 1, "child": one}} for one in LEVELS]

    assert [] == _different(made, schema, values)


@pytest.mark.parametrize("keyword", ["anyOf", "oneOf"])
@pytest.mark.parametrize("which", UNIONS)
def test_union_that_contains_itself_keeps_its_type(request_type, which, keyword):
    """It gets the name of its definition, and takes itself inside."""
    definitions = {"U": {keyword: UNIONS[which]}}
    schema = {"type": "object", "properties": {"x": {"$ref": "#/$defs/U"}}, "$defs": definitions}
    made = request_type(schema["properties"], **{"$defs": definitions})

    assert "U" in str(made.model_fields["x"].annotation)
    assert [] == _different(made, schema, VALUES)


def test_what_leads_back_to_an_unfinished_class_is_checked_too(request_type):
    """A rule inside a circle holds wherever one enters the circle."""
    definitions = {
        "A": {
            "type": "object",
            "properties": {
                "tags": {"type": "array", "uniqueItems": True},
                "b": {"$ref": "#/$defs/B"},
            },
        },
        "B": {"type": "object", "properties": {"a": {"$ref": "#/$defs/A"}}},
    }
    made = request_type(
        {"first": {"$ref": "#/$defs/A"}, "x": {"$ref": "#/$defs/B"}}, **{"$defs": definitions}
    )

    assert _accepts(made, {"x": {"a": {"tags": [1, 2]}}})
    assert not _accepts(made, {"x": {"a": {"tags": [1, 1]}}})
    assert not _accepts(made, {"x": {"a": {"b": {"a": {"tags": [1, 1]}}}}})


def test_recursive_reference_of_2019_leads_to_the_whole_schema(request_type):
    """`$recursiveRef` is read as a reference to the root, by class and emulator alike."""
    properties = {"v": {"type": "integer"}, "x": {"$recursiveRef": "#"}}
    made = request_type(properties, **{"$recursiveAnchor": True})
    schema = {"type": "object", "$recursiveAnchor": True, "properties": properties}

    assert _accepts(made, {"x": {"x": {"v": 1}}})
    assert [] == _different(made, schema, [{}, {"v": 1}, {"v": "1"}, {"x": {"v": "1"}}, {"z": 1}])
