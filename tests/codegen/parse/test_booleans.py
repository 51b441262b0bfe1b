"""True and 1, False and 0 are different JSON values, wherever parts of a schema are compared."""

import pytest
from get3w_emulator.schemas.validation import compiled

from tests.fidelity.agreement import accepts

PAIRS = [(True, 1), (1, True), (False, 0), (0.0, False), ([True], [1]), ({"k": 0}, {"k": False})]
SAYS = {"const": lambda value: {"const": value}, "enum": lambda value: {"enum": [value, "x"]}}


def objects(one, other):
    """Return two objects whose tag says which is which."""
    return [
        {"properties": {"v": one, "a": {"type": "string"}}, "required": ["v"]},
        {"properties": {"v": other, "a": {"type": "integer"}}, "required": ["v"]},
    ]


SHAPES = {
    "oneOf": lambda one, other: {"oneOf": objects(one, other)},
    "anyOf": lambda one, other: {"anyOf": objects(one, other)},
    "allOf": lambda one, other: {"properties": {"v": {"allOf": [one, {"not": other}]}}},
    "then": lambda one, other: {
        "properties": {"v": {}, "a": {}},
        "if": {"required": ["a"]},
        "then": {"properties": {"v": one}},
        "else": {"properties": {"v": other}},
    },
    "inside": lambda one, other: {"properties": {"v": {"anyOf": [one, other]}}},
    "both": lambda one, other: {
        "allOf": [{"anyOf": objects(one, other)}, {"not": {"properties": {"v": other}}}]
    },
}


@pytest.mark.parametrize("says", SAYS)
@pytest.mark.parametrize("shape", SHAPES)
def test_booleans_are_no_numbers(build, shape, says):
    """Class and emulator take the same bodies, whichever of the two values stands first."""
    schemas = {
        f"acme/m{number}": {
            "type": "object",
            **SHAPES[shape](SAYS[says](one), SAYS[says](other)),
        }
        for number, (one, other) in enumerate(PAIRS)
    }
    package = build(schemas)

    differing = [
        (name, body)
        for name, schema in schemas.items()
        for values in PAIRS
        for value in values
        for body in ({"v": value}, {"v": value, "a": "s"}, {"v": value, "a": 2})
        if accepts(package.request_class(name), body) is not compiled(schema).is_valid(body)
    ]

    assert [] == differing


@pytest.mark.parametrize("items", [False, {"allOf": [False]}, {"allOf": [{"allOf": [False]}, {}]}])
def test_items_that_nothing_fits_leave_the_empty_list(build, items):
    """A branch that is false makes the items false, however deep it is."""
    schema = {"type": "object", "properties": {"v": {"type": "array", "items": items}}}
    request = build({"acme/m": schema}).request_class("acme/m")

    for body in ({"v": []}, {"v": [1]}, {}):
        assert compiled(schema).is_valid(body) is accepts(request, body)
