"""A request that was made past its constructor is checked again before it is sent."""

import copy
import pickle
from functools import cached_property
from typing import Annotated

import pytest
from get3w_core import (
    Integer,
    MediaList,
    ModelInfo,
    ModelRequest,
    Number,
    Omittable,
    RequestObject,
    RequestValidationError,
    server_default,
)
from get3w_core.request.check import check_wire_body
from get3w_core.request.wire import wire_body
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, ValidationError


class Lora(RequestObject, frozen=True):
    path: str
    scale: Omittable[Annotated[Number, Field(ge=0, le=2)]] = 1.0


class PaintRequest(ModelRequest, frozen=True):
    __model__ = ModelInfo("test/paint")

    prompt: str
    width: Omittable[Annotated[Integer, Field(ge=256, le=2048)]] = 1024
    sizes: Omittable[list[Integer]] = Field(default=[1, 2])
    lora: Omittable[Lora] = None
    loras: Omittable[list[Lora]] = None
    named: Omittable[dict[str, Lora]] = None
    images: Omittable[MediaList] = None
    class_: Omittable[str] = Field(default=None, alias="class")


class OpenRequest(ModelRequest, frozen=True, extra="allow"):
    __model__ = ModelInfo("test/open")

    prompt: str


def put(made, name, value):
    made.__dict__[name] = value
    return made


def set_attribute(made, name, value):
    object.__setattr__(made, name, value)
    return made


WAYS = {
    "model_copy": lambda made, name, value: made.model_copy(update={name: value}),
    "deep model_copy": lambda made, name, value: made.model_copy(update={name: value}, deep=True),
    # What `copy.replace` of Python 3.13 calls.
    "__replace__": lambda made, name, value: made.__replace__(**{name: value}),
    "model_construct": lambda made, name, value: type(made).model_construct(
        **{**made.model_dump(), name: value}
    ),
    "__dict__": put,
    "__setattr__": set_attribute,
}
KEEPS = {
    "itself": lambda made: made,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda made: pickle.loads(pickle.dumps(made)),
    "model_copy": lambda made: made.model_copy(),
}
PLACES = {
    "root": (lambda change: change(PaintRequest(prompt="x")), ""),
    "object": (lambda change: PaintRequest(prompt="x", lora=change(Lora(path="p"))), "lora."),
    "list": (
        lambda change: PaintRequest(prompt="x", loras=[Lora(path="q"), change(Lora(path="p"))]),
        "loras[1].",
    ),
    "mapping": (
        lambda change: PaintRequest(prompt="x", named={"a": change(Lora(path="p"))}),
        "named.a.",
    ),
}
MISTAKES = {
    "root": {
        "unknown name": ("widht", 640, "Unknown name 'widht': did you mean 'width'?"),
        "name on the wire": ("class", "a", "Unknown name 'class': did you mean 'class_'?"),
        "wrong type": ("width", "640", "Input should be a valid integer (got '640')"),
        "out of range": ("width", 64, "Input should be greater than or equal to 256 (got 64)"),
    },
    "inside": {
        "unknown name": ("scael", 1.5, "Unknown name 'scael': did you mean 'scale'?"),
        "wrong type": ("scale", "big", "Input should be a finite number (got 'big')"),
        "out of range": ("scale", 3, "Input should be less than or equal to 2 (got 3)"),
    },
}
CROSSED = [
    pytest.param(place, way, keep, *mistake, id=f"{place}-{way}-{keep}-{kind}")
    for place in PLACES
    for way in WAYS
    for keep in KEEPS
    for kind, mistake in MISTAKES["root" if place == "root" else "inside"].items()
    # Pydantic's own rule: it takes either name.
    if (way, kind) != ("model_construct", "name on the wire")
]


def refusal(side, script, ok, request):
    """Return the error of a submit of *request*, of which nothing may reach the server."""
    server = script(ok())
    with pytest.raises(RequestValidationError) as caught:
        side.run(side.client(server).submit(request))

    assert [] == server.requests
    return caught.value


def sent(side, script, ok, request):
    """Return the body that a submit of *request* sends."""
    server = script(ok())
    side.run(side.client(server).submit(request))
    return server.body()


