"""How request classes behave, shown on small ones written by hand."""

import copy
import inspect
import pickle
import re
from io import BytesIO
from pathlib import Path
from typing import Annotated, Literal

import pytest
from get3w_core import (
    Choice,
    Integer,
    Media,
    MediaList,
    ModelInfo,
    ModelRequest,
    Number,
    Omittable,
    RequestObject,
    RequestValidationError,
    Rule,
    server_default,
    validation_errors,
)
from get3w_core.request.check import check_wire_body
from get3w_core.request.wire import wire_body
from pydantic import Field, ValidationError

URL = "https://example.com/a.png"
BASE = {"prompt": "a lighthouse"}


class Lora(RequestObject, frozen=True):
    """An object inside a request."""

    path: str
    scale: Omittable[Annotated[Number, Field(ge=0, le=2)]] = 1.0


class PaintRequest(ModelRequest, frozen=True):
    """A request with a field of every kind."""

    __model__ = ModelInfo("test/paint")

    prompt: str
    width: Omittable[Annotated[Integer, Field(ge=256, le=2048)]] = 1024
    strength: Omittable[Annotated[Number, Field(ge=0, le=1)]] = 0.8
    style: Omittable[Literal["photo", "drawing"]] = "photo"
    safe: Omittable[bool] = True
    image: Omittable[Media] = None
    images: Omittable[Annotated[MediaList, Field(max_length=2)]] = None
    loras: Omittable[list[Lora]] = None
    lora: Omittable[Lora] = None
    seed: Integer | None = None  # the schema allows null
    level: Omittable[Choice[Literal[0, 1, "auto"]]] = None
    class_: Omittable[str] = Field(default=None, alias="class")


class EitherRequest(ModelRequest, frozen=True):
    """A request with a condition across fields: a mask needs an image."""

    __model__ = ModelInfo(
        "test/either",
        rule=Rule(
            {
                "if": {"required": ["mask"]},
                "then": {"required": ["image"]},
                "not": {"properties": {"prompt": {"const": "forbidden"}}, "required": ["prompt"]},
            }
        ),
    )

    prompt: Omittable[str] = None
    image: Omittable[Media] = None
    mask: Omittable[Media] = None


class NamedRequest(ModelRequest, frozen=True):
    """A request with an object whose name is another one in Python."""

    __model__ = ModelInfo("test/named")

    class_: Lora = Field(alias="class")


class OpenRequest(ModelRequest, frozen=True, extra="allow"):
    """A request whose schema allows further properties."""

    __model__ = ModelInfo("test/open")

    prompt: str


def paint(**fields):
    return PaintRequest(**BASE, **fields)


def refusal(make):
    """Return the error that `make` raises, as a caller of a generated function sees it."""
    with pytest.raises(RequestValidationError) as caught, validation_errors(PaintRequest):
        make()
    return caught.value


# Server defaults


def test_server_default_prints_as_its_value():
    """The marker shows as the value, in a signature too."""

    width, style = server_default(1024), server_default("photo")

    def submit(width=width, style=style):
        pass

    assert "(width=1024, style='photo')" == str(inspect.signature(submit))


@pytest.mark.parametrize("value", [1024, None, "x", [1], 0, False])
def test_server_default_is_dropped(value):
    """A field that holds the marker was not given, whatever value it shows."""
    request = PaintRequest(prompt="a lighthouse", width=server_default(value))

    assert {"prompt"} == request.model_fields_set
    assert BASE == wire_body(request)
    assert 1024 == request.width


def test_server_default_for_required_field_is_missing():
    """The marker does not stand in for a required field."""
    with pytest.raises(ValidationError, match="prompt"):
        PaintRequest(prompt=server_default("a lighthouse"))


def test_given_default_is_sent():
    """A value that equals the server's default is sent when the caller gives it."""
    assert {**BASE, "width": 1024} == wire_body(paint(width=1024))


