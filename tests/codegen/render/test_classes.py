"""What a generated class accepts, from small inline schemas."""

import inspect

import pytest
from get3w_core.request.wire import wire_body
from pydantic import ValidationError


def accepts(request_type, body):
    try:
        request_type.model_validate(body)
    except ValidationError:
        return False
    return True


A_B = {"a": {"type": "integer"}, "b": {"type": "integer"}}


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"type": "string"}, ["", "x"], [1, None, True, ["x"]]),
        ({"type": "string", "minLength": 2, "maxLength": 3}, ["ab", "äöü"], ["a", "abcd"]),
        ({"type": "string", "maxLength": 2**64}, ["abc"], [1]),  # more than pydantic takes
        ({"type": "array", "minItems": 1, "maxItems": 10**30}, [["a"]], [[]]),
        ({"type": "object", "maxProperties": 1e30}, [{"a": 1}], [1]),
        ({"type": "string", "pattern": "b+"}, ["abc"], ["ac"]),
        ({"type": "string", "pattern": "^\\p{Lu}$"}, ["A", "Ä"], ["a", ""]),  # ECMA's, not Python's
        ({"type": "string", "format": "uri"}, ["no uri at all"], [1]),
        ({"type": "integer"}, [1, 1.0, -5, 10**30], ["1", True, 1.5, None]),
        ({"type": "integer", "minimum": 0.5, "maximum": 3.5}, [1, 3], [0, 4]),
        ({"type": "integer", "exclusiveMinimum": 1, "multipleOf": 4}, [4, 8.0], [1, 6]),
        ({"type": "number"}, [1, 0.5, -2e10], ["1", True, None]),
        ({"type": "number", "minimum": 0, "exclusiveMaximum": 1}, [0, 0.999], [-0.1, 1]),
        ({"type": "number", "multipleOf": 0.1}, [0.3, 1], [0.25]),
        ({"type": "boolean"}, [True, False], [0, 1, "true", None]),
        ({"type": ["string", "null"], "maxLength": 1}, ["a", None], ["ab", 1]),
        ({"type": "string", "nullable": True}, ["a", None], [1]),
        ({"type": ["string", "integer"], "minimum": 3}, ["a", 3], [2, None, True]),
        ({"enum": ["a", 5, None]}, ["a", 5, 5.0, None], ["b", True, 6]),
        ({"enum": [0, 1]}, [0, 1, 1.0], [True, False, 2]),
        ({"enum": [True, "x"]}, [True, "x"], [1, False]),
        ({"enum": [0.5, 1.5]}, [0.5], [1, "0.5"]),
        ({"type": "string", "enum": ["a", 1]}, ["a"], [1]),
        ({"const": {"a": [1]}}, [{"a": [1]}], [{"a": [2]}, None]),
        ({"type": "array", "items": {"type": "integer"}}, [[], [1, 2.0]], [["1"], [True], "x"]),
        ({"type": "array", "minItems": 1, "maxItems": 2}, [[1], [None, "x"]], [[], [1, 2, 3]]),
        ({"type": "array", "uniqueItems": True}, [[1, 2]], [[1, 1]]),
        ({"type": "array", "prefixItems": [{"type": "string"}], "items": False}, [["a"]], [[1]]),
        ({"type": "array", "items": {"type": ["integer", "null"]}}, [[1, None]], [["x"]]),
        ({"type": "object"}, [{}, {"a": [1]}], [[], None]),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, [{"a": 1}], [{"a": "1"}]),
        ({"type": "object", "minProperties": 1}, [{"a": 1}], [{}]),
        ({"type": "object", "properties": {"a": {}}}, [{"a": None}, {}], [{"b": 1}]),
        (
            {"type": "object", "properties": {"a": {}}, "additionalProperties": True},
            [{"b": 1}],
            [[]],
        ),
        (
            {"type": "object", "properties": {"a": {}}, "additionalProperties": {"type": "string"}},
            [{"a": 1, "b": "x"}],
            [{"b": 1}],
        ),
        ({"anyOf": [{"type": "string", "maxLength": 1}, {"type": "integer"}]}, ["a", 1], ["ab"]),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, ["a", None], [1]),
        ({"oneOf": [{"multipleOf": 2}, {"multipleOf": 3}]}, [2, 3, 4], [6, 5]),
        ({"oneOf": [{"type": "string"}, {"type": "integer"}]}, ["a", 1], [None, 0.5]),
        ({"allOf": [{"type": "integer", "minimum": 1}, {"maximum": 3}]}, [1, 3], [0, 4, "2"]),
        ({"not": {"const": 3}}, [2, None], [3]),
        ({}, [1, None, "x", [{}]], []),
        ({"$ref": "#/$defs/size"}, [1], [0, "x"]),
        (
            {"allOf": [{"allOf": [{"not": {"const": 1}}]}, {"not": {"const": 2}}]},
            [3, "x"],
            [1, 2],
        ),
        (
            {"type": "object", "properties": A_B, "dependentRequired": {"a": ["b"]}},
            [{"a": 1, "b": 1}, {"b": 1}],
            [{"a": 1}],
        ),
        ({"type": ["number", "string"], "multipleOf": 0.5}, [1.5, "x"], [0.3, None]),
        ({"type": ["string", "integer", "null"], "not": {"const": 3}}, ["a", 2, None], [3, True]),
        ({"anyOf": [False]}, [], [None, 1]),
        ({"type": "null", "not": {"const": None}}, [], [None, 1]),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "integer"}},
                "patternProperties": {"^x_": {"type": "integer"}},
                "additionalProperties": {"type": "string"},
            },
            [{"a": 1, "x_1": 1, "z": "x"}],
            [{"a": "x"}, {"x_1": "x"}, {"z": 1}],
        ),
        ({"type": "object", "properties": {}}, [{}], [{"a": 1}, None]),
        ({"properties": {"a": {"type": "integer"}}}, [{"a": 1}, {}, 3], [{"b": 1}, {"a": "x"}]),
        (
            {"type": "object", "properties": {"a": {}}, "unevaluatedProperties": False},
            [{"a": 1}],
            [{"b": 1}],
        ),
        (
            {"type": "object", "properties": {"a": {}}, "unevaluatedProperties": {"const": 1}},
            [{"a": 2, "b": 1}],
            [{"b": 2}],
        ),
        (
            {"type": "array", "prefixItems": [{"type": "integer"}], "unevaluatedItems": False},
            [[1], []],
            [["x"], [1, 2]],
        ),
        (
            {
                "type": "object",
                "properties": {"a": {"type": "integer"}},
                "anyOf": [{"properties": {"b": {"type": "integer"}}}, {"properties": {"c": {}}}],
            },
            [{"a": 1, "b": 1}, {"a": 1, "c": 1}],
            [{"b": "x"}, {"d": 1}],
        ),
        (
            {
                "allOf": [
                    {"type": "object", "properties": {"a": {}}, "additionalProperties": False},
                    {"properties": {"b": {}}},
                ]
            },
            [{"a": 1}],
            [{"b": 1}, {"a": 1, "b": 1}],
        ),
        (
            {
                "properties": {"b": {}},
                "allOf": [{"type": "object", "additionalProperties": {"type": "integer"}}],
            },
            [{"b": 1, "c": 2}],
            [{"b": "x"}, {"c": "x"}, 1],
        ),
        ({"enum": [True, 1.5]}, [True, 1.5], [1, False, "x"]),
        ({"type": "string", "minLength": 1.0, "maxLength": 2.0}, ["a"], ["", "abc"]),
        ({"type": "array", "minItems": 1.0}, [[1]], [[]]),
        (
            {
                "type": "array",
                "minItems": 1,
                "items": {"type": "array", "minItems": 2, "items": {"type": "array"}},
            },
            [[[[], [1]]]],
            [[], [[[]]], [[1, 2]]],
        ),
        ({"anyOf": [{"type": "string"}, {"type": "integer"}], "nullable": True}, [1, None], [0.5]),
        ({"const": "a", "nullable": True}, ["a", None], ["b"]),
        ({"$ref": "#/$defs/size", "nullable": True}, [1, None], [0]),
        ({"type": "number", "nullable": True, "multipleOf": 0.5}, [1.5, None], [0.3]),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": True}, [2], [1]),
        ({"type": "integer", "minimum": 1, "exclusiveMinimum": False}, [1], [0]),
    ],
)
def test_class_accepts_what_the_schema_accepts(request_type, schema, good, bad):
    """A value passes in the class exactly where it passes in the schema."""
    made = request_type({"x": schema}, **{"$defs": {"size": {"type": "integer", "minimum": 1}}})

    assert [] == [value for value in good if not accepts(made, {"x": value})]
    assert [] == [value for value in bad if accepts(made, {"x": value})]