@pytest.mark.pairwise
@pytest.mark.parametrize(("place", "way", "keep", "name", "value", "said"), CROSSED)
def test_mistake_is_found_by_the_check_before_sending(place, way, keep, name, value, said):
    """Whichever way it came in, and wherever, a mistake is reported in one line at its place."""
    make, prefix = PLACES[place]
    request = KEEPS[keep](make(lambda made: WAYS[way](made, name, value)))

    with pytest.raises(RequestValidationError) as caught:
        check_wire_body(request, wire_body(request))
    [error] = caught.value.errors

    assert (f"{prefix}{name}", said) == (error.location, error.message[: len(said)])


@pytest.mark.parametrize("place", PLACES)
def test_misspelt_name_is_not_sent(side, script, ok, place):
    """A submit checks a request that was copied with a misspelt name, and sends nothing."""
    request = PLACES[place][0](lambda made: made.model_copy(update={"pahs": 1, "widht": 640}))

    assert "Unknown name 'widht'" in str(refusal(side, script, ok, request))


@pytest.mark.parametrize("way", WAYS)
def test_right_change_is_sent(side, script, ok, way):
    """What fits is sent as if the constructor had taken it."""
    request = WAYS[way](PaintRequest(prompt="x", class_="a"), "width", 640)

    assert {"prompt": "x", "width": 640, "class": "a"} == sent(side, script, ok, request)


@given(
    name=st.text(st.characters(codec="ascii", categories=["L", "N"]), min_size=1, max_size=8),
    way=st.sampled_from([*WAYS]),
    inside=st.booleans(),
)
def test_no_unknown_name_disappears(name, way, inside):
    """A name that no field has is never left out in silence."""
    place = "object" if inside else "root"
    known = (Lora if inside else PaintRequest).model_fields
    request = PLACES[place][0](lambda made: WAYS[way](made, name, "p"))
    if name in known:
        return
    with pytest.raises(RequestValidationError, match=f"Unknown name {name!r}"):
        check_wire_body(request, wire_body(request))


def test_unchecked_request_takes_names_of_the_wire():
    """`model_construct` takes either name of a field, and one that is given twice is refused."""
    assert {"prompt": "x", "class": "a"} == wire_body(
        PaintRequest.model_construct(**{"prompt": "x", "class": "a"})
    )
    with pytest.raises(TypeError, match="class_ is given by both of its names"):
        PaintRequest.model_construct(**{"prompt": "x", "class": "a", "class_": "b"})


def test_all_mistakes_are_reported_together(side, script, ok):
    """An unknown name does not hide what else is wrong."""
    request = PaintRequest(prompt="x").model_copy(update={"widht": 1, "sizes": ["a"]})

    error = refusal(side, script, ok, request)

    assert ["widht", "sizes[0]"] == [each.location for each in error.errors]


def test_missing_field_is_refused(side, script, ok):
    """`model_construct` may leave out what is required."""
    for request in (
        PaintRequest.model_construct(width=640),
        PaintRequest.model_construct({"prompt"}, width=640),
    ):
        [error] = refusal(side, script, ok, request).errors

        assert ("prompt", "Field required") == (error.location, error.message)


@pytest.mark.parametrize("way", ["model_copy", "model_construct"])
@pytest.mark.parametrize("value", [None, server_default(512)])
def test_none_takes_a_value_back(way, value):
    """None and a marker mean "not given", as in the constructor."""
    request = WAYS[way](PaintRequest(prompt="x", width=640), "width", value)

    assert {"prompt": "x"} == wire_body(request)
    assert 1024 == request.width


def test_default_that_is_changed_in_place_is_sent(side, script, ok):
    """A list that was not given and is added to afterwards was given."""
    request = PaintRequest(prompt="x")
    request.sizes.append(3)

    assert {"prompt": "x", "sizes": [1, 2, 3]} == sent(side, script, ok, request)
    assert {"prompt": "x"} == wire_body(PaintRequest(prompt="x"))


def test_list_that_holds_itself_is_refused(side, script, ok):
    """A list that was put into itself has no end."""
    request = PaintRequest(prompt="x", images=["https://example.com/a.png"])
    request.images.append(request.images)

    assert "holds itself" in str(refusal(side, script, ok, request))


# Subclasses


