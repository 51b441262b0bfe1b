"""Values of other libraries are taken for what they are, and go out as plain JSON."""

import math
from decimal import Decimal
from enum import Enum, IntEnum, StrEnum
from fractions import Fraction
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
    validation_errors,
)
from get3w_core.request.values.plain_values import plain_value
from get3w_core.request.wire import wire_body
from hypothesis import given
from hypothesis import strategies as st
from pydantic import Field, HttpUrl, JsonValue, TypeAdapter

numpy = pytest.importorskip("numpy")
yarl = pytest.importorskip("yarl")
httpx = pytest.importorskip("httpx")

URL = "https://example.com/a.png"


class Size(IntEnum):
    BIG = 1024


class Style(StrEnum):
    PHOTO = "photo"


class Plain(Enum):
    PHOTO = "photo"
    HALF = 0.5
    BIG = 1024


class Name(str):
    __slots__ = ()


class Lora(RequestObject, frozen=True):
    scale: Number


class PaintRequest(ModelRequest, frozen=True):
    __model__ = ModelInfo("test/paint")

    text: Omittable[str] = None
    width: Omittable[Annotated[Integer, Field(ge=256)]] = None
    strength: Omittable[Annotated[Number, Field(ge=0, le=2000)]] = None
    style: Omittable[Literal["photo", "drawing"]] = None
    level: Omittable[Choice[Literal[0, 1024, True]]] = None
    safe: Omittable[bool] = None
    sizes: Omittable[list[Integer]] = None
    lora: Omittable[Lora] = None
    loras: Omittable[list[Lora]] = None
    any: Omittable[JsonValue] = None
    either: Omittable[Number | Literal["auto"]] = None
    image: Omittable[Media] = None
    images: Omittable[MediaList] = None


TAKEN = [
    *(("text", value, "photo") for value in (Style.PHOTO, Plain.PHOTO, Name("photo"))),
    ("text", numpy.str_("photo"), "photo"),
    *(("style", value, "photo") for value in (Style.PHOTO, Plain.PHOTO, Name("photo"))),
    *(("width", value, 1024) for value in (Size.BIG, Plain.BIG, Decimal(1024), Fraction(1024))),
    *(("width", kind(1024), 1024) for kind in (numpy.int64, numpy.uint16, numpy.float64)),
    *(("strength", kind(1024), 1024) for kind in (numpy.int64, Decimal, Fraction, Size)),
    *(("strength", kind(0.5), 0.5) for kind in (numpy.float64, numpy.float32, numpy.float16)),
    *(("strength", value, 0.5) for value in (Plain.HALF, Decimal("0.5"), Fraction(1, 2))),
    ("strength", numpy.longdouble(0.5), 0.5),
    ("width", Decimal(2**60 + 1), 2**60 + 1),
    ("width", Fraction(2**60 + 1), 2**60 + 1),
    ("strength", numpy.float64(0.1), 0.1),
    ("strength", Decimal("0.1"), 0.1),
    ("level", Size.BIG, 1024),
    ("level", numpy.bool_(True), True),
    ("safe", numpy.bool_(False), False),
    ("sizes", [numpy.int64(1), 2, Size.BIG], [1, 2, 1024]),
    ("lora", {"scale": numpy.float64(0.5)}, {"scale": 0.5}),
    ("loras", [{"scale": 1}, {"scale": Decimal("0.5")}], [{"scale": 1}, {"scale": 0.5}]),
    ("any", {"a": [numpy.int64(1), Style.PHOTO]}, {"a": [1, "photo"]}),
    ("either", numpy.float64(0.5), 0.5),
    ("either", Decimal("0.5"), 0.5),
    *(("image", kind(URL), URL) for kind in (HttpUrl, yarl.URL, httpx.URL)),
    ("images", [yarl.URL(URL), URL, HttpUrl(URL)], [URL, URL, URL]),
]


@pytest.mark.pairwise
@pytest.mark.parametrize(("name", "value", "plain"), TAKEN)
@pytest.mark.parametrize(
    "make",
    [
        lambda given: PaintRequest(**given),
        lambda given: PaintRequest().model_copy(update=given),
        lambda given: PaintRequest.model_validate(given),
    ],
    ids=["constructor", "copy", "wire body"],
)
def test_value_of_another_library_is_sent_as_plain_json(side, script, ok, make, name, value, plain):
    """A number, text, truth value or URL of another type is the one that it equals."""
    server = script(ok())
    side.run(side.client(server).submit(make({name: value})))

    assert {name: plain} == server.body()
    assert isinstance(plain, bool) is isinstance(server.body()[name], bool)