def test_defaults_of_nested_objects_are_not_sent():
    """What was not given in a nested object is not on the wire either."""
    request = paint(loras=[Lora(path="x")])

    assert {**BASE, "loras": [{"path": "x"}]} == wire_body(request)
    assert 1.0 == request.loras[0].scale


# None


@pytest.mark.parametrize("name", ["width", "style", "image", "loras", "level", "class_"])
def test_none_means_not_given(name):
    """None for a field that may not be null leaves it out."""
    request = paint(**{name: None})

    assert BASE == wire_body(request)
    assert {"prompt"} == request.model_fields_set


def test_none_is_null_where_null_is_allowed():
    """None for a field that may be null is sent; leaving it out sends nothing."""
    assert {**BASE, "seed": None} == wire_body(paint(seed=None))
    assert BASE == wire_body(paint())


def test_none_for_a_required_field_is_refused():
    """A required field cannot be left out by None."""
    with pytest.raises(ValidationError, match="prompt"):
        PaintRequest(prompt=None)


@pytest.mark.parametrize("name", ["width", "style", "image", "loras", "lora", "level", "class"])
def test_null_on_the_wire_is_refused(name):
    """A wire body may not hold null where the schema does not allow it."""
    with pytest.raises(ValidationError, match=name):
        PaintRequest.model_validate({**BASE, name: None})


def test_null_on_the_wire_where_it_is_allowed():
    """A wire body may hold null where the schema allows it."""
    assert {**BASE, "seed": None} == wire_body(PaintRequest.model_validate({**BASE, "seed": None}))


# Types


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("width", "1024"),
        ("width", True),
        ("width", 1024.5),
        ("width", 255),
        ("width", 2049),
        ("width", float("nan")),
        ("width", float("inf")),
        ("width", [1024]),
        ("strength", "0.5"),
        ("strength", True),
        ("strength", float("nan")),
        ("strength", float("inf")),
        ("strength", -0.1),
        ("strength", 1.1),
        ("style", "Photo"),
        ("style", "phot"),
        ("style", 1),
        ("safe", 1),
        ("safe", "true"),
        ("seed", "1"),
        ("seed", False),
        ("level", True),
        ("level", False),
        ("level", 2),
        ("level", "0"),
        ("image", 3),
        ("image", b"\x89PNG"),
        ("images", URL),
        ("images", (URL,)),
        ("images", [URL, 3]),
        ("images", [URL, URL, URL]),
        ("loras", Lora(path="x")),
        ("loras", [None]),
        ("lora", "x"),
        ("lora", {"path": "x", "scale": 3}),
        ("class_", 1),
    ],
)
def test_wrong_values_are_refused(name, value):
    """A value of another type or out of range is refused, and the error names the field."""
    error = refusal(lambda: paint(**{name: value}))

    places = {re.split(r"[.\[]", each.location)[0].rstrip("_") for each in error.errors}
    assert {name.rstrip("_")} == places


@pytest.mark.parametrize("value", [1, 0.5, 0.1, 1.0, 0])
def test_number_is_kept_as_written(value):
    """A number stays what it was: 1 is no 1.0 on the wire, and 0.1 is 0.1."""
    sent = wire_body(paint(strength=value))["strength"]

    assert repr(value) == repr(sent)


def test_whole_float_is_an_integer():
    """1024.0 is an integer, and is stored and sent as 1024."""
    request = paint(width=1024.0)

    assert "1024" == repr(request.width)
    assert "1024" == repr(wire_body(request)["width"])
    assert "1024" == repr(PaintRequest.model_validate({**BASE, "width": 1024.0}).width)


def test_huge_integer_is_no_float():
    """An integer beyond the floats passes unchanged."""
    assert 10**400 == wire_body(paint(seed=10**400))["seed"]