class HouseRequest(PaintRequest, frozen=True):
    """A request with the defaults of a house."""

    prompt: str = "our house"
    width: Omittable[Annotated[Integer, Field(ge=256, le=2048)]] = 640
    sizes: Omittable[list[Integer]] = None


class WideLora(Lora, frozen=True):
    scale: Omittable[Number] = 2


class WrongRequest(PaintRequest, frozen=True):
    width: Omittable[Integer] = 1


class LooseRequest(PaintRequest, frozen=True, extra="allow"):
    """It takes names that the model does not have."""


class TaggedRequest(PaintRequest, frozen=True):
    user_id: int = 7


class MixedIn(BaseModel):
    trace: str = "t"


class TracedRequest(MixedIn, PaintRequest, frozen=True):
    pass


class OtherModelRequest(PaintRequest, frozen=True):
    __model__ = ModelInfo("test/other")

    width: Omittable[Integer] = 640


def test_changed_default_is_sent(side, script, ok):
    """A default of the caller's own is what the caller wants; the server would not know it."""
    assert {"prompt": "our house", "width": 640} == sent(side, script, ok, HouseRequest())
    assert {"prompt": "y", "width": 512} == wire_body(HouseRequest(prompt="y", width=512))
    assert {"prompt": "x", "lora": {"path": "p", "scale": 2}} == wire_body(
        PaintRequest(prompt="x", lora=WideLora(path="p"))
    )


def test_changed_default_is_inherited():
    """A class derived from that one sends it too."""

    class Derived(HouseRequest, frozen=True):
        pass

    assert {"prompt": "our house", "width": 640} == wire_body(Derived())


def test_class_of_another_model_shows_its_defaults():
    """A class that states a model is a model's own class: its defaults are the server's."""
    assert {"prompt": "x"} == wire_body(OtherModelRequest(prompt="x"))


@pytest.mark.parametrize(
    ("request_", "said"),
    [
        (WrongRequest(prompt="x"), "width: Input should be greater than or equal to 256"),
        (TaggedRequest(prompt="x"), "user_id: Unknown name 'user_id'"),
        (TaggedRequest(prompt="x", user_id=8), "user_id: Unknown name 'user_id'"),
        (TracedRequest(prompt="x"), "trace: Unknown name 'trace'"),
        (LooseRequest(prompt="x", widht=1), "widht: Unknown name 'widht': did you mean 'width'?"),
    ],
)
def test_subclass_is_held_to_the_model(side, script, ok, request_, said):
    """The generated class judges what is sent, whatever was derived from it."""
    assert f"\n  {said}" in str(refusal(side, script, ok, request_))


def test_subclass_that_drops_names_cannot_be_made():
    """A misspelt name would be dropped, and the rest billed."""
    with pytest.raises(TypeError, match="DroppingRequest has extra='ignore', which drops"):

        class DroppingRequest(PaintRequest, frozen=True, extra="ignore"):
            pass


def test_open_schema_takes_any_name(side, script, ok):
    """Where the schema allows further properties, a copy may add one."""
    request = OpenRequest(prompt="x").model_copy(update={"more": 1})

    assert {"prompt": "x", "more": 1} == sent(side, script, ok, request)
    assert {"prompt": "x", "more": 1} == sent(
        side, script, ok, OpenRequest.model_construct(prompt="x", more=1)
    )


def test_cached_property_is_no_input(side, script, ok):
    """What a subclass computes and keeps is not meant for the model."""

    class CountedRequest(PaintRequest, frozen=True):
        @cached_property
        def words(self):
            return len(self.prompt.split())

    request = CountedRequest(prompt="a b")

    assert 2 == request.words
    assert {"prompt": "a b"} == sent(side, script, ok, request)


def test_instance_inside_is_checked(side, script, ok):
    """An object that was made unchecked and then put into a request is checked."""
    request = PaintRequest(prompt="x", lora=Lora.model_construct(path=3, scal=1))

    error = refusal(side, script, ok, request)

    assert ["lora.scal", "lora.path"] == [each.location for each in error.errors]


def test_constructor_still_says_it_first():
    """Nothing changed for whoever makes a request as it should be made."""
    with pytest.raises(ValidationError, match="did you mean 'width'"):
        PaintRequest(prompt="x", widht=640)