@pytest.mark.parametrize(("name", "value", "plain"), TAKEN)
def test_request_holds_the_plain_value(name, value, plain):
    """What is read from a request, and what is written down of it, is plain too."""
    request = PaintRequest(**{name: value})

    assert plain == request.model_dump()[name]
    assert type(plain) is type(request.model_dump()[name])


REFUSED = [
    (
        "strength",
        Decimal("0.1000000000000000000000001"),
        "Input should be a number that JSON can hold",
    ),
    ("strength", Fraction(1, 3), "Input should be a number that JSON can hold"),
    ("strength", numpy.float64("nan"), "Input should be a finite number"),
    ("strength", Decimal("Infinity"), "Input should be a finite number"),
    ("strength", Decimal("1e99"), "Input should be less than or equal to 2000"),
    ("strength", Decimal("1e999999999"), "Input should be a number that JSON can hold"),
    ("strength", numpy.bool_(True), "Input should be a finite number"),
    ("strength", 1j, "Input should be a finite number"),
    ("strength", numpy.float64(-1), "Input should be greater than or equal to 0"),
    ("width", Decimal("1024.5"), "Input should be a valid integer"),
    ("width", numpy.float64(1024.5), "Input should be a valid integer"),
    ("width", numpy.bool_(True), "Input should be a valid integer"),
    ("width", Size(1024) - 1000, "Input should be greater than or equal to 256"),
    ("style", Plain.HALF, "Input should be 'photo' or 'drawing'"),
    ("safe", numpy.int64(1), "Input should be a valid boolean"),
    ("text", numpy.int64(1), "Input should be a valid string"),
    ("sizes", numpy.array([1]), "Input should be a valid list"),
    ("image", yarl.URL("file:///a.png"), "Get3W cannot fetch what is on this machine"),
    ("image", yarl.URL("photo.png"), "Input should be a URL, a Path or an open binary file"),
]


@pytest.mark.parametrize(("name", "value", "said"), REFUSED)
def test_what_does_not_fit_is_refused_in_true_words(name, value, said):
    """What is no such value, or not exactly, is refused by the rule that it breaks."""
    with pytest.raises(RequestValidationError) as caught, validation_errors(PaintRequest):
        PaintRequest(**{name: value})
    [error] = caught.value.errors

    assert (name, said) == (error.location, error.message[: len(said)])


@given(st.integers() | st.floats(allow_nan=False) | st.text() | st.booleans() | st.none())
def test_plain_values_are_returned_as_they_are(value):
    """What is plain is not copied."""
    assert value is plain_value(value)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_of_any_wrapping_keep_their_value(value):
    """Each way to hold a float gives the same number."""
    for wrapped in (numpy.float64(value), Fraction(value)):
        plain = plain_value(wrapped)

        assert value == plain
        assert type(plain) in {int, float}


@given(st.decimals(allow_nan=False, allow_infinity=False))
def test_decimals_are_exact_or_left(value):
    """A decimal becomes what prints as the same number, or stays, to be refused."""
    plain = plain_value(value)

    assert plain is value or Decimal(repr(plain)) == value


def test_nothing_is_changed_in_what_was_given():
    """The list and the object of the caller stay theirs."""
    sizes, any_ = [numpy.int64(1)], {"a": [numpy.int64(1)]}
    PaintRequest(sizes=sizes, any=any_)

    assert numpy.int64 is type(sizes[0])
    assert numpy.int64 is type(any_["a"][0])


def test_whole_float_stays_as_written():
    """1.0 of numpy is the 1.0 of Python, which a number keeps."""
    assert "1.0" == repr(wire_body(PaintRequest(strength=numpy.float64(1)))["strength"])
    assert not math.isnan(wire_body(PaintRequest(strength=numpy.float32(1)))["strength"])


def test_other_models_are_not_changed():
    """Only request classes read such values."""
    assert 1 == TypeAdapter(int).validate_python(1)