def test_silent_schema_is_closed_unless_asked_otherwise(request_type):
    """A misspelt name would be billed as if it were not there, so it is refused by default."""
    assert not accepts(request_type({"a": {}}), {"b": 1})
    assert accepts(request_type({"a": {}}, open_=True), {"b": 1})


def test_condition_across_fields_holds(request_type):
    """`if` and `then` of the whole body are kept, and left-out fields count as left out."""
    made = request_type(
        {"a": {"type": "integer"}, "b": {"type": "string"}},
        **{"if": {"required": ["a"]}, "then": {"required": ["b"]}},
    )

    assert accepts(made, {})
    assert accepts(made, {"a": 1, "b": "x"})
    assert not accepts(made, {"a": 1})


def test_name_of_a_branch_is_known_only_where_the_branch_holds(request_type):
    """What `then` lists is a misspelt name wherever `if` does not hold."""
    made = request_type(
        {"a": {"type": "integer"}},
        **{
            "if": {"properties": {"a": {"const": 1}}, "required": ["a"]},
            "then": {"properties": {"b": {"type": "string"}}},
        },
    )

    assert accepts(made, {"a": 1, "b": "x"})
    assert not accepts(made, {"a": 2, "b": "x"})
    assert not accepts(made, {"a": 1, "b": 1})