@pytest.mark.parametrize("value", [0, 1, "auto", 1.0])
def test_choice_takes_its_values(value):
    """A choice among 0 and 1 takes these, and 1.0, which JSON does not tell from 1."""
    assert value == paint(level=value).level


class ScaleRequest(ModelRequest, frozen=True):
    """Bounds of each kind, on fields that must be given and that may be left out."""

    __model__ = ModelInfo("test/scale")

    ratio: Annotated[Number, Field(gt=0.5, lt=2**60 + 1, multiple_of=1)]
    ratio_or_not: Omittable[Annotated[Number, Field(gt=0.5, lt=2**60 + 1, multiple_of=1)]] = None
    count: Annotated[Integer, Field(ge=2, le=2**60 + 1, multiple_of=2)]
    count_or_not: Omittable[Annotated[Integer, Field(ge=2, le=2**60 + 1, multiple_of=2)]] = None


@pytest.mark.parametrize(
    ("ratio", "count", "expected"),
    [
        (1, 2, []),
        (2.0, 2.0, []),
        (2**60, 2**60, []),
        (0.5, 4, ["greater_than"]),
        (1.5, 4, ["multiple_of"]),
        (2**60 + 1, 4, ["less_than"]),
        (2.0**60 * 2, 4, ["less_than"]),
        (1, 0, ["greater_than_equal"]),
        (1, 3, ["multiple_of"]),
        (1, 2**60 + 2, ["less_than_equal"]),
        (True, 4, ["number_type"]),
        (1, True, ["int_type"]),
    ],
)
def test_bounds_hold_alike_for_required_and_optional(ratio, count, expected):
    """Both readings of a bounded number come to one verdict, and say it in the same words."""
    verdicts = []
    for fields in ({"ratio": ratio, "count": count}, {"ratio": 1, "count": 2}):
        fields |= {"ratio_or_not": ratio, "count_or_not": count} if verdicts else {}
        try:
            ScaleRequest(**fields)
            verdicts.append([])
        except ValidationError as error:
            verdicts.append([(line["type"], line["msg"]) for line in error.errors()])

    assert expected == [kind for kind, _ in verdicts[0]]
    assert verdicts[0] == verdicts[1]


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_infinity_is_no_number(value):
    """JSON has no infinity, whether the field is bounded or not."""

    class EndlessRequest(ModelRequest, frozen=True):
        __model__ = ModelInfo("test/endless")
        free: Omittable[Number] = None
        bounded: Omittable[Annotated[Number, Field(ge=0)]] = None

    for name in ("free", "bounded"):
        with pytest.raises(ValidationError, match="finite"):
            EndlessRequest(**{name: value})


@pytest.mark.parametrize(
    ("bound", "accepted"),
    [
        ({"ge": 1.5}, [2, 3]),
        ({"gt": 1.5}, [2, 3]),
        ({"gt": 2.0}, [3]),
        ({"le": 1.5}, [1]),
        ({"lt": 1.5}, [1]),
        ({"lt": 2.0}, [1]),
        ({"ge": 2.0, "le": 2.0}, [2]),
    ],
)
def test_integers_may_have_broken_bounds(bound, accepted):
    """A bound of an integer need not be one."""

    class BrokenRequest(ModelRequest, frozen=True):
        __model__ = ModelInfo("test/broken")
        count: Omittable[Annotated[Integer, Field(**bound)]] = None

    def fits(count):
        try:
            return bool(BrokenRequest(count=count))
        except ValidationError:
            return False

    assert accepted == [count for count in (1, 2, 3) if fits(count)]


def test_error_names_field_and_value():
    """The text of a refusal holds the model, the field, the value, and that nothing was sent."""
    error = refusal(lambda: paint(width=100, style="oil"))

    assert "test/paint" == error.model_id
    assert ["width", "style"] == [each.location for each in error.errors]
    for part in "test/paint|nothing was sent|width|100|256|style|'oil'|photo".split("|"):
        assert part in str(error)


