"""Objects that several parts of a schema describe: what each lists is known to the others."""

import itertools

import pytest
from get3w_core.request import wire_body
from get3w_emulator.validation import compiled
from pydantic import ValidationError


def named(*names):
    return {"type": "object", "properties": {name: {} for name in names}}


def of_p(part, **said):
    return {"properties": {"p": part}, **said}


A, B, C = named("a"), named("b"), named("c")
OWN = {"type": "object", "properties": {"p": A, "q": {}}}
SCHEMAS = {
    "then": {**OWN, "if": {"required": ["q"]}, "then": of_p(B)},
    "then and else": {**OWN, "if": {"required": ["q"]}, "then": of_p(B), "else": of_p(C)},
    "dependentSchemas": {**OWN, "dependentSchemas": {"q": of_p(B)}},
    "allOf": {**OWN, "allOf": [of_p(B, minProperties=1)]},
    "anyOf": {**OWN, "anyOf": [of_p(B), of_p(C)]},
    "anyOf with a branch without": {**OWN, "anyOf": [of_p(B), {"required": ["q"]}]},
    "oneOf": {**OWN, "oneOf": [of_p(B, required=["q"]), of_p(C, required=["p"])]},
    "no own": {"type": "object", "anyOf": [of_p(B, required=["p"]), of_p(C, required=["q"])]},
    "silent own": {**OWN, "properties": {"p": {"type": "object"}, "q": {}}, "anyOf": [of_p(B), {}]},
    "open": {**OWN, "anyOf": [of_p({**B, "additionalProperties": True}), of_p(C)]},
    "reference": {**OWN, "anyOf": [{"$ref": "#/$defs/B"}, of_p({"$ref": "#/$defs/C"})]},
}
VALUES = [dict.fromkeys(names, 1) for n in range(3) for names in itertools.combinations("abcz", n)]


def _accepts(request_type, body):
    try:
        return wire_body(request_type.model_validate(body)) == body
    except ValidationError:
        return False


@pytest.mark.parametrize("nested", [False, True], ids=["root", "nested"])
@pytest.mark.parametrize("which", SCHEMAS)
def test_object_that_two_parts_describe_is_one_object(build, which, nested):
    """Class and emulator take the same names, at the root and inside."""
    whole = SCHEMAS[which]
    schema = {"type": "object", "properties": {"x": whole}} if nested else whole
    schema = {**schema, "$defs": {"B": of_p(B), "C": C}}
    made = build({"acme/thing": schema}).request_class("acme/thing")
    judge = compiled(schema)
    bodies = [{"p": value, **more} for value in VALUES for more in ({}, {"q": 1})]
    bodies = [{"x": body} for body in bodies] if nested else bodies

    verdicts = [judge.is_valid(body) for body in bodies]

    assert [] == [
        body
        for body, expected in zip(bodies, verdicts, strict=True)
        if _accepts(made, body) is not expected
    ]
    assert True in verdicts
    assert (False in verdicts) is (which != "open")