def test_schema_without_properties_takes_any(build):
    """Only an object that lists its properties is read as closed."""
    assert accepts(build({"acme/thing": {"type": "object"}}).request_class("acme/thing"), {"a": 1})


def test_branches_may_name_further_properties(request_type):
    """A property that only a branch lists is known to the object the branch speaks of."""
    made = request_type(
        {"a": {}}, anyOf=[{"properties": {"b": {"type": "integer"}}, "required": ["b"]}, {}]
    )

    assert accepts(made, {"b": 1})
    assert not accepts(made, {"c": 1})


def test_nested_objects_are_exact_too(request_type):
    """Everything that holds for the body holds for the objects in it."""
    made = request_type(
        {
            "items": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"class": {"type": "integer", "default": 3}},
                    "required": [],
                },
            }
        }
    )

    assert accepts(made, {"items": [{"class": 1}, {}]})
    assert not accepts(made, {"items": [{"class_": 1}]})
    assert not accepts(made, {"items": [{"class": "1"}]})


def test_only_what_was_given_is_on_the_wire(request_type):
    """Defaults are shown to readers and left to the server."""
    made = request_type({"a": {"type": "integer", "default": 7}, "b": {"type": "string"}})

    request = made(b="x")

    assert 7 == request.a
    assert {"b": "x"} == wire_body(request)
    assert {"a": 7} == wire_body(made(a=7))


def test_null_is_sent_only_where_the_schema_knows_it(build):
    """None means "not given" unless null is a value of the parameter."""
    package = build(
        {
            "acme/thing": {
                "type": "object",
                "properties": {"plain": {"type": "string"}, "maybe": {"type": ["string", "null"]}},
            }
        }
    )
    made = package.request_class("acme/thing")

    assert {"maybe": None} == wire_body(made(plain=None, maybe=None))
    parameters = inspect.signature(package.submit_thing).parameters
    assert {} == wire_body(made(maybe=parameters["maybe"].default))


def test_parameters_come_in_the_schemas_order(build):
    """Required first, then the display order, then the rest; keyword-only after the first."""
    package = build(
        {
            "acme/thing": {
                "type": "object",
                "properties": {"d": {}, "c": {}, "b": {}, "a": {}},
                "required": ["b"],
                "x-order-properties": ["a", "b", "c"],
            }
        }
    )

    parameters = inspect.signature(package.submit_thing).parameters

    assert ["b", "a", "c", "d"] == list(parameters)[:4]
    assert ["client", "webhook_url", "extra_body", "timeout"] == list(parameters)[4:]
    assert {"b"} == {p.name for p in parameters.values() if p.kind is not p.KEYWORD_ONLY}


@pytest.mark.parametrize("name", ["Field", "Literal", "str", "C0", "L_0", "ModelRequest", "Client"])
def test_names_of_nested_classes_hide_nothing(request_type, name):
    """An object property may be called what the module itself needs."""
    made = request_type(
        {
            name: {"type": "object", "properties": {"x": {"type": "integer"}}},
            "other": {"type": "string", "maxLength": 1},
        }
    )

    assert accepts(made, {name: {"x": 1}, "other": "a"})
    assert not accepts(made, {name: {"x": "1"}})


