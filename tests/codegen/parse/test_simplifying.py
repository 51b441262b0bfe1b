"""Rules without the parts that refuse nothing."""

import pytest
from get3w_codegen.analysis.simplifying import simplified
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

NAMES = ("a", "b", "c")
PARTS = ("allOf", "anyOf", "oneOf", "prefixItems")
SINGLE = ("not", "if", "then", "else", "items", "contains", "additionalProperties", "propertyNames")


def _rules(parts):
    named = st.dictionaries(st.sampled_from(NAMES), parts, max_size=2)
    several = st.lists(parts, min_size=1, max_size=3)
    needed = st.lists(st.sampled_from(NAMES), max_size=2, unique=True)
    return st.fixed_dictionaries(
        {},
        optional={
            **dict.fromkeys(("properties", "patternProperties", "dependentSchemas"), named),
            **dict.fromkeys(PARTS, several),
            **dict.fromkeys((*SINGLE, "unevaluatedProperties", "unevaluatedItems"), parts),
            "required": needed,
            "dependentRequired": st.dictionaries(st.sampled_from(NAMES), needed, max_size=2),
            "minContains": st.integers(0, 1),
            "$ref": st.just("#/$defs/d"),
            "type": st.sampled_from(["object", "array"]),
        },
    )


LEAVES = st.sampled_from([True, True, {}, False, {"const": 1}, {"type": "integer"}])
RULES = st.recursive(LEAVES, _rules, max_leaves=12)
VALUES = st.recursive(
    st.sampled_from([1, 2, "a", None]),
    lambda parts: st.one_of(
        st.dictionaries(st.sampled_from(NAMES), parts, max_size=3), st.lists(parts, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=250, deadline=None)
@given(rule=RULES, shared=LEAVES | _rules(LEAVES), values=st.lists(VALUES, min_size=1, max_size=8))
def test_simplified_rule_accepts_the_same_values(rule, shared, values):
    """Whatever a rule says, also where unevaluated names and items are counted around it."""
    if isinstance(shared, dict):
        shared = {key: part for key, part in shared.items() if key != "$ref"}
    whole = {"$defs": {"d": shared}, "allOf": [rule]}
    expected = Draft202012Validator(whole)

    found = Draft202012Validator(simplified(whole))

    assert [expected.is_valid(value) for value in values] == [
        found.is_valid(value) for value in values
    ]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({"properties": {"a": True, "b": {}}}, True),
        ({"if": {"required": ["a"]}, "then": {"properties": {"a": True}}}, True),
        ({"allOf": [{"if": {"const": 1}, "then": True, "else": {}}, {"minLength": 1}]}, None),
        ({"anyOf": [{"required": ["a"]}, {"properties": {"a": {}}}]}, True),
        ({"dependentSchemas": {"a": {}}, "dependentRequired": {}, "required": []}, True),
    ],
)
def test_what_refuses_nothing_is_left_out(rule, expected):
    """A part that is true, and whatever consists of such parts only."""
    assert (expected or {"allOf": [{"minLength": 1}]}) == simplified(rule)


@pytest.mark.parametrize(
    "rule",
    [
        {"properties": {"a": True}, "additionalProperties": False},
        {"properties": {"a": True}, "unevaluatedProperties": False},
        {"allOf": [{"properties": {"a": True}}], "unevaluatedProperties": False},
        {"anyOf": [{"properties": {"a": True}}, True], "unevaluatedProperties": False},
        {"if": {"properties": {"a": True}}, "unevaluatedProperties": False},
    ],
)
def test_names_that_make_further_names_known_are_kept(rule):
    """`true` for a name is not without effect where further names are refused."""
    assert rule == simplified(rule)


def test_class_whose_conditions_refuse_nothing_has_no_rule(request_type):
    """A condition that repeats what the type says leaves no rule behind."""
    made = request_type(
        {"size": {"enum": ["s", "m"]}, "steps": {"type": "integer"}},
        allOf=[
            {
                "if": {"properties": {"size": {"const": "s"}}},
                "then": {"properties": {"steps": {"type": "integer"}}},
            }
        ],
    )

    assert made.__model__.rule is None
