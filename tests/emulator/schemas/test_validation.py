"""Reading a schema as closed, and numbers as decimals."""

import copy

import pytest
from get3w_emulator.schemas.closed import closed
from get3w_emulator.schemas.references import DeadReferenceError
from get3w_emulator.schemas.validation import compiled, problems

LISTS_A = {"properties": {"a": {}}}
LISTS_B = {"properties": {"b": {}}}


def accepts(schema, instance):
    return not problems(compiled(schema), instance)


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {}, "b": {}}},
        {"allOf": [LISTS_A, LISTS_B]},
        {"anyOf": [LISTS_A, LISTS_B]},
        {**LISTS_A, "$ref": "#/$defs/b", "$defs": {"b": LISTS_B}},
        {**LISTS_A, "$ref": "#there", "$defs": {"b": {**LISTS_B, "$anchor": "there"}}},
        {**LISTS_A, "$ref": "#/$defs/c", "$defs": {"b": LISTS_B, "c": {"$ref": "#/$defs/b"}}},
        {"if": {"required": ["a"]}, "then": LISTS_A, "else": {}, "allOf": [LISTS_A, LISTS_B]},
        {**LISTS_A, "dependentSchemas": {"b": LISTS_B}},
        {**LISTS_A, "patternProperties": {"^b$": {}}},
        {
            "$id": "https://example.com/x",
            **LISTS_A,
            "allOf": [{"$ref": "#/$defs/b"}],
            "$defs": {"b": LISTS_B},
        },
    ],
)
def test_closed_after_merging(schema):
    """What any part lists is known; what none lists is refused."""
    assert accepts(schema, {"a": 1, "b": 2})
    assert not accepts(schema, {"a": 1, "b": 2, "c": 3})


@pytest.mark.parametrize("where", ["additionalProperties", "unevaluatedProperties"])
def test_explicit_openness_is_honoured(where):
    """A schema that says it takes more does, wherever among its parts it says so."""
    assert accepts({**LISTS_A, where: True}, {"c": 1})
    assert accepts({"allOf": [LISTS_A, {where: True}]}, {"c": 1})
    assert accepts({**LISTS_A, where: {"type": "integer"}}, {"c": 1})
    assert not accepts({**LISTS_A, where: {"type": "integer"}}, {"c": "x"})
    assert not accepts({**LISTS_A, where: False}, {"c": 1})


@pytest.mark.parametrize(
    "schema",
    [
        True,
        {},
        {"type": "object"},
        {"required": ["c"]},
        {"not": {"properties": {"a": {}}, "required": ["a"]}},
    ],
)
def test_object_that_lists_nothing_is_open(schema):
    """Without properties there is nothing to misspell."""
    assert accepts({"properties": {"o": schema}}, {"o": {"c": 1}})


@pytest.mark.parametrize(
    ("schema", "wrap"),
    [
        ({"properties": {"o": LISTS_A}}, lambda inner: {"o": inner}),
        ({"items": LISTS_A}, lambda inner: [inner]),
        ({"prefixItems": [LISTS_A]}, lambda inner: [inner]),
        ({"additionalProperties": LISTS_A}, lambda inner: {"x": inner}),
        ({"patternProperties": {"^x": LISTS_A}}, lambda inner: {"x": inner}),
        ({"allOf": [{"properties": {"o": LISTS_A}}]}, lambda inner: {"o": inner}),
        ({"anyOf": [{"properties": {"o": LISTS_A}}, False]}, lambda inner: {"o": inner}),
        (
            {"items": {"items": {"$ref": "#/$defs/a"}}, "$defs": {"a": LISTS_A}},
            lambda inner: [[inner]],
        ),
        ({"properties": {"a": {}, "o": {"$ref": "#"}}}, lambda inner: {"o": {"o": inner}}),
        ({"properties": {"o": LISTS_A}, "not": {"required": ["z"]}}, lambda inner: {"o": inner}),
    ],
)
def test_closed_at_depth(schema, wrap):
    """An object inside is closed like the outer one, however it is reached."""
    assert accepts(schema, wrap({"a": 1}))
    assert not accepts(schema, wrap({"c": 1}))


def test_target_is_closed_where_it_describes_and_open_where_it_is_merged():
    """One definition serves as a part of the root and as the whole of a property."""
    schema = {
        "allOf": [{"$ref": "#/properties/o"}],
        "properties": {"o": LISTS_A, "p": {"$ref": "#/$defs/a"}},
        "$defs": {"a": LISTS_A},
    }

    assert accepts(schema, {"a": 1, "o": {"a": 1}, "p": {"a": 1}})
    assert not accepts(schema, {"o": {"p": 1}})
    assert not accepts(schema, {"p": {"o": 1}})
    assert not accepts(schema, {"c": 1})


NARROWED = {
    "properties": {"mode": {}, "o": {"properties": {"x": {}, "y": {}}}, "l": {"items": LISTS_A}},
    "if": {"properties": {"mode": {"const": "fast"}}, "required": ["mode"]},
    "then": {
        "properties": {
            "o": {"properties": {"x": {"maximum": 5}, "z": {}}},
            "l": {"items": {"properties": {"a": {"maximum": 5}}}},
        }
    },
}


