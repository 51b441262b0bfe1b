"""An object is read alike wherever it stands and however the schema refers to it."""

import itertools
from functools import partial

import pytest
from get3w_core.request.wire import wire_body
from get3w_emulator.schemas.validation import compiled
from pydantic import ValidationError

from tests.covering import covering

OBJECT = {"type": "object", "properties": {"get": {"type": "string"}}}
ANY = {"type": "object"}

# What the object says of further names, and whether it takes {"got": "y"}.
FURTHER = {
    "silent": ({}, False),
    "closed": ({"additionalProperties": False}, False),
    "open": ({"additionalProperties": True}, True),
    "typed": ({"additionalProperties": {"type": "string"}}, True),
}

# Where two alternatives may stand: a schema with them there, and a body with a value of them.
UNIONS = {
    "root": (lambda s: s, lambda v: v),
    "property": (lambda s: {"properties": {"x": s}}, lambda v: {"x": v}),
    "property with a type": (lambda s: {"properties": {"x": {**ANY, **s}}}, lambda v: {"x": v}),
    "items": (lambda s: {"properties": {"x": {"items": s}}}, lambda v: {"x": [v]}),
    "allOf": (
        lambda s: {"properties": {"x": {"allOf": [{"properties": {"c": {}}}, s]}}},
        lambda v: {"x": v},
    ),
    "allOf of the root": (lambda s: {"properties": {"c": {}}, "allOf": [s]}, lambda v: v),
    "union": (
        lambda s: {"properties": {"x": {"anyOf": [s, {"type": "integer"}]}}},
        lambda v: {"x": v},
    ),
    "map": (
        lambda s: {"properties": {"x": {"additionalProperties": s}}},
        lambda v: {"x": {"k": v}},
    ),
}

# How a schema may refer to the object of the definition I.
WAYS = {
    "plain": {"$ref": "#/$defs/I"},
    "annotated": {"$ref": "#/$defs/I", "description": "It.", "default": {"get": "x"}},
    "with its type": {"$ref": "#/$defs/I", "type": "object"},
    "with an assertion": {"$ref": "#/$defs/I", "maxProperties": 3},
    "chain": {"$ref": "#/$defs/J"},
    "allOf": {"allOf": [{"$ref": "#/$defs/I"}]},
    "oneOf": {"oneOf": [{"$ref": "#/$defs/I"}]},
    "anyOf with null": {"anyOf": [{"$ref": "#/$defs/J"}, {"type": "null"}]},
    "nullable": {"$ref": "#/$defs/I", "nullable": True},
}

