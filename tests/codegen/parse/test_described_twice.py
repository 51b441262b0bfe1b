"""Objects that several parts of a schema describe: what each lists is known to the others."""

import itertools

import pytest
from get3w_core.request.wire import wire_body
from get3w_emulator.schemas.validation import compiled
from pydantic import ValidationError


def named(*names):
    return {"type": "object", "properties": {name: {} for name in names}}


def of_p(part, **said):
    return {"properties": {"p": part}, **said}


A, B, C = named("a"), named("b"), named("c")
# Where the object stands that is described twice: what makes its schema, and its value.
DEPTHS = {
    "property": (lambda part: part, lambda value: value),
    "items": (lambda part: {"type": "array", "items": part}, lambda value: [value]),
    "items of items": (
        lambda part: {"type": "array", "items": {"type": "array", "items": part}},
        lambda value: [[value]],
    ),
    "two levels down": (lambda part: {"properties": {"o": part}}, lambda value: {"o": value}),
    "items two levels down": (
        lambda part: {"properties": {"o": {"items": part}}},
        lambda value: {"o": [value]},
    ),
    "object in items": (
        lambda part: {"items": {"properties": {"o": part}}},
        lambda value: [{"o": value}],
    ),
}


def described(wrap):
    """Return schemas of an object whose property `p` several parts describe, by how they do."""
    a, b, c = wrap(A), wrap(B), wrap(C)
    own = {"type": "object", "properties": {"p": a, "q": {}}}
    return {
        "then": {**own, "if": {"required": ["q"]}, "then": of_p(b)},
        "then and else": {**own, "if": {"required": ["q"]}, "then": of_p(b), "else": of_p(c)},
        "dependentSchemas": {**own, "dependentSchemas": {"q": of_p(b)}},
        "allOf": {**own, "allOf": [of_p(b, minProperties=1)]},
        "allOf that cannot be merged": {**own, "allOf": [of_p(b, additionalProperties=True)]},
        "anyOf": {**own, "anyOf": [of_p(b), of_p(c)]},
        "anyOf with a branch without": {**own, "anyOf": [of_p(b), {"required": ["q"]}]},
        "oneOf": {**own, "oneOf": [of_p(b, required=["q"]), of_p(c, required=["p"])]},
        "no own": {"type": "object", "anyOf": [of_p(b, required=["p"]), of_p(c, required=["q"])]},
        "silent own": {
            **own,
            "properties": {"p": wrap({"type": "object"}), "q": {}},
            "anyOf": [of_p(b), {}],
        },
        "open": {**own, "anyOf": [of_p(wrap({**B, "additionalProperties": True})), of_p(c)]},
        "reference": {**own, "anyOf": [{"$ref": "#/$defs/B"}, of_p(wrap({"$ref": "#/$defs/C"}))]},
    }


VALUES = [dict.fromkeys(names, 1) for n in range(3) for names in itertools.combinations("abcz", n)]


def _accepts(request_type, body):
    try:
        return wire_body(request_type.model_validate(body)) == body
    except ValidationError:
        return False


@pytest.mark.parametrize("nested", [False, True], ids=["root", "nested"])
@pytest.mark.parametrize("depth", DEPTHS)
def test_object_that_two_parts_describe_is_one_object(build, depth, nested):
    """Class and emulator take the same names, at the root and inside."""
    wrap, valued = DEPTHS[depth]
    found = {}
    for which, whole in described(wrap).items():
        schema = {"type": "object", "properties": {"x": whole}} if nested else whole
        found[which] = {**schema, "$defs": {"B": of_p(wrap(B)), "C": C}}
    models = build({f"acme/{which.replace(' ', '-')}": each for which, each in found.items()})
    bodies = [{"p": valued(value), **more} for value in VALUES for more in ({}, {"q": 1})]
    bodies = [{"x": body} for body in bodies] if nested else bodies
    different = []
    for which, schema in found.items():
        made = models.request_class(f"acme/{which.replace(' ', '-')}")
        judge = compiled(schema)
        verdicts = [judge.is_valid(body) for body in bodies]
        different += [
            (which, body, expected)
            for body, expected in zip(bodies, verdicts, strict=True)
            if _accepts(made, body) is not expected
        ]

        assert True in verdicts, which
        assert (False in verdicts) is (which != "open"), which

    assert [] == different
