"""What tools that read signatures see of a server's default."""

import copy
import inspect
import json
import pickle
from typing import get_type_hints

import pytest
from get3w_core import ModelInfo, ModelRequest, Omittable, server_default
from get3w_core.request.values.server_defaults import ServerDefault
from get3w_core.request.wire import wire_body
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue, TypeAdapter, create_model
from pydantic_core import to_json, to_jsonable_python


class AnyRequest(ModelRequest, frozen=True):
    __model__ = ModelInfo("test/any")

    value: Omittable[JsonValue] = None


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@given(values)
def test_marker_behaves_as_its_value(value):
    """It compares, hashes, prints, tests and is written as the value that it shows."""
    marker = server_default(value)

    assert isinstance(marker, ServerDefault)
    assert marker == value
    assert value == marker
    assert (marker != value) is False
    assert bool(value) is bool(marker)
    assert repr(value) == repr(marker)
    assert str(value) == str(marker)
    assert f"{value}" == f"{marker}"
    assert isinstance(marker, type(value))
    assert json.loads(to_json(value)) == json.loads(to_json(marker))
    assert to_jsonable_python(value) == to_jsonable_python(marker)
    if not isinstance(value, list | dict):
        assert hash(value) == hash(marker)


@given(values, values)
def test_markers_compare_as_their_values(one, other):
    """Two markers are equal where their values are."""
    assert (one == other) is (server_default(one) == server_default(other))
    assert (one == other) is (server_default(one) == other)


@given(values)
@pytest.mark.parametrize(
    "duplicate", [copy.copy, copy.deepcopy, lambda it: pickle.loads(pickle.dumps(it))]
)
def test_copy_of_a_marker_is_one(duplicate, value):
    """A tool that copies defaults, or sends them to another process, still sends nothing."""
    marker = duplicate(server_default(value))

    assert value == marker
    assert {} == wire_body(AnyRequest(value=marker))


@given(values.filter(lambda value: value is not None and not isinstance(value, bool)))
def test_json_of_the_standard_library(value):
    """Numbers, texts, lists and objects are written by `json` as well."""
    assert json.dumps(value) == json.dumps(server_default(value))


SIZES = server_default([1, 2])


def submit(
    prompt: str,
    *,
    width: int | None = server_default(1024),
    strength: float | None = server_default(0.5),
    style: str | None = server_default("photo"),
    safe: bool | None = server_default(False),
    sizes: list[int] | None = SIZES,
    seed: int | None = server_default(None),
) -> dict[str, object]:
    """Stands for a generated function."""
    given = {"width": width, "strength": strength, "style": style, "safe": safe}
    given |= {"sizes": sizes, "seed": seed}
    return {name: value for name, value in given.items() if not isinstance(value, ServerDefault)}


DEFAULTS = {
    "width": 1024,
    "strength": 0.5,
    "style": "photo",
    "safe": False,
    "sizes": [1, 2],
    "seed": None,
}


def form():
    """Return the model that form makers and tool makers derive from a signature."""
    hints = get_type_hints(submit)
    fields = {
        name: (
            hints[name],
            ... if parameter.default is inspect.Parameter.empty else parameter.default,
        )
        for name, parameter in inspect.signature(submit).parameters.items()
    }
    return create_model("Form", **fields)


def test_signature_reads_as_if_written_by_hand():
    """`inspect` shows values, and a check box that is off is off."""
    parameters = inspect.signature(submit).parameters

    assert "safe: bool | None = False" in str(inspect.signature(submit))
    assert DEFAULTS == {name: parameters[name].default for name in DEFAULTS}
    assert [name for name in DEFAULTS if DEFAULTS[name]] == [
        name for name in DEFAULTS if parameters[name].default
    ]


def test_json_schema_of_a_form_has_the_defaults():
    """A model that is derived from the signature describes itself, defaults included."""
    properties = form().model_json_schema()["properties"]

    assert DEFAULTS == {name: properties[name]["default"] for name in DEFAULTS}


def test_what_a_form_fills_in_is_not_sent():
    """Values that the form took from the signature are still the server's."""
    filled = form()(prompt="x", width=640)

    assert {"width": 640} == submit(
        **{name: getattr(filled, name) for name in ["prompt", *DEFAULTS]}
    )


def test_schema_of_the_function_itself():
    """Pydantic reads the function, as tools for language models do."""
    schema = TypeAdapter(submit).json_schema()

    assert False is schema["properties"]["safe"]["default"]
    assert 1024 == schema["properties"]["width"]["default"]


def test_conversion_that_command_lines_do():
    """typer converts defaults by the annotated type."""
    for name, kind in (("width", int), ("strength", float), ("style", str), ("safe", bool)):
        assert DEFAULTS[name] == kind(inspect.signature(submit).parameters[name].default)


def test_run_time_type_checker_is_content():
    """typeguard finds the defaults to be of the annotated types."""
    typeguard = pytest.importorskip("typeguard")
    parameters = inspect.signature(submit).parameters
    for name, hint in get_type_hints(submit).items():
        if name in DEFAULTS and DEFAULTS[name] is not None:
            typeguard.check_type(parameters[name].default, hint)
