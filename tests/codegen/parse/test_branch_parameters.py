"""Parameters that only branches of a schema list: their types, defaults and words."""

import inspect

import pytest
from get3w_core import MediaInput
from get3w_core.request.wire import wire_body
from pydantic import ValidationError

PROMPT = {
    "type": "string",
    "description": "What to draw.",
    "default": "a fox",
    "x-get3w-media": "image",
}
RATIO = {"type": "array", "items": {"type": "number"}, "description": "Width to height."}
FIRST = {"properties": {"prompt": PROMPT, "ratio": RATIO}, "required": ["ratio"]}
SECOND = {"properties": {"prompt": PROMPT, "ratio": RATIO}, "required": ["ratio", "prompt"]}
OWN = {"own": {"type": "integer"}}

# Schemas that list `prompt` and `ratio` in branches alone, and whether `ratio` has to be given.
LISTED = {
    "oneOf": ({"oneOf": [FIRST, {**SECOND, "properties": {**SECOND["properties"]}}]}, True),
    "anyOf": ({"anyOf": [FIRST, SECOND]}, True),
    "one of one": ({"oneOf": [FIRST]}, True),
    "anyOf beside properties": ({"properties": OWN, "anyOf": [FIRST, SECOND]}, True),
    "a branch without": ({"properties": OWN, "anyOf": [FIRST, {"required": ["own"]}]}, False),
    "then": ({"properties": OWN, "if": {"required": ["own"]}, "then": FIRST}, False),
    "else": ({"properties": OWN, "if": {"required": ["own"]}, "else": FIRST}, False),
    "then and else": (
        {"properties": OWN, "if": {"required": ["own"]}, "then": FIRST, "else": SECOND},
        True,
    ),
    "dependentSchemas": ({"properties": OWN, "dependentSchemas": {"own": FIRST}}, False),
    "allOf": ({"properties": OWN, "allOf": [FIRST, {"minProperties": 1}]}, True),
    "reference": ({"properties": OWN, "anyOf": [{"$ref": "#/$defs/First"}, SECOND]}, True),
    "branch in a branch": ({"allOf": [{"oneOf": [{"anyOf": [FIRST, SECOND]}, SECOND]}]}, True),
}
# What a branch of an `allOf` may say besides.
BESIDE = {
    "additionalProperties": {"additionalProperties": False},
    "anyOf": {"anyOf": [{"required": ["prompt"]}, {"minProperties": 1}]},
    "if": {"if": {"required": ["prompt"]}, "then": {"minProperties": 2}},
    "not": {"not": {"required": ["prompt", "other"]}},
    "dependentRequired": {"dependentRequired": {"prompt": ["ratio"]}},
}
LISTED |= {
    f"allOf with {key}": ({"allOf": [{**FIRST, **said}]}, True) for key, said in BESIDE.items()
}
LISTED |= {
    f"second allOf with {key}": ({"allOf": [{"minProperties": 1}, {**FIRST, **said}]}, True)
    for key, said in BESIDE.items()
}


@pytest.mark.parametrize("nested", [False, True], ids=["root", "nested"])
@pytest.mark.parametrize("how", LISTED)
def test_parameter_of_a_branch_is_typed(build, how, nested):
    """It has the type, default, words and media mark that the branches state."""
    schema, required = LISTED[how]
    whole = {"type": "object", **schema}
    body = {"type": "object", "properties": {"x": whole}} if nested else whole
    package = build({"acme/thing": {**body, "$defs": {"First": FIRST}}})
    made = package.request_class("acme/thing")
    holders = [made]
    if nested:
        # Alternatives without properties in common are classes of their own.
        holders = [
            found
            for found in vars(__import__(made.__module__, fromlist=["x"])).values()
            if isinstance(found, type) and hasattr(found, "model_fields")
            if "ratio" in found.model_fields
        ]
    else:
        ratio = inspect.signature(package.submit_thing).parameters["ratio"]
        assert required is (ratio.default is ratio.empty)
        assert (list[float] if required else list[float] | None) == ratio.annotation
        prompt = inspect.signature(package.submit_thing).parameters["prompt"]
        assert prompt.annotation in (MediaInput, MediaInput | None)
        assert "prompt: What to draw." in package.submit_thing.__doc__
        assert "ratio: Width to height." in package.submit_thing.__doc__

    for holder in holders:
        ratio, prompt = (holder.model_fields[name] for name in ("ratio", "prompt"))
        assert required is ratio.is_required()
        assert "a fox" == prompt.default or prompt.is_required()
        assert "BinaryIO" in str(prompt.annotation)