# Where the object may stand: a schema with it there, and a body with a value of it.
PLACES = {
    "property": (lambda s: {"properties": {"x": s}}, lambda v: {"x": v}),
    "items": (
        lambda s: {"properties": {"x": {"type": "array", "items": s}}},
        lambda v: {"x": [v]},
    ),
    "items of a map": (
        lambda s: {"properties": {"x": {**ANY, "additionalProperties": {"items": s}}}},
        lambda v: {"x": {"k": [v]}},
    ),
    "patternProperties": (
        lambda s: {"properties": {"x": {**ANY, "patternProperties": {"^a": s}}}},
        lambda v: {"x": {"a": v}},
    ),
    "patternProperties of the root": (
        lambda s: {"properties": {"b": {}}, "patternProperties": {"^a": s}},
        lambda v: {"a1": v},
    ),
    "additionalProperties alone": (
        lambda s: {"properties": {"x": {**ANY, "additionalProperties": s}}},
        lambda v: {"x": {"a": v}},
    ),
    "additionalProperties beside properties": (
        lambda s: {
            "properties": {"x": {**ANY, "properties": {"b": {}}, "additionalProperties": s}}
        },
        lambda v: {"x": {"a": v}},
    ),
    "additionalProperties of the root": (
        lambda s: {"properties": {"b": {}}, "additionalProperties": s},
        lambda v: {"a": v},
    ),
    "prefixItems": (
        lambda s: {"properties": {"x": {"type": "array", "prefixItems": [{}, s]}}},
        lambda v: {"x": [1, v]},
    ),
    "items after prefixItems": (
        lambda s: {"properties": {"x": {"type": "array", "prefixItems": [{}], "items": s}}},
        lambda v: {"x": [1, v]},
    ),
    "unevaluatedItems": (
        lambda s: {
            "properties": {"x": {"type": "array", "prefixItems": [{}], "unevaluatedItems": s}}
        },
        lambda v: {"x": [1, v]},
    ),
    "unevaluatedProperties": (
        lambda s: {
            "properties": {"x": {**ANY, "properties": {"b": {}}, "unevaluatedProperties": s}}
        },
        lambda v: {"x": {"a": v}},
    ),
    "object without type": (
        lambda s: {"properties": {"x": {"properties": {"a": s}}}},
        lambda v: {"x": {"a": v}},
    ),
    "array without type": (lambda s: {"properties": {"x": {"items": s}}}, lambda v: {"x": [v]}),
    "one of several types": (
        lambda s: {"properties": {"x": {"type": ["array", "string"], "items": s}}},
        lambda v: {"x": [v]},
    ),
    "union": (
        lambda s: {"properties": {"x": {"anyOf": [{"type": "string"}, s]}}},
        lambda v: {"x": v},
    ),
    "exclusive union": (
        lambda s: {"properties": {"x": {"oneOf": [s, {"type": "integer"}]}}},
        lambda v: {"x": v},
    ),
    "dependentSchemas": (
        lambda s: {
            "properties": {"b": {}},
            "dependentSchemas": {"b": {"properties": {"a": s}}},
        },
        lambda v: {"b": 1, "a": v},
    ),
    "then": (
        lambda s: {
            "properties": {"b": {}},
            "if": {"required": ["b"]},
            "then": {"properties": {"a": s}},
        },
        lambda v: {"b": 1, "a": v},
    ),
    "else": (
        lambda s: {
            "properties": {"b": {}},
            "if": {"required": ["b"]},
            "else": {"properties": {"a": s}},
        },
        lambda v: {"a": v},
    ),
    "oneOf of the root": (
        lambda s: {
            "oneOf": [
                {"properties": {"k": {"const": 1}, "a": s}, "required": ["k"]},
                {"properties": {"k": {"const": 2}, "b": {}}, "required": ["k"]},
            ]
        },
        lambda v: {"k": 1, "a": v},
    ),
    "anyOf of the root": (
        lambda s: {"anyOf": [{"properties": {"a": s}}, {"properties": {"b": {}}}]},
        lambda v: {"a": v},
    ),
    "anyOf beside properties": (
        lambda s: {
            "properties": {"b": {"type": "integer"}},
            "anyOf": [{"properties": {"a": s}, "required": ["a"]}, {"required": ["b"]}],
        },
        lambda v: {"a": v},
    ),
    "allOf of the root": (
        lambda s: {
            "allOf": [{"properties": {"a": s}}, {"properties": {"b": {}}, "minProperties": 1}]
        },
        lambda v: {"a": v},
    ),
    "allOf branch that says more": (
        lambda s: {
            "properties": {"b": {}},
            "allOf": [{"properties": {"a": s}, "not": {"required": ["b"]}}],
        },
        lambda v: {"a": v},
    ),
    "union in a union": (
        lambda s: {
            "properties": {
                "x": {
                    "anyOf": [
                        {"type": "integer"},
                        {"oneOf": [{**ANY, "properties": {"a": s}}, {"type": "string"}]},
                    ]
                }
            }
        },
        lambda v: {"x": {"a": v}},
    ),
    "recursion": (
        lambda s: {
            "properties": {"x": {"$ref": "#/$defs/N"}},
            "$defs": {"N": {**ANY, "properties": {"a": s, "n": {"$ref": "#/$defs/N"}}}},
        },
        lambda v: {"x": {"n": {"n": {"a": v}}}},
    ),
    "recursive list": (
        lambda s: {
            "properties": {"x": {"$ref": "#/$defs/L"}},
            "$defs": {"L": {"anyOf": [{"type": "array", "items": {"$ref": "#/$defs/L"}}, s]}},
        },
        lambda v: {"x": [[v]]},
    ),
}


