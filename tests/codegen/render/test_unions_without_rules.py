"""Which alternatives types alone tell apart, and what becomes of those that they do not."""

import pytest
from get3w_core.request.wire import wire_body
from get3w_emulator.schemas.validation import compiled
from pydantic import ValidationError


def tagged(name, value, **more):
    return {
        "type": "object",
        "properties": {"k": {"const": value}, name: {"type": "integer"}},
        "required": ["k"],
        **more,
    }


CLOSED = {"additionalProperties": False}
A, B = tagged("a", "A"), tagged("b", "B")
OPTIONAL = {**B, "required": []}
ENUMERATED = {**B, "properties": {**B["properties"], "k": {"enum": ["B", "C"]}}}
INNER = {
    "type": "object",
    "properties": {"inner": A, "x": {}},
    "required": ["inner"],
}
OTHER_INNER = {**INNER, "properties": {"inner": B, "y": {}}}
BY_NAME = {"type": "object", "properties": {"url": {"type": "string"}}, "required": ["url"]}
BY_OTHER_NAME = {"type": "object", "properties": {"data": {"type": "string"}}, "required": ["data"]}
LOOSE = {"type": "object", "properties": {"a": {}, "z": {}}}

ALTERNATIVES = {
    "tags": ([A, B], "oneOf anyOf"),
    "closed by themselves": ([{**A, **CLOSED}, {**B, **CLOSED}], "oneOf anyOf"),
    "one closed": ([A, {**B, **CLOSED}], "oneOf anyOf"),
    "tag that only one requires": ([A, OPTIONAL], "oneOf anyOf"),
    "enum and const": ([A, ENUMERATED], "oneOf anyOf"),
    "tag inside": ([INNER, OTHER_INNER], "oneOf anyOf"),
    "type and tag": ([A, B, {"type": "string"}], "oneOf anyOf"),
    "required names": ([BY_NAME, BY_OTHER_NAME], "oneOf"),
    "closed by required names": (
        [{**BY_NAME, **CLOSED}, {**BY_OTHER_NAME, **CLOSED}],
        "oneOf anyOf",
    ),
    "names within names": (
        [BY_NAME, {**BY_NAME, "properties": {**BY_NAME["properties"], "z": {}}}],
        "anyOf",
    ),
    "union of tags": ([{"oneOf": [A, B]}, tagged("c", "C")], "oneOf anyOf"),
    "no tag": ([A, LOOSE], ""),
    "same tag": ([A, tagged("c", "A")], ""),
    "choices": ([{"enum": ["a", "b"]}, {"const": "c"}, {"type": "integer"}], "oneOf anyOf"),
    "choice within a text": ([{"enum": ["a", "b"]}, {"type": "string"}], "anyOf"),
    "choice that the text refuses": (
        [{"enum": ["a", "b"]}, {"type": "string", "minLength": 2}],
        "oneOf anyOf",
    ),
    "lists": (
        [
            {"type": "array", "items": {"type": "string"}, "minItems": 1},
            {"type": "array", "items": {"type": "integer"}},
        ],
        "oneOf anyOf",
    ),
    "lists that may be empty": (
        [
            {"type": "array", "items": {"type": "string"}},
            {"type": "array", "items": {"type": "integer"}},
        ],
        "anyOf",
    ),
    "impossible": ([A, {"type": "object", "allOf": [{"type": "string"}]}], "oneOf anyOf"),
}

VALUES = [
    *({"k": k} for k in ("A", "B", "C")),
    *({"k": k, name: 1} for k in ("A", "B", "C") for name in ("a", "b")),
    *({"k": k, "a": 1, "b": 1} for k in ("A", "B", "C")),
    *({"k": "A", name: 1} for name in ("c", "z", "k2")),
    *({}, {"a": 1}, {"b": 1}, {"z": 1}, {"a": 1, "z": 1}, {"url": "x"}, {"data": "x"}),
    *({"url": "x", "data": "x"}, {"url": "x", "z": 1}, {"url": 1}, {"k": 1}),
    *({"inner": {"k": "A"}}, {"inner": {"k": "B"}, "y": 1}, {"inner": {"k": "B"}, "x": 1}),
    *("a", "b", "c", "ab", "", 1, None, True, [], ["a"], [1], ["a", 1], [None]),
]


def _accepts(request_type, body):
    try:
        return wire_body(request_type.model_validate(body)) == body
    except ValidationError:
        return False


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize("which", ALTERNATIVES)
def test_alternatives_that_types_tell_apart_need_no_rule(request_type, which, keyword):
    """Class and emulator agree, with a rule only where several alternatives may hold at once."""
    branches, without_rule = ALTERNATIVES[which]
    properties = {"x": {keyword: branches}}
    made = request_type(properties)
    judge = compiled({"type": "object", "properties": properties})

    assert (keyword in without_rule.split()) is (made.__model__.rule is None)
    assert [] == [
        value
        for value in VALUES
        if _accepts(made, {"x": value}) is not judge.is_valid({"x": value})
    ]
    assert any(judge.is_valid({"x": value}) for value in VALUES) or keyword == "oneOf"


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
def test_rule_of_one_alternative_is_for_that_alone(request_type, keyword):
    """The others are not repeated: what tells it apart is the condition."""
    unique = {**B, "properties": {**B["properties"], "l": {"type": "array", "uniqueItems": True}}}
    made = request_type({"x": {keyword: [A, unique]}})

    assert _accepts(made, {"x": {"k": "B", "l": [1, 2]}})
    assert not _accepts(made, {"x": {"k": "B", "l": [1, 1]}})
    assert _accepts(made, {"x": {"k": "A", "a": 1}})
    assert {"if", "then"} == made.__model__.rule.schema["properties"]["x"].keys()


def test_rule_refers_to_what_it_would_repeat(request_type):
    """A definition that a rule needs in several places is written once."""
    long = {"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(9)}}
    loose = {"type": "object", "properties": {"a": {"$ref": "#/$defs/Long"}, "b": {}}}
    other = {"type": "object", "properties": {"a": {"$ref": "#/$defs/Long"}, "c": {}}}
    made = request_type({"x": {"anyOf": [loose, other]}}, **{"$defs": {"Long": long}})

    assert 1 == str(made.__model__.rule.schema).count("p7")
    assert _accepts(made, {"x": {"a": {"p7": "x"}, "b": 1, "c": 1}})
    assert not _accepts(made, {"x": {"a": {"p7": 1}}})
    assert not _accepts(made, {"x": {"a": {"q7": "x"}}})