def test_long_values_are_cut_in_errors():
    """A refusal stays readable when the value is a novel."""
    error = refusal(lambda: paint(style="x" * 10_000))

    assert len(str(error)) < 1000


def test_refusal_is_a_value_error_without_a_chain():
    """A refusal can be caught as ValueError, and shows no pydantic traceback before it."""
    error = refusal(lambda: paint(width="wide"))

    assert isinstance(error, ValueError)
    assert error.__suppress_context__


def test_constructing_by_hand_raises_pydantic_error():
    """Outside a submit function a wrong value is pydantic's own error."""
    with pytest.raises(ValidationError, match="width"):
        paint(width="wide")


# Nested objects


def test_nested_objects_in_each_spelling():
    """A nested object may be made by its class or written as a dict."""
    expected = {**BASE, "loras": [{"path": "x", "scale": 0.5}]}

    assert expected == wire_body(paint(loras=[Lora(path="x", scale=0.5)]))
    assert expected == wire_body(paint(loras=[{"path": "x", "scale": 0.5}]))
    assert expected == wire_body(PaintRequest.model_validate(expected))


def test_nested_error_names_the_place():
    """An error inside a nested object says where."""
    error = refusal(lambda: paint(loras=[Lora(path="x"), {"path": "y", "scale": 9}]))

    assert ["loras[1].scale"] == [each.location for each in error.errors]


def test_marker_and_none_in_nested_constructor():
    """The constructor of a nested class drops the marker and None, as a request does."""
    assert {"path": "x"} == wire_body(Lora(path="x", scale=server_default(1.0)))
    assert {"path": "x"} == wire_body(Lora(path="x", scale=None))


# Names


def test_unknown_name_is_refused_with_the_nearest():
    """A misspelt name is refused with what it may have meant and the way out."""
    error = refusal(lambda: paint(widht=1024))

    assert ["widht"] == [each.location for each in error.errors]
    assert "did you mean 'width'" in str(error).lower()
    assert "extra_body" in str(error)


def test_unknown_name_without_a_neighbour():
    """A name like no other gets no guess, and still the way out."""
    error = refusal(lambda: paint(zzz=1))

    assert "did you mean" not in str(error).lower()
    assert "extra_body" in str(error)


def test_unknown_nested_name():
    """A misspelt name inside an object is refused with that object's names."""
    error = refusal(lambda: paint(loras=[{"path": "x", "scal": 1}]))

    assert ["loras[0].scal"] == [each.location for each in error.errors]
    assert "did you mean 'scale'" in str(error).lower()


def test_unknown_name_in_a_wire_body():
    """A wire body with an unknown name is refused in the same words."""
    with pytest.raises(ValidationError, match=r"(?is)did you mean 'width'.*extra_body"):
        PaintRequest.model_validate({**BASE, "widht": 1024})


def test_unknown_name_beside_other_errors():
    """Every thing that is wrong is told at once."""
    error = refusal(lambda: PaintRequest(widht=1, strength=True, level=True, image=3, width=1))

    assert {"prompt", "widht", "strength", "level", "image", "width"} == {
        each.location for each in error.errors
    }


def test_alias_is_the_name_on_the_wire():
    """A Python name with an underscore is its true name on the wire."""
    assert {**BASE, "class": "oil"} == wire_body(paint(class_="oil"))
    assert "oil" == PaintRequest.model_validate({**BASE, "class": "oil"}).class_


def test_alias_is_no_python_name():
    """The constructor takes Python names, and a wire body wire names."""
    with pytest.raises(ValidationError, match="class_"):
        paint(**{"class": "oil"})
    with pytest.raises(ValidationError, match="'class'"):
        PaintRequest.model_validate({**BASE, "class_": "oil"})


def test_empty_name_on_the_wire():
    """A property may have the empty name, which is no missing one."""

    class NamelessRequest(ModelRequest, frozen=True):
        __model__ = ModelInfo("test/nameless")
        field: Omittable[str] = Field(default=None, alias="")

    assert {"": "oil"} == wire_body(NamelessRequest(field="oil"))