def test_tag_of_alternatives_is_a_choice_of_their_constants(build):
    """An editor completes the tag, and a rule says what goes with which."""
    branch = {"type": "object", "required": ["model", "seconds"]}
    numbers = ({"type": "integer", "maximum": 5}, {"enum": [4, 8]}, {"type": "string"})
    package = build(
        {
            "acme/thing": {
                "oneOf": [
                    {**branch, "properties": {"model": {"const": name}, "seconds": seconds}}
                    for name, seconds in zip(("a1", "a2", "b"), numbers, strict=True)
                ]
            }
        }
    )
    made = package.request_class("acme/thing")
    parameters = inspect.signature(package.submit_thing).parameters

    assert "Literal['a1', 'a2', 'b']" in str(parameters["model"].annotation)
    assert "int, typing.Literal[4, 8], str" in str(parameters["seconds"].annotation)
    for body, wanted in (
        ({"model": "a1", "seconds": 5}, True),
        ({"model": "a1", "seconds": 8}, False),
        ({"model": "a2", "seconds": 8}, True),
        ({"model": "b", "seconds": "8"}, True),
        ({"model": "b", "seconds": 8}, False),
        ({"model": "b"}, False),
    ):
        assert wanted is _accepts(made, body), body


@pytest.mark.parametrize("default", [None, 7])
def test_default_is_shown_where_the_branches_agree(build, default):
    """Two defaults are none."""
    one = {
        "type": "object",
        "properties": {"k": {"const": 1}, "n": {"type": "integer", "default": 7}},
    }
    two = {
        "type": "object",
        "properties": {"k": {"const": 2}, "n": {"type": "integer", "default": default or 8}},
    }
    made = build({"acme/thing": {"anyOf": [one, two]}}).request_class("acme/thing")

    assert default == made.model_fields["n"].default


@pytest.mark.parametrize("said", [True, False])
def test_property_may_be_a_plain_boolean(build, said):
    """True takes any value and false none, in a branch as in the object itself."""
    listed = {"properties": {"a": said, "b": {}}}
    schemas = {"acme/own": listed, "acme/branch": {"anyOf": [listed, {"required": ["b"]}]}}
    package = build({name: {"type": "object", **schema} for name, schema in schemas.items()})

    for name in schemas:
        assert said is _accepts(package.request_class(name), {"a": 1})
        assert _accepts(package.request_class(name), {"b": 1})


def test_none_is_not_sent_for_a_parameter_of_a_branch(build):
    """Passing None means not given, as for every parameter whose schema knows no null."""
    package = build({"acme/thing": {"type": "object", "anyOf": [FIRST, SECOND]}})
    made = package.request_class("acme/thing")

    assert {"ratio": [1]} == wire_body(made(ratio=[1], prompt=None))
    assert not _accepts(made, {"ratio": [1], "prompt": None})


def test_redundant_type_beside_a_closed_object_changes_nothing(build):
    """`"type": "object"` says nothing new beside a reference or a branch to an object."""
    closed = {
        "type": "object",
        "properties": {"x": {"type": "string", "description": "It."}},
        "required": ["x"],
        "additionalProperties": False,
    }
    ways = {
        "plain": {"$ref": "#/$defs/Closed"},
        "ref": {"type": "object", "$ref": "#/$defs/Closed"},
        "allof": {"type": "object", "allOf": [{"$ref": "#/$defs/Closed"}]},
        "oneof": {"type": "object", "oneOf": [{"$ref": "#/$defs/Closed"}]},
        "anyof": {"type": "object", "anyOf": [closed]},
        "inline": {"type": "object", "allOf": [closed]},
    }
    package = build(
        {
            f"{place}/{way}": {
                "$defs": {"Closed": closed},
                **(said if place == "root" else {"type": "object", "properties": {"p": said}}),
            }
            for way, said in ways.items()
            for place in ("root", "nested")
        }
    )

    for model_id in package.model_ids():
        made = package.request_class(model_id)
        root = model_id.startswith("root")
        assert made.__model__.rule is None, model_id
        assert _accepts(made, {"x": "a"} if root else {"p": {"x": "a"}})
        assert not _accepts(made, {"x": 1} if root else {"p": {}})
        assert not _accepts(made, {"x": "a", "y": 1} if root else {"p": {"x": "a", "y": 1}})
        if root:
            assert made.model_fields["x"].is_required()


def _accepts(request_type, body):
    try:
        return wire_body(request_type.model_validate(body)) == body
    except ValidationError:
        return False