def test_hostile_text_stays_text(request_type):
    """Text of a schema cannot become code, and every value of it survives."""
    evil = '"""\n\'\'\'\\ {{ 7*7 }} {% endraw %} {x} \u202e\x00\ud800 """ + boom() + """'
    name = evil.replace("\ud800", "")
    made = request_type(
        {
            "a": {"enum": [evil, "x"], "default": evil, "description": evil, "title": evil},
            name: {"type": "string", "description": evil},
        },
        description=evil,
    )

    assert evil == made().a
    assert accepts(made, {"a": evil, name: evil})


@pytest.mark.parametrize("closing", [{}, {"additionalProperties": False}])
def test_recursive_schema_becomes_recursive_classes(request_type, closing):
    """A schema that refers to itself, directly or in a circle, is exact at every depth."""
    made = request_type(
        {"tree": {"$ref": "#/$defs/Node"}, "any": {"$ref": "#/$defs/List"}, "self": {"$ref": "#"}},
        **{
            "$defs": {
                "Node": {
                    "type": "object",
                    "properties": {
                        "value": {"type": "integer"},
                        "left": {"$ref": "#/$defs/Node"},
                        "leaf": {"$ref": "#/$defs/Leaf"},
                    },
                    **closing,
                },
                "Leaf": {
                    "type": "object",
                    "properties": {"of": {"anyOf": [{"$ref": "#/$defs/Node"}, {"type": "null"}]}},
                },
                "List": {"type": "array", "items": {"$ref": "#/$defs/List"}},
            }
        },
    )

    assert accepts(made, {"tree": {"left": {"leaf": {"of": {"value": 1}}}}})
    assert accepts(made, {"tree": {"leaf": {"of": None}}, "any": [[], [[]]], "self": {"any": []}})
    assert not accepts(made, {"tree": {"left": {"leaf": {"of": {"value": "1"}}}}})
    assert not accepts(made, {"tree": {"left": {"leaf": {"off": None}}}})
    assert not accepts(made, {"any": [[], [3]]})
    assert not accepts(made, {"self": {"self": {"tree": 1}}})


def test_recursive_rule_holds_at_every_depth(request_type):
    """What only a rule can say is checked however deep it stands."""
    made = request_type(
        {"tree": {"$ref": "#/$defs/Node"}},
        **{
            "$defs": {
                "Node": {
                    "type": "object",
                    "properties": {
                        "tags": {"type": "array", "uniqueItems": True},
                        "left": {"$ref": "#/$defs/Node"},
                    },
                }
            }
        },
    )

    assert accepts(made, {"tree": {"left": {"left": {"tags": [1, 2]}}}})
    assert not accepts(made, {"tree": {"left": {"left": {"tags": [1, 1]}}}})


def test_definition_used_twice_is_one_class(request_type):
    """A named part of the schema gives its name to one class, wherever it is used."""
    size = {"type": "object", "properties": {"w": {"type": "integer"}}}
    made = request_type(
        {"a": {"$ref": "#/$defs/Size"}, "b": {"$ref": "#/$defs/Size", "description": "Again."}},
        **{"$defs": {"Size": size}},
    )

    request = made.model_validate({"a": {"w": 1}, "b": {"w": 2}})

    assert "Size" == type(request.a).__name__
    assert type(request.a) is type(request.b)


def test_wire_names_survive_whatever_they_are(request_type):
    """An empty name, and a further name spelt like a field's Python name, are sent as given."""
    made = request_type(
        {"": {"type": "integer"}, "class": {"type": "string"}}, additionalProperties=True
    )

    for body in ({"": 1}, {"class_": "x"}, {"class": "a", "class_": "b"}, {"field": 2}):
        assert body == wire_body(made.model_validate(body))


def test_classes_and_fields_share_no_name(request_type):
    """Neither a field nor its class hides the other, or the request class."""
    inner = {"type": "object", "properties": {"a": {"type": "integer"}}}
    made = request_type({"$Style": inner, "_Size": inner, "ThingRequest": {"type": "integer"}})

    body = {"$Style": {"a": 1}, "_Size": {"a": 2}, "ThingRequest": 3}
    assert body == wire_body(made.model_validate(body))
    assert not accepts(made, {"$Style": {"a": "1"}})


def test_default_is_shown_beside_a_class(request_type):
    """Only a default that holds an object is left to the docs."""
    inner = {"type": "object", "properties": {"a": {"type": "integer"}}}
    made = request_type(
        {
            "x": {"anyOf": [{"type": "string"}, inner], "default": "s"},
            "y": {**inner, "default": {"a": 1}},
        }
    )

    assert "s" == made().x
    assert made().y is None


