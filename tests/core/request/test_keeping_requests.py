"""A request survives its own JSON: what was given, and nothing else, comes back."""

import json
from io import BytesIO
from pathlib import Path
from typing import Annotated

import pytest
from get3w_core import (
    Integer,
    Media,
    MediaList,
    ModelInfo,
    ModelRequest,
    Number,
    Omittable,
    RequestObject,
)
from get3w_core.request.wire import wire_body
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field, JsonValue, RootModel, TypeAdapter, ValidationError
from pydantic_core import PydanticSerializationError

URL = "https://example.com/a.png"


class Lora(RequestObject, frozen=True):
    path: str
    scale: Omittable[Annotated[Number, Field(ge=0, le=2)]] = 1.0
    from_: Omittable[str] = Field(default=None, alias="from")


class PaintRequest(ModelRequest, frozen=True):
    __model__ = ModelInfo("test/paint")

    prompt: str
    width: Omittable[Integer] = 1024
    seed: Integer | None = 5
    sizes: Omittable[list[Integer]] = Field(default=[1])
    lora: Omittable[Lora] = None
    loras: Omittable[list[Lora]] = None
    named: Omittable[dict[str, Lora]] = None
    either: Omittable[Lora | str] = None
    image: Omittable[Media] = None
    images: Omittable[MediaList] = None
    any: Omittable[JsonValue] = None
    class_: Omittable[str] = Field(default=None, alias="class")


class OpenRequest(ModelRequest, frozen=True, extra="allow"):
    __model__ = ModelInfo("test/open")

    prompt: str
    class_: Omittable[str] = Field(default=None, alias="class")


class Job(BaseModel):
    """What a user keeps beside a request."""

    owner: str
    request: PaintRequest
    others: list[PaintRequest] = []
    note: str | None = None


loras = st.builds(
    lambda scale, from_: Lora(path="p", **scale, **from_),
    st.sampled_from([{}, {"scale": 1.0}, {"scale": 2}]),
    st.sampled_from([{}, {"from_": "a"}]),
)
requests = st.fixed_dictionaries(
    {"prompt": st.text(max_size=3)},
    optional={
        "width": st.sampled_from([1024, 640, 10**30]),
        "seed": st.sampled_from([None, 5, 7]),
        "sizes": st.sampled_from([[1], [], [2, 3]]),
        "lora": loras,
        "loras": st.lists(loras, max_size=2),
        "named": st.dictionaries(st.text(max_size=2), loras, max_size=2),
        "either": loras | st.just("x"),
        "image": st.just(URL),
        "images": st.just([URL]),
        "any": st.sampled_from([0, 1.5, "x", [None, {"a": {}}], {"path": "p", "scale": 1.0}]),
        "class_": st.just("oil"),
    },
).map(lambda given: PaintRequest(**given))

ROUNDS = {
    "json": lambda r: type(r).model_validate_json(r.model_dump_json()),
    "indented json": lambda r: type(r).model_validate_json(r.model_dump_json(indent=1)),
    "everything": lambda r: type(r).model_validate_json(r.model_dump_json(exclude_unset=False)),
    "wire names": lambda r: type(r).model_validate(r.model_dump(by_alias=True)),
    "wire names, json": lambda r: type(r).model_validate(r.model_dump(mode="json", by_alias=True)),
    "arguments": lambda r: type(r)(**r.model_dump()),
    "arguments, everything": lambda r: type(r)(**r.model_dump(exclude_unset=False)),
    "round trip": lambda r: type(r).model_validate(r.model_dump(round_trip=True, by_alias=True)),
    "adapter": lambda r: TypeAdapter(PaintRequest).validate_json(
        TypeAdapter(PaintRequest).dump_json(r)
    ),
    "json of a job": lambda r: Job.model_validate_json(
        Job(owner="me", request=r, others=[r]).model_dump_json()
    ).others[0],
    "job": lambda r: Job(**Job(owner="me", request=r).model_dump()).request,
    "job, wire names": lambda r: (
        Job.model_validate(
            Job(owner="me", request=r).model_dump(mode="json", by_alias=True)
        ).request
    ),
    "root model": lambda r: (
        RootModel[list[PaintRequest]]
        .model_validate_json(RootModel[list[PaintRequest]]([r]).model_dump_json())
        .root[0]
    ),
}


@pytest.mark.parametrize("way", ROUNDS)
@given(request=requests)
def test_request_comes_back_as_it_was(way, request):
    """What was given comes back, and no default that the server fills in."""
    back = ROUNDS[way](request)

    assert request == back
    assert request.model_fields_set == back.model_fields_set
    assert json.dumps(wire_body(request)) == json.dumps(wire_body(back))