def test_parts_that_describe_the_same_property_are_merged():
    """A branch that narrows a property of an inner object does not forbid the others."""
    assert accepts(NARROWED, {"mode": "fast", "o": {"x": 5, "y": 9, "z": 1}, "l": [{"a": 5}]})
    assert not accepts(NARROWED, {"mode": "fast", "o": {"x": 6}})
    assert accepts(NARROWED, {"mode": "slow", "o": {"x": 6, "y": 9}, "l": [{"a": 6}]})
    assert not accepts(NARROWED, {"mode": "fast", "o": {"x": 5, "yy": 9}})
    assert not accepts(NARROWED, {"mode": "slow", "l": [{"b": 6}]})


def test_branches_of_a_choice_stay_apart():
    """What one alternative lists inside a property is not known in another."""
    schema = {
        "oneOf": [
            {"properties": {"kind": {"const": 1}, "o": LISTS_A}, "required": ["kind"]},
            {"properties": {"kind": {"const": 2}, "o": LISTS_B}, "required": ["kind"]},
        ]
    }

    assert accepts(schema, {"kind": 1, "o": {"a": 1}})
    assert accepts(schema, {"kind": 2, "o": {"b": 1}})
    assert not accepts(schema, {"kind": 1, "o": {"b": 1}})


def test_conditions_are_not_closed():
    """A test asks for what it names and does not mind the rest."""
    schema = {
        "properties": {"o": {"properties": {"a": {}, "b": {}}}, "n": {}},
        "if": {
            "properties": {"o": {"properties": {"a": {"const": 1}}, "required": ["a"]}},
            "required": ["o"],
        },
        "then": {"required": ["n"]},
    }

    assert not accepts(schema, {"o": {"a": 1, "b": 2}})
    assert accepts(schema, {"o": {"a": 1, "b": 2}, "n": 1})
    assert accepts(schema, {"o": {"a": 2, "b": 2}})


def test_schema_given_is_not_changed():
    """Closing makes a new schema."""
    before = copy.deepcopy(NARROWED)

    assert NARROWED != closed(NARROWED)
    assert before == NARROWED


def test_reference_out_of_the_document_is_an_error():
    """Nothing is fetched."""
    with pytest.raises(DeadReferenceError):
        closed({"$ref": "https://example.com/x"})
    with pytest.raises(DeadReferenceError):
        closed({"$ref": "#/$defs/none"})


@pytest.mark.parametrize(
    ("number", "divisor", "expected"),
    [
        (0.3, 0.1, True),
        (0.35, 0.1, False),
        (1.1, 0.1, True),
        (4.35, 0.01, True),
        (1e300, 0.1, True),
        (10**30 + 1, 10, False),
        (7, 2, False),
        (8, 2, True),
        (1e-7, 1e-8, True),
        (-0.3, 0.1, True),
        (0, 0.1, True),
        (True, 2, True),
        ("0.35", 0.1, True),
    ],
)
def test_multiples_compare_as_decimals(number, divisor, expected):
    """0.3 is a multiple of 0.1, and what is no number is no matter of this keyword."""
    assert expected == accepts({"multipleOf": divisor}, number)


@pytest.mark.parametrize(
    ("schema", "instance", "expected"),
    [
        ({"type": "integer"}, 1.0, True),
        ({"type": "integer"}, 1.5, False),
        ({"type": "integer"}, True, False),
        ({"enum": [1]}, True, False),
        ({"const": 1}, True, False),
        ({"const": 1}, 1.0, True),
        ({"const": False}, 0, False),
        ({"type": "string", "format": "uri"}, "no uri", True),
    ],
)
def test_types_are_json_schemas(schema, instance, expected):
    """1.0 is an integer, true is not 1, and a format is an annotation."""
    assert expected == accepts(schema, instance)


def test_problems_say_where():
    """A problem has the pointer of the value, escaped as pointers are."""
    schema = {"properties": {"a/b~c": {"items": {"type": "string"}}}}

    (problem,) = problems(compiled(schema), {"a/b~c": ["x", 1]})

    assert "/a~1b~0c/1" == problem.pointer
    assert "1 is not of type 'string'" == problem.message


@pytest.mark.parametrize(
    ("pattern", "text", "fits"),
    [
        ("^(a+)+$", "a" * 40 + "!", False),
        ("^(?=(a+)+$)", "a" * 40 + "!", False),
        ("(x+x+)+y", "x" * 5000, False),
        (r"^\p{L}+$", "\u00e9t\u00e9", True),
        (r"^\d$", "\u0663", False),
        ("^a$", "a\n", False),
        ("^.$", "\ud800", True),
        ("(" * 5000 + "a" + ")" * 5000, "b", True),
        ("[", "b", True),
    ],
)
def test_pattern_is_judged_in_bounded_time(pattern, text, fits):
    """A pattern means what the standard says, and none keeps other calls waiting."""
    assert fits is accepts({"pattern": pattern}, text)