def _accepts(request_type, body):
    try:
        return wire_body(request_type.model_validate(body)) == body
    except ValidationError:
        return False


def _judged_alike(build, schemas, bodies):
    """Return the class's and the emulator's verdict on each body that is not as it should be.

    Args:
        build: The fixture that makes a package.
        schemas: The schemas by model id.
        bodies: Yields body and expected verdict for a model id.
    """
    package = build(schemas)
    return [
        (model_id, judge, body, wanted)
        for model_id, schema in schemas.items()
        for judge, accepts in (
            ("class", partial(_accepts, package.request_class(model_id))),
            ("emulator", compiled(schema).is_valid),
        )
        for body, wanted in bodies(model_id)
        if accepts(body) is not wanted
    ]


CROSSING = list(itertools.product(PLACES, FURTHER, ["inline", *WAYS]))
COVER = [CROSSING[index] for index in sorted(covering([dict(enumerate(e)) for e in CROSSING]))]


def _schemas(crossing, place):
    """Return the schemas of a place: of ways and of words on further names, by model id."""
    wrap, _ = PLACES[place]
    for _, name, way in (each for each in crossing if each[0] == place):
        target = {**OBJECT, **FURTHER[name][0]}
        made = {"type": "object", **wrap(target if way == "inline" else WAYS[way])}
        definitions = {"I": target, "J": {"$ref": "#/$defs/I"}, **made.get("$defs", {})}
        yield f"{name}/{way.replace(' ', '-').lower()}", {**made, "$defs": definitions}


@pytest.mark.parametrize(
    "crossing", [COVER, pytest.param(CROSSING, marks=pytest.mark.soak)], ids=["cover", "all"]
)
@pytest.mark.parametrize("place", PLACES)
def test_object_is_read_alike_in_every_place(build, place, crossing):
    """Inline or by `$ref`, a misspelt name is refused unless the object itself allows it."""
    _, body = PLACES[place]

    def bodies(model_id):
        _, unknown = FURTHER[model_id.partition("/")[0]]
        for value, wanted in (({"get": "x"}, True), ({"got": "y"}, unknown), ({"get": 1}, False)):
            yield body(value), wanted

    assert [] == _judged_alike(build, dict(_schemas(crossing, place)), bodies)


@pytest.mark.parametrize("keyword", ["oneOf", "anyOf"])
@pytest.mark.parametrize("place", UNIONS)
def test_closed_branch_does_not_open_its_silent_siblings(build, place, keyword):
    """Only `true` or a schema allows further names; `false` in one branch allows none in others."""
    wrap, body = UNIONS[place]
    silent = {"type": "object", "properties": {"k": {"const": 1}, "a": {}}, "required": ["k"]}
    other = {"type": "object", "properties": {"k": {"const": 2}, "b": {}}, "required": ["k"]}
    schemas = {
        f"{name}/{number}": {"type": "object", **wrap({keyword: list(branches)})}
        for name, (further, _) in FURTHER.items()
        for number, branches in enumerate(
            itertools.permutations([silent, {**other, **further}]), start=1
        )
    }

    def bodies(model_id):
        _, unknown = FURTHER[model_id.partition("/")[0]]
        yield body({"k": 1, "a": 1}), True
        yield body({"k": 2, "b": 1}), True
        yield body({"k": 1, "sead": "1"}), unknown
        yield body({"k": 2, "z": "1"}), unknown
        yield body({"k": 3}), False

    assert [] == _judged_alike(build, schemas, bodies)
