"""Large floats are the integers that they hold, in class, rule and emulator alike."""

import json

import pytest
from get3w_core.request.conditions import Rule
from get3w_emulator.schemas.validation import compiled
from pydantic import ValidationError

WRITTEN = (
    "9007199254740992.0 9007199254740993 9223372036854775807 9223372036854775808"
    " 9223372036854775808.0 18446744073709551616 18446744073709552000 1.8446744073709552e19"
    " 10000000000000000000 1e19 -1e19 1e23 1e30 1000000000000000019884624838656 1e308 0.1e2 5e-324"
).split()
LIMITS = (2**63, 10**19, 1e19, 2**64, 1.8446744073709552e19, 1e23)
SAID = [
    {},
    *({key: limit} for key in ("minimum", "maximum", "exclusiveMinimum") for limit in LIMITS),
    *({"enum": [limit, 1]} for limit in LIMITS),
    *({"const": limit} for limit in LIMITS),
    *({"not": {"const": limit}} for limit in LIMITS),
    *({"multipleOf": step} for step in (3, 10, 0.5, *LIMITS)),
    {"anyOf": [{"minimum": 2**63}, {"maximum": 0}]},
    {"if": {"minimum": 2**63}, "then": {"multipleOf": 4096}},
]


@pytest.mark.parametrize("kind", ["integer", "number", ["integer", "string"], None])
@pytest.mark.parametrize("inside", [False, True], ids=["itself", "in a list"])
def test_class_and_emulator_agree(build, kind, inside):
    """A value is taken by both or by neither, whether it comes from Python or as JSON."""
    models = {}
    for number, said in enumerate(SAID):
        schema = said if kind is None else {"type": kind, **said}
        models[f"acme/m{number}"] = {
            "type": "object",
            "properties": {"p": {"type": "array", "items": schema} if inside else schema},
        }
    package = build(models)
    different = []
    for model_id, schema in models.items():
        request, judge = package.request_class(model_id), compiled(schema)
        for text in WRITTEN:
            value = json.loads(text)
            body = {"p": [value] if inside else value}
            verdicts = {
                accepts(request.model_validate, body),
                accepts(request.model_validate_json, json.dumps(body)),
                judge.is_valid(body),
            }
            if len(verdicts) > 1:
                different.append((schema["properties"]["p"], text))

    assert [] == different


def accepts(read, body):
    try:
        read(body)
    except ValidationError:
        return False
    return True


def test_wire_carries_the_same_number(request_type):
    """An integer that is given as 1e23 is sent as the integer that this float holds."""
    made = request_type({"p": {"type": "integer"}})

    assert {"p": 1e23} == json.loads(made(p=1e23).model_dump_json())


@pytest.mark.parametrize("depth", [100, 5_000])
def test_depth_of_a_value_does_not_matter_to_a_rule(depth):
    """A condition is judged however deep the values beside it are nested."""
    deep = 1
    for _ in range(depth):
        deep = [deep]
    rule = Rule({"properties": {"p": {"type": "array"}, "q": {"const": 1}}})

    assert [True, False] == [rule.allows({"p": deep, "q": q}) for q in (1, 2)]