def test_shared_definitions_do_not_multiply(request_type):
    """Definitions that use each other twice are told once, and so are their rules."""
    levels = {
        f"L{n}": {
            "type": "object",
            "properties": {side: {"$ref": f"#/$defs/L{n + 1}"} for side in ("a", "b")},
        }
        for n in range(24)
    }
    last = {"type": "object", "properties": {"z": {"type": "array", "uniqueItems": True}}}
    made = request_type({"x": {"$ref": "#/$defs/L0"}}, **{"$defs": {**levels, "L24": last}})

    for wanted, items in ((True, [1, 2]), (False, [1, 1])):
        value = {"z": items}
        for n in range(24):
            value = {"ab"[n % 2]: value}
        assert wanted is accepts(made, {"x": value})


TOGETHER = {"required": ["a", "z"]}


@pytest.mark.parametrize(
    ("said", "ruled"),
    [
        ({"not": TOGETHER}, False),
        ({"not": {"anyOf": [TOGETHER, {"required": ["y"]}]}}, False),
        ({"not": {"allOf": [{"required": ["a"]}, TOGETHER]}}, False),
        ({"not": {"anyOf": [TOGETHER, {"required": ["a"]}]}}, True),
        ({"not": {"required": ["a", "b"]}}, True),
        ({"not": TOGETHER, "additionalProperties": True}, True),
        ({"not": TOGETHER, "patternProperties": {"^z": {}}}, True),
        ({"not": TOGETHER, "anyOf": [{"properties": {"z": {}}}, {}]}, True),
    ],
)
def test_rule_that_never_applies_is_left_out(request_type, said, ruled):
    """A name that the class refuses can break no rule; where it may be given, the rule stays."""
    made = request_type(A_B, **said)

    assert ruled is (made.__model__.rule is not None)
    assert accepts(made, {"b": 1})
    assert not accepts(made, {"a": 1, "b": 1, "y": 1, "z": 1})


def test_open_class_keeps_a_rule_of_names_that_are_no_properties(request_type):
    """With --open any name may be given, so a rule that speaks of it applies."""
    made = request_type(A_B, open_=True, **{"not": TOGETHER})

    assert accepts(made, {"z": 1})
    assert not accepts(made, {"a": 1, "z": 1})


def test_model_is_confirmed_where_its_schema_says_so(build):
    """Get3W's documentation or list confirms a model; other sources do not, nor does silence."""
    said = {
        "acme/docs": {"x-provenance": "get3w-docs"},
        "acme/list": {"x-provenance": "get3w-live-list", "x-get3w-listed": True},
        "acme/other": {"x-provenance": "wavespeed-docs"},
        "acme/silent": {},
    }

    package = build({name: {"type": "object", **keys} for name, keys in said.items()})

    assert ("acme/docs", "acme/list") == package.model_ids(documented=True)
    for name, confirmed in (("docs", True), ("list", True), ("other", False), ("silent", False)):
        first_lines = getattr(package, f"submit_{name}").__doc__[:120]
        assert confirmed is ("not confirmed on Get3W" not in first_lines)


NODE = {"type": "object", "properties": {"v": {"type": "integer"}, "next": {"$ref": "#/$defs/n"}}}
CHAIN = {"v": 1, "next": {"v": 2, "next": {}}}


@pytest.mark.parametrize(
    ("said", "body"),
    [
        ({"default": CHAIN}, {}),
        ({"examples": [CHAIN]}, {"a": CHAIN}),
        ({"enum": [CHAIN]}, {"a": CHAIN}),
        ({"default": {"next": {"v": "x"}}}, {}),
    ],
)
def test_value_of_a_recursive_schema_is_judged(request_type, said, body):
    """A default, an example or an enum may stand beside a part that refers to itself."""
    made = request_type({"a": {"$ref": "#/$defs/n", **said}}, **{"$defs": {"n": NODE}})

    assert accepts(made, body)
    assert not accepts(made, {"a": {"next": {"v": "x"}}})


@pytest.mark.parametrize(
    "more",
    [
        {"if": {"required": ["a"]}, "then": {"required": ["b"]}},
        {"dependentRequired": {"a": ["b"]}},
        {"allOf": [{"if": {"properties": {"a": {"const": 1}}}, "then": {"required": ["b"]}}]},
    ],
)
def test_what_a_condition_requires_is_told_at_its_own_name(request_type, more):
    """A parameter that a condition asks for is named as one that is always required."""
    with pytest.raises(ValidationError) as refused:
        request_type(A_B, **more)(a=1)

    ((place, message),) = [(each["loc"], each["msg"]) for each in refused.value.errors()]
    assert (("b",), "Required by a condition of the schema") == (place, message)