def test_body_is_in_the_order_of_the_fields():
    """The order of the arguments does not show on the wire."""
    assert ["prompt", "width", "safe"] == list(
        wire_body(PaintRequest(safe=True, width=256, **BASE))
    )


def test_further_name_like_a_python_name():
    """In an open class a further property may be spelt like a field's Python name."""

    class WideRequest(ModelRequest, frozen=True, extra="allow"):
        __model__ = ModelInfo("test/wide")
        class_: Omittable[str] = Field(default=None, alias="class")

    for body in ({"class_": 1}, {"class": "oil", "class_": 1}):
        assert body == wire_body(WideRequest.model_validate(body))


def test_open_schema_takes_more():
    """Where the schema allows further properties they are taken and sent."""
    expected = {**BASE, "more": [1], "self": 2}

    assert expected == wire_body(OpenRequest(**expected))
    assert expected == wire_body(OpenRequest.model_validate(expected))


# Files


def test_media_takes_files_in_the_constructor(tmp_path):
    """A URL, a Path and an open file pass, alone and in a list, and stay what they are."""
    path, file = tmp_path / "a.png", BytesIO(b"x")
    request = paint(image=path, images=[URL, file])

    assert {**BASE, "image": path, "images": [URL, file]} == wire_body(request)
    assert path is request.image
    assert file is request.images[1]


@pytest.mark.parametrize("text", ["cat.png", "/tmp/cat.JPG", r"C:\cat.webp", "pics/song.mp3"])
def test_file_name_as_text_is_refused_with_the_remedy(text):
    """The name of a file where a URL belongs would be billed, and the error says what to write."""
    with pytest.raises(ValidationError, match=r"no URL; .*pass Path\('"):
        paint(image=text)
    with pytest.raises(ValidationError, match="no URL"):
        paint(images=[URL, text])


@pytest.mark.parametrize(
    "text",
    [
        URL,
        "HTTPS://a.example/b.PNG?c=d",
        "data:image/png;base64,aGk=",
        "iVBORw0KGgo=",
    ],
)
def test_text_that_may_be_media_passes(text):
    """A URL and the content of a file as BASE64 are left to the server."""
    assert text == paint(image=text).image


@pytest.mark.parametrize("body", [{"image": Path("a.png")}, {"images": [URL, BytesIO(b"x")]}])
def test_files_are_not_on_the_wire(body):
    """A wire body holds URLs only."""
    with pytest.raises(ValidationError, match="image"):
        PaintRequest.model_validate({**BASE, **body})


def test_ready_made_body_is_checked_before_it_is_sent():
    """A file that was not replaced by its URL does not pass the last check."""
    request = paint(image=Path("a.png"))

    with pytest.raises(RequestValidationError, match="image"):
        check_wire_body(request, wire_body(request))


# Once made


def test_request_is_frozen():
    """No field can be assigned, deleted or added."""
    request = paint(width=512)
    with pytest.raises(ValidationError, match="frozen"):
        request.width = 1024
    with pytest.raises(ValidationError, match="frozen"):
        del request.width
    with pytest.raises((ValidationError, ValueError)):
        request.height = 1024

    assert {**BASE, "width": 512} == wire_body(request)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda request: request.images.append(3), "images[1]"),
        (lambda request: request.images.extend([URL, URL]), "images"),
        (lambda request: request.loras.append("x"), "loras[1]"),
        (
            lambda request: request.loras.clear() or request.loras.append({"scale": 1}),
            "loras[0].path",
        ),
    ],
)
def test_list_changed_after_construction_is_caught(change, place):
    """What went wrong after construction is caught by the check before sending."""
    request = paint(images=[URL], loras=[Lora(path="x")])
    check_wire_body(request, wire_body(request))
    change(request)

    with pytest.raises(RequestValidationError) as caught:
        check_wire_body(request, wire_body(request))

    assert place in [each.location for each in caught.value.errors]
    assert "nothing was sent" in str(caught.value)


