"""A value that fits no branch of a union: one line a mistake, of the branch that was meant."""

import importlib
import json
import re
import sys

import pytest
from get3w_codegen.build.pipeline import Job, generate
from get3w_core import RequestValidationError, validation_errors
from pydantic import ValidationError, create_model

TEXT = {
    "type": "object",
    "properties": {
        "type": {"const": "text"},
        "text": {"type": "string", "maxLength": 5},
        "size": {"type": "integer", "minimum": 1},
    },
    "required": ["type", "text"],
}
IMAGE = {
    "type": "object",
    "properties": {
        "type": {"enum": ["image", "picture"]},
        "url": {"type": "string"},
        "detail": {"enum": ["low", "high"]},
        "in": {"type": "integer", "maximum": 3},
    },
    "required": ["type", "url"],
}
TOOL = {
    "type": "object",
    "properties": {
        "type": {"const": "tool"},
        "content": {"anyOf": [{"type": "string"}, {"type": "array", "items": {"oneOf": [TEXT]}}]},
    },
    "required": ["type", "content"],
}
TAGGED = [TEXT, IMAGE, TOOL]
# Nothing tells them apart but their names.
SIZES = [
    {
        "type": "object",
        "properties": {"width": {"type": "integer"}, "height": {"type": "integer", "minimum": 1}},
        "required": ["width", "height"],
    },
    {
        "type": "object",
        "properties": {"radius": {"type": "number", "maximum": 9}},
        "required": ["radius"],
    },
]
SCALARS = [{"type": "integer", "minimum": 1}, {"enum": ["auto", "none"]}]
TEXT_OR_TAGGED = [{"type": "string"}, {"type": "array", "items": {"anyOf": TAGGED}}]

WRAPPED = {
    "anyOf": (lambda union: {"anyOf": union}, lambda value: value, ""),
    "oneOf": (lambda union: {"oneOf": union}, lambda value: value, ""),
    "with null": (lambda union: {"anyOf": [*union, {"type": "null"}]}, lambda value: value, ""),
    "list": (
        lambda union: {"type": "array", "items": {"anyOf": union}},
        lambda value: [value],
        "[0]",
    ),
    "list in a union": (
        lambda union: {
            "anyOf": [{"type": "boolean"}, {"type": "array", "items": {"oneOf": union}}]
        },
        lambda value: [value],
        "[0]",
    ),
    "nested": (
        lambda union: {"anyOf": [{"type": "boolean"}, {"anyOf": union}]},
        lambda value: value,
        "",
    ),
    "mapping": (
        lambda union: {"type": "object", "additionalProperties": {"anyOf": union}},
        lambda value: {"k": value},
        ".k",
    ),
    "object": (
        lambda union: {"type": "object", "properties": {"inner": {"anyOf": union}}},
        lambda value: {"inner": value},
        ".inner",
    ),
}

# The union, the value, the place of the mistake, and how its line begins.
MISTAKES = {
    "tagged, misspelt": (
        TAGGED,
        {"type": "text", "text": "a", "sise": 1},
        ".sise",
        "Unknown name 'sise': did you mean 'size'? Known names: size, text, type.",
    ),
    "tagged, misspelt and required": (
        TAGGED,
        {"type": "image", "ulr": "u"},
        ".ulr",
        "Unknown name 'ulr': did you mean 'url'?",
    ),
    "tagged, name of another branch": (
        TAGGED,
        {"type": "text", "text": "a", "url": "u"},
        ".url",
        "Unknown name 'url': Known names: size, text, type.",
    ),
    "tagged, missing": (TAGGED, {"type": "image"}, ".url", "Field required"),
    "tagged, wrong type": (
        TAGGED,
        {"type": "text", "text": 5},
        ".text",
        "Input should be a valid string (got 5)",
    ),
    "tagged, out of range": (
        TAGGED,
        {"type": "text", "text": "too long"},
        ".text",
        "String should have at most 5 characters (got 'too long')",
    ),
    "tagged, wrong value of a list": (
        TAGGED,
        {"type": "picture", "url": "u", "detail": "hihg"},
        ".detail",
        "Input should be 'low' or 'high' (got 'hihg')",
    ),
    "tagged, wrong tag": (
        TAGGED,
        {"type": "txet", "text": "a"},
        ".type",
        "Input should be 'text' or 'image' or 'picture' or 'tool' (got 'txet')",
    ),
    "tagged, no object": (TAGGED, 5, "", "Input should be "),
    "tagged, inside": (
        TAGGED,
        {"type": "tool", "content": [{"type": "text", "text": "a", "sise": 1}]},
        ".content[0].sise",
        "Unknown name 'sise': did you mean 'size'?",
    ),
    "untagged, misspelt": (
        SIZES,
        {"width": 1, "heigth": 2},
        ".heigth",
        "Unknown name 'heigth': did you mean 'height'?",
    ),
    "untagged, missing": (SIZES, {"width": 1}, ".height", "Field required"),
    "untagged, wrong type": (
        SIZES,
        {"width": 1, "height": "2"},
        ".height",
        "Input should be a valid integer (got '2')",
    ),
    "untagged, out of range": (
        SIZES,
        {"radius": 10},
        ".radius",
        "Input should be less than or equal to 9 (got 10)",
    ),
    "untagged, no object": (SIZES, "big", "", "Input should be "),
    "scalars, misspelt": (SCALARS, "atuo", "", "Input should be 'auto' or 'none' (got 'atuo')"),
    "scalars, out of range": (
        SCALARS,
        0,
        "",
        "Input should be greater than or equal to 1 (got 0)",
    ),
    "scalars, another kind": (
        SCALARS,
        {},
        "",
        "Input should be a valid integer or 'auto' or 'none' (got {})",
    ),
    "scalars, wrong type": (SCALARS, 1.5, "", "Input should be a valid integer"),
    "text or list": (
        TEXT_OR_TAGGED,
        [{"type": "text", "text": "a"}, {"type": "image", "url": "u", "detial": "low"}],
        "[1].detial",
        "Unknown name 'detial': did you mean 'detail'?",
    ),
    "text or list, neither": (
        TEXT_OR_TAGGED,
        5,
        "",
        "Input should be a valid string or a valid list",
    ),
}
# Where several branches may hold at once, further names pass until the required ones are there.
ALSO = {
    "tagged, misspelt and required": (".url", "Field required; 'ulr' is given"),
    "untagged, misspelt": (".height", "Field required; 'heigth' is given"),
}
UNIONS = {"tagged": TAGGED, "sizes": SIZES, "scalars": SCALARS, "text-or-tagged": TEXT_OR_TAGGED}
INSIDE = re.compile(r"function|partial|validator|Validator|constrained|tagged-union|lambda|\[\w+\[")