def test_only_what_was_given_is_written():
    """A default is written if it was given, and an object inside the same."""
    request = PaintRequest(prompt="x", width=1024, lora=Lora(path="p"), class_="oil", seed=None)
    body = {"prompt": "x", "width": 1024, "seed": None, "lora": {"path": "p"}}

    assert {**body, "class_": "oil"} == request.model_dump()
    assert {**body, "class": "oil"} == request.model_dump(by_alias=True)
    assert {**body, "class": "oil"} == json.loads(request.model_dump_json())
    assert {**body, "class_": "oil"} == json.loads(request.model_dump_json(by_alias=False))


def test_options_of_a_dump():
    """What else is asked of a dump is kept: some names, no nulls."""
    request = PaintRequest(prompt="x", seed=None, lora=Lora(path="p", scale=2), class_="oil")

    assert {"prompt": "x"} == request.model_dump(include={"prompt", "width"})
    assert {"prompt": "x", "lora": {"path": "p"}} == request.model_dump(
        exclude={"lora": {"scale"}, "class_": True}, exclude_none=True
    )


def test_further_properties_are_written():
    """What an open schema lets in comes back too."""
    request = OpenRequest(prompt="x", more=[1], class_="oil")

    assert request == OpenRequest.model_validate_json(request.model_dump_json())
    wide = OpenRequest.model_validate({"prompt": "x", "class_": 1})
    assert wire_body(wide) == json.loads(wide.model_dump_json())


FILES = [Path("photo.png"), BytesIO(b"x")]
HOLDING = {
    "image": lambda file: PaintRequest(prompt="x", image=file),
    "images": lambda file: PaintRequest(prompt="x", images=[URL, file]),
}


@pytest.mark.parametrize("file", FILES, ids=["path", "open file"])
@pytest.mark.parametrize("name", HOLDING)
@pytest.mark.parametrize(
    "dump",
    [
        lambda request: request.model_dump_json(),
        lambda request: request.model_dump(mode="json"),
        lambda request: Job(owner="me", request=request).model_dump_json(),
        lambda request: TypeAdapter(PaintRequest).dump_json(request),
    ],
    ids=["dump_json", "dump", "job", "adapter"],
)
def test_local_files_are_not_written(file, name, dump):
    """The path of a file would come back as a text that is no URL; the error says what to do."""
    with pytest.raises(PydanticSerializationError) as caught:
        dump(HOLDING[name](file))

    place = {"image": "image", "images": "images[1]"}[name]
    assert f"{place} holds a local file, which nobody can read back" in str(caught.value)
    assert "the URL that client.upload(...) returns" in str(caught.value)


def test_path_stays_in_arguments():
    """For another call in the same process a path is good as it is."""
    request = PaintRequest(prompt="x", images=[URL, Path("photo.png")])

    assert request == PaintRequest(**request.model_dump())
    with pytest.raises(PydanticSerializationError, match="local file"):
        PaintRequest(prompt="x", image=BytesIO(b"x")).model_dump()


def test_path_that_was_written_all_the_same_is_refused():
    """What `json.dumps(..., default=str)` makes of a path is not taken for a URL."""
    given = PaintRequest(prompt="x", image=Path("a")).model_dump()
    body = json.loads(json.dumps(given, default=str))
    with pytest.raises(ValidationError, match="This is no URL"):
        PaintRequest(**body)


def test_misspelt_name_of_a_copy_is_written():
    """What is refused before it is sent is not lost on the way."""
    request = PaintRequest(prompt="x").model_copy(update={"widht": 640})
    with pytest.raises(ValidationError, match="did you mean 'width'"):
        PaintRequest.model_validate_json(request.model_dump_json())


def test_own_defaults_of_a_subclass_are_written():
    """They are sent, so that they belong to what was given."""

    class HouseRequest(PaintRequest, frozen=True):
        width: Omittable[Integer] = 640

    assert {"prompt": "x", "width": 640} == HouseRequest(prompt="x").model_dump()


@pytest.mark.parametrize("mode", ["validation", "serialization"])
def test_json_schema_describes_the_fields(mode):
    """The schema of what is written names the fields, as that of what is read."""
    schema = PaintRequest.model_json_schema(mode=mode)

    assert ["prompt"] == schema["required"]
    assert {"prompt", "width", "class"} <= schema["properties"].keys()
    assert {"path", "scale", "from"} == schema["$defs"]["Lora"]["properties"].keys()