def test_list_changed_to_something_valid_is_sent():
    """A valid change to a list goes on the wire."""
    images = [URL]
    request = paint(images=images)
    request.images.append(f"{URL}?2")

    assert [URL, f"{URL}?2"] == wire_body(request)["images"]
    check_wire_body(request, wire_body(request))


@pytest.mark.parametrize(
    "duplicate", [lambda it: pickle.loads(pickle.dumps(it)), copy.copy, copy.deepcopy]
)
def test_copies_are_equal(duplicate):
    """A copy has the same fields given, and sends the same."""
    request = paint(width=512, seed=None, loras=[Lora(path="x")], class_="oil")

    twin = duplicate(request)

    assert request == twin
    assert wire_body(request) == wire_body(twin)
    assert type(request) is type(twin)


def test_repr_shows_the_values():
    """A request shows its fields, for a log or a debugger."""
    assert "prompt='a lighthouse'" in repr(paint(width=512))
    assert "width=512" in repr(paint(width=512))


# Conditions across fields


def test_condition_is_checked():
    """A condition across fields holds for constructor and wire body."""
    assert {"image": URL, "mask": URL} == wire_body(EitherRequest(image=URL, mask=URL))
    with pytest.raises(ValidationError, match="image"):
        EitherRequest(mask=URL)
    with pytest.raises(ValidationError, match="image"):
        EitherRequest.model_validate({"mask": URL})
    with pytest.raises(ValidationError):
        EitherRequest(prompt="forbidden")


def test_condition_with_local_files(tmp_path):
    """A local file counts as the URL that it will become."""
    path = tmp_path / "a.png"

    assert {"image": path, "mask": path} == wire_body(EitherRequest(image=path, mask=path))
    with pytest.raises(ValidationError, match="image"):
        EitherRequest(mask=path)


def test_default_does_not_fulfil_a_condition():
    """What was not given counts as absent, though it reads as None."""
    assert {} == wire_body(EitherRequest(mask=None))


def test_broken_condition_is_a_refusal():
    """A broken condition reads like any other refusal."""
    with (
        pytest.raises(RequestValidationError, match="test/either") as caught,
        validation_errors(EitherRequest),
    ):
        EitherRequest(mask=URL)

    assert "image" in str(caught.value)


def test_broken_condition_beside_an_unknown_name():
    """An unknown name is told first; conditions are judged once every field is right."""
    with pytest.raises(ValidationError, match=r"(?i)did you mean 'mask'"):
        EitherRequest(maks=URL)


def unknown(make):
    """Return what is said of an unknown name."""
    with pytest.raises(ValidationError) as caught:
        make()
    [error] = caught.value.errors()
    return error["msg"]


@pytest.mark.parametrize(
    ("make", "way_out"),
    [
        (lambda: paint(pitch=1), "yet: extra_body={'pitch': ...}"),
        (
            lambda: paint(loras=[{"path": "x", "pitch": 1}]),
            "yet: extra_body={'loras': [...]}, which replaces all of 'loras'",
        ),
        (
            lambda: paint(lora={"path": "x", "pitch": 1}),
            "yet: extra_body={'lora': {...}}, which replaces all of 'lora'",
        ),
        (
            lambda: NamedRequest(class_={"path": "x", "pitch": 1}),
            "yet: extra_body={'class': {...}}, which replaces all of 'class'",
        ),
        (
            lambda: Lora(path="x", pitch=1),
            "yet: in extra_body, inside the property that takes this object, which it replaces",
        ),
    ],
)
def test_way_out_of_an_unknown_name_is_one(make, way_out):
    """What is merged at the top of a body only is named from there, by its name on the wire."""
    assert way_out in unknown(make)