def model_id(union, wrapped):
    name = next(name for name, each in UNIONS.items() if each is union)
    return f"acme/{name}-{wrapped.replace(' ', '-').lower()}"


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """A package with a model for each union in each place."""
    folder = tmp_path_factory.mktemp("unions")
    for union in UNIONS.values():
        for wrapped, (schema, _, _) in WRAPPED.items():
            path = folder / "schemas" / f"{model_id(union, wrapped)}.json"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(json.dumps({"type": "object", "properties": {"x": schema(union)}}))
    generate(Job(folder / "schemas", folder / "packages/union_models", "union_models"))
    sys.path.insert(0, str(folder / "packages"))
    yield importlib.import_module("union_models")
    sys.path.remove(str(folder / "packages"))


def lines(request_type, make):
    """Return place and message of each mistake, as a submit function reports them."""
    with pytest.raises(RequestValidationError) as caught, validation_errors(request_type):
        make()
    assert not INSIDE.search(str(caught.value))
    return [(each.location, each.message) for each in caught.value.errors]


@pytest.mark.parametrize("wrapped", WRAPPED)
@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistake_is_one_line_of_the_branch_that_was_meant(package, wrapped, mistake):
    """The tag decides, else the branch with the fewest mistakes; no validator is named."""
    union, value, *expected = MISTAKES[mistake]
    _, put, prefix = WRAPPED[wrapped]
    made = package.request_class(model_id(union, wrapped))

    for make in (lambda: made(x=put(value)), lambda: made.model_validate({"x": put(value)})):
        [(where, message)] = lines(made, make)
        place, said = ALSO[mistake] if message.startswith("Field required;") else expected

        # The union around it may have a branch of its own to offer.
        message = message.replace("a valid boolean or ", "")
        assert (f"x{prefix}{place}", said) == (where, message[: len(said)])


def test_misspelt_key_of_a_message_is_one_line(request_type):
    """A list of messages, each with a list of parts, as chat models take them."""
    roles = [
        {
            "type": "object",
            "properties": {
                "role": {"const": role},
                "content": {
                    "oneOf": [
                        {"type": "string"},
                        {"type": "array", "items": {"oneOf": TAGGED}, "minItems": 1},
                    ]
                },
                "name": {"type": "string"},
            },
            "required": ["role", "content"],
        }
        for role in ("system", "user", "assistant", "tool", "developer")
    ]
    made = request_type({"messages": {"type": "array", "items": {"oneOf": roles}}})
    parts = [{"type": "text", "text": "a"}, {"type": "image", "url": "u", "detial": "low"}]
    messages = [{"role": "system", "content": "x"}, {"role": "user", "content": parts}]

    [(where, message)] = lines(made, lambda: made(messages=messages))

    assert "messages[1].content[1].detial" == where
    assert "did you mean 'detail'?" in message


def test_names_are_those_that_the_caller_wrote(request_type):
    """A constructor reports Python names, a body those on the wire, in the same union."""
    branches = [
        {"type": "object", "properties": {"class": {"type": "integer"}, "in": {"const": "a"}}},
        {"type": "object", "properties": {"from": {"type": "integer"}, "in": {"const": "b"}}},
    ]
    made = request_type({"import": {"anyOf": branches}})

    [(where, message)] = lines(made, lambda: made(import_={"in_": "b", "from_": "x"}))
    assert ("import_.from_", "Input should be a valid integer (got 'x')") == (where, message)
    [(where, message)] = lines(
        made, lambda: made.model_validate({"import": {"in": "b", "from": "x"}})
    )
    assert ("import.from", "Input should be a valid integer (got 'x')") == (where, message)
    [(where, message)] = lines(
        made, lambda: made.model_validate({"import": {"in": "b", "form": 1}})
    )
    assert "import.form" == where
    assert "did you mean 'from'?" in message


