"""The example in a docstring: the smallest input, where one can be shown."""

import pytest
from get3w_codegen.parse.examples import smallest_input


def asking_for(number, depth=1):
    """A schema whose input is a list of so many items, in a list of so many, and so on."""
    items = {"type": "string"}
    for _ in range(depth):
        items = {"type": "array", "minItems": number, "items": items}
    return {"type": "object", "properties": {"a": items}, "required": ["a"]}


@pytest.mark.parametrize("depth", [1, 3])
@pytest.mark.parametrize("number", [100, 10**9, 10**18, 10**30, 1e30])
def test_list_that_is_too_long_is_not_made(number, depth):
    """No example is shown, and no memory is spent on finding that out."""
    assert None is smallest_input(asking_for(number, depth))


@pytest.mark.parametrize(("number", "value"), [(0, ["a"]), (2, ["a", "a"]), (2.0, ["a", "a"])])
def test_list_has_as_many_items_as_are_asked_for(number, value):
    """A short list is shown with the least number of items."""
    assert {"a": value} == smallest_input(asking_for(number))