def test_recursive_union(request_type):
    """A class that a union refers to before it is complete."""
    node = {
        "type": "object",
        "properties": {
            "kind": {"const": "node"},
            "value": {"type": "integer"},
            "next": {"oneOf": [{"$ref": "#/$defs/node"}, {"type": "string"}]},
        },
        "required": ["kind"],
    }
    made = request_type({"x": {"$ref": "#/$defs/node"}}, **{"$defs": {"node": node}})
    value = {"kind": "node", "next": {"kind": "node", "next": {"kind": "node", "valeu": 1}}}

    [(where, message)] = lines(made, lambda: made(x=value))

    assert "x.next.next.valeu" == where
    assert "did you mean 'value'? Known names: kind, next, value." in message


@pytest.mark.parametrize(
    ("schema", "value", "where", "said"),
    [
        (
            {"oneOf": [{"multipleOf": 2, "type": "integer"}, {"type": "integer", "minimum": 9}]},
            3,
            "x",
            "Input should be a multiple of 2 or greater than or equal to 9 (got 3)",
        ),
        (
            {"not": {"const": 1}, "anyOf": [{"const": 1}, {"const": {"a": 1}}]},
            {"a": 2},
            "x",
            "Input should be 1 or {'a': 1} (got {'a': 2})",
        ),
        (
            {"oneOf": [{"type": "object", "properties": {"a": {"const": n}}} for n in (1, 2)]},
            {"a": 3},
            "x.a",
            "Input should be 1 or 2 (got 3)",
        ),
    ],
)
def test_alternatives_that_only_a_rule_can_tell_apart(request_type, schema, value, where, said):
    """What the compiled rule finds is said in the same way."""
    made = request_type({"x": schema})

    [(place, message)] = lines(made, lambda: made(x=value))

    assert (where, said) == (place, message[: len(said)])


@pytest.mark.parametrize("value", [object(), {1: 2}, [float("nan")], b"x", (1,)])
def test_value_that_is_no_json_beside_another_mistake(request_type, value):
    """Both are reported."""
    made = request_type({"any": {}, "count": {"type": "integer"}})
    found = lines(made, lambda: made(any=value, count="x", cuont=1))

    assert {"any", "count", "cuont"} == {
        where.partition(".")[0].partition("[")[0] for where, _ in found
    }


def test_no_union_costs_nothing_more(request_type):
    """A value of each branch passes as it did, as an instance too."""
    made = request_type({"x": {"anyOf": TAGGED}, "y": {"anyOf": SCALARS}})
    request = made(x={"type": "text", "text": "a"}, y="auto")

    assert request == made(x=request.x, y="auto")
    assert {"x": {"type": "text", "text": "a"}, "y": "auto"} == request.model_dump(by_alias=True)


def test_union_in_a_model_of_the_users(request_type):
    """A request inside another model reports its best branch too."""
    made = request_type({"x": {"oneOf": TAGGED}})
    outer = create_model("Outer", request=(made, ...))
    with pytest.raises(ValidationError) as caught:
        outer(request={"x": {"type": "text", "text": 5}})

    assert [("request", "x", "text")] == [each["loc"] for each in caught.value.errors()]


def test_consequence_of_a_mistake_is_not_a_second_one(request_type):
    """What no branch took because of a mistake inside it is not called unknown."""
    part = {"type": "object", "properties": {"text": {"type": "string"}, "type": {}}}
    message = {
        "type": "object",
        "properties": {"role": {"type": "string"}, "content": {"type": "array", "items": part}},
    }
    needs_text = {"properties": {"content": {"items": {"required": ["text"]}}}}
    made = request_type({"x": {"allOf": [message, needs_text]}, "y": {"anyOf": [message]}})

    found = lines(made, lambda: made(x={"role": "user", "content": [{"type": "text"}]}))

    assert ["x.content[0].text"] == [where for where, _ in found]


def test_name_of_a_branch_that_refuses_the_rest_is_not_unknown(request_type):
    """Where the name is right and something inside is wrong, that is said."""
    branches = [
        {"type": "object", "properties": {"role": {"type": "string"}}, "required": ["role"]},
        {"type": "object", "properties": {"parts": {"type": "array", "items": {"minimum": 3}}}},
    ]
    made = request_type({"x": {"anyOf": branches}})

    found = lines(made, lambda: made(x={"role": "user", "parts": [1]}))

    assert ["x.parts[0]"] == [where for where, _ in found]

    inner = {"type": "object", "properties": {"text": {"type": "string"}}}
    branches[1]["properties"]["parts"]["items"] = {**inner, "additionalProperties": False}
    made = request_type({"x": {"anyOf": branches}})
    found = lines(made, lambda: made(x={"role": "user", "parts": [{"txet": 1}]}))

    assert ["x.parts[0].txet"] == [where for where, _ in found]
