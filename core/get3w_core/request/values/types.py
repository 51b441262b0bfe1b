"""The value types that request classes are written in.

Each alias reads as a plain type in an editor (`int`, `float`, `str | Path | BinaryIO`) and
validates exactly as JSON Schema does, which neither of pydantic's two modes can do by itself.
"""

import math
import operator
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import takewhile
from numbers import Rational
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Annotated,
    Any,
    BinaryIO,
    Final,
    Protocol,
    SupportsIndex,
    TypeAlias,
    TypeVar,
    cast,
    get_args,
    get_origin,
)

from pydantic import Field, GetCoreSchemaHandler, GetJsonSchemaHandler, ValidationInfo
from pydantic.fields import FieldInfo
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, PydanticKnownError, core_schema

from get3w_core.request.values.local_files import is_local_file
from get3w_core.request.values.media_text import is_plain_url, media_problem


class Timeouts(Protocol):
    """An `httpx.Timeout`, or httpx2's: both have these."""

    @property
    def connect(self) -> float | None:
        """Seconds to connect."""
        ...

    @property
    def read(self) -> float | None:
        """Seconds for a piece of the answer."""
        ...

    @property
    def write(self) -> float | None:
        """Seconds for a piece of the request."""
        ...

    @property
    def pool(self) -> float | None:
        """Seconds to wait for a connection."""
        ...


class _HttpClient(Protocol):
    """What tells a client of either library from other objects."""

    @property
    def is_closed(self) -> bool:
        """Whether it was closed."""
        ...

    @property
    def event_hooks(self) -> dict[str, list[Callable[..., Any]]]:
        """What it calls for each request and answer."""
        ...


class SyncHttpClient(_HttpClient, Protocol):
    """An `httpx.Client` or an `httpx2.Client`."""

    def close(self) -> None:
        """Close the connections."""
        ...


class AsyncHttpClient(_HttpClient, Protocol):
    """An `httpx.AsyncClient` or an `httpx2.AsyncClient`."""

    async def aclose(self) -> None:
        """Close the connections."""
        ...


if TYPE_CHECKING:
    TimeoutTypes: TypeAlias = float | Timeouts
    """Seconds, or an `httpx.Timeout` for connect, read, write and pool apart."""
else:
    # Whoever reads signatures at run time, such as pydantic, is told of seconds alone.
    TimeoutTypes = float

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class ListOf(Protocol[T_co]):
    """A list that is only read: a `list[str]` is one of `str | Path`, which no `list` is.

    It names what lists have and strings, bytes and tuples do not, so that a bare URL is refused.
    """

    def __iter__(self) -> Iterator[T_co]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: SupportsIndex, /) -> T_co: ...
    def reverse(self) -> None:
        """Not called: it tells a list from a string."""
        ...


CONSTRUCTING = object()
"""The validation context of a constructor call, where local files stand for their URLs."""
PENDING = object()
"""The validation context of a body in which addresses stand for files that have no URL yet."""
SENDING = object()
"""The validation context of a body that is about to be sent."""
_USED: Final = frozenset({CONSTRUCTING, PENDING, SENDING})


# An integer above 0.5 is one above 0; pydantic takes no bounds of integers but integers.
_WHOLE: Final = {"ge": math.ceil, "gt": math.floor, "le": math.floor, "lt": math.ceil}


class _Mark:
    """What an `Annotated` type holds for pydantic; in a signature it shows by its name alone."""

    def __repr__(self) -> str:
        return type(self).__name__.lstrip("_")


class _PlainMark(_Mark):
    """A mark that validates by a function, of which pydantic cannot derive a JSON Schema."""

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        return handler(cast("dict[str, CoreSchema]", schema)["json_schema_input_schema"])


class _ExactInteger(_Mark):
    """An integer as JSON Schema means it: 1.0 is one, and is stored as 1; true is none."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        integer = handler(source)
        limits = cast("dict[str, Any]", integer)
        for bound, nearest in _WHOLE.items():
            if bound in limits:
                limits[bound] = nearest(limits[bound])
        return core_schema.no_info_before_validator_function(_integral, integer)


def _integral(value: object) -> object:
    return int(value) if type(value) is float and value.is_integer() else value


class _ExactNumber(_PlainMark):
    """A number kept as it was given: 1 stays 1, so that the wire carries what was written."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        number = handler(source)
        return core_schema.no_info_plain_validator_function(
            _number_within(number), json_schema_input_schema=number
        )


def _is_multiple(value: float, of: float) -> bool:
    return not value % of


_BOUNDS: Final[dict[str, tuple[core_schema.ErrorType, Callable[[Any, Any], bool]]]] = {
    "ge": ("greater_than_equal", operator.ge),
    "gt": ("greater_than", operator.gt),
    "le": ("less_than_equal", operator.le),
    "lt": ("less_than", operator.lt),
    "multiple_of": ("multiple_of", _is_multiple),
}


_NO_NUMBER: Final = "Input should be a finite number"
_INEXACT: Final = "Input should be a number that JSON can hold exactly; float(...) rounds it"


def _is_exact(value: object) -> bool:
    if isinstance(value, Decimal):
        return value.is_finite()
    return type(value) is not bool and isinstance(value, Rational)


def _number_within(schema: CoreSchema) -> Callable[[object], int | float]:
    limits = cast("dict[str, Any]", schema)
    bounds: list[
        tuple[Callable[[Any, Any], bool], object, core_schema.ErrorType, dict[str, Any]]
    ] = [
        (holds, limits[key], error, {key: limits[key]})
        for key, (error, holds) in _BOUNDS.items()
        if key in limits
    ]

    def read(value: object) -> int | float:
        if type(value) is not int and (type(value) is not float or not math.isfinite(value)):
            raise PydanticCustomError("number_type", _INEXACT if _is_exact(value) else _NO_NUMBER)
        for holds, limit, error, context in bounds:
            if not holds(value, limit):
                raise PydanticKnownError(error, context)
        return value

    return read


class _MediaFile(_PlainMark):
    """A URL on the wire; in a constructor also a local file, which the core uploads."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.with_info_plain_validator_function(
            _media, json_schema_input_schema=core_schema.str_schema()
        )


def _media(value: object, info: ValidationInfo) -> Any:
    # A body that is only read is judged by its schema, which allows any text.
    if isinstance(value, str):
        # Looked at first, since most are URLs, and asking for the context takes as long.
        if not is_plain_url(value) and info.context in _USED and (problem := media_problem(value)):
            raise PydanticCustomError("media_type", "{problem}", {"problem": problem})
        return value
    if info.context is CONSTRUCTING and is_local_file(value):
        return value
    allowed = "a URL, a Path or an open binary file" if info.context is CONSTRUCTING else "a URL"
    if isinstance(value, bytes):
        allowed += "; io.BytesIO(...) makes a file of bytes"
    raise PydanticCustomError("media_type", "Input should be {allowed}", {"allowed": allowed})


class _MediaItems(_Mark):
    """A list whose every item is a URL or, in a constructor, a local file."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return handler.generate_schema(list[Media])


class _ExactChoice(_PlainMark):
    """Values told apart as JSON does: true is not 1, though Python finds them equal."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        choices = get_args(source)
        shown = " or ".join(repr(choice) for choice in choices)

        def choose(value: object) -> object:
            exact = _integral(value)
            for choice in choices:
                if type(choice) is type(exact) and choice == exact:
                    return choice
            raise PydanticCustomError("choice", "Input should be {allowed}", {"allowed": shown})

        return core_schema.no_info_plain_validator_function(
            choose, json_schema_input_schema=handler(source)
        )


class NotNull(_Mark):
    """Marks a field that may be left out but not be null; None in Python means left out."""

    def __get_pydantic_core_schema__(
        self, source: object, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        kinds = [kind for kind in get_args(source) if kind is not type(None)]
        if len(kinds) == 1:
            return handler.generate_schema(_bounds_first(kinds[0]))
        schema = handler(source)
        return schema["schema"] if schema["type"] == "nullable" else schema


def _bounds_first(annotation: Any) -> Any:
    """Return *annotation* with its bounds next to the number that they bound.

    Around our reading of the number, each of them would be one more call of Python code.
    """
    if get_origin(annotation) is not Annotated:
        return annotation
    kind, first, *others = get_args(annotation)
    if not isinstance(first, _ExactInteger | _ExactNumber):
        return annotation
    bounds = list(takewhile(lambda mark: isinstance(mark, FieldInfo), others))
    return Annotated[kind, *bounds, first, *others[len(bounds) :]]


Integer = Annotated[int, _ExactInteger()]
"""A JSON integer."""

Number = Annotated[float, _ExactNumber()]
"""A JSON number; integers stay integers."""

MediaInput: TypeAlias = str | Path | BinaryIO
"""What a media parameter takes: a URL, a local `Path`, or a file opened in binary mode.

Any other `os.PathLike` does as well; the type leaves it out, so that editors show a short one.
"""

Media = Annotated[MediaInput, _MediaFile()]
"""A media field of a request class."""

MediaListInput: TypeAlias = ListOf[MediaInput]
"""What a parameter for several media takes: a list of URLs, paths and open files in any mixture."""

MediaList = Annotated[MediaListInput, _MediaItems()]
"""A media list field of a request class."""

Choice = Annotated[T, _ExactChoice()]
"""One of the values of a `Literal` that holds 0, 1, true or false."""

Omittable = Annotated[T | None, NotNull()]
"""An optional field: leaving it out leaves the choice to the server; null is not allowed."""


def WireName(name: str) -> FieldInfo:  # noqa: N802 - stands in annotations, beside `Field`
    """Mark a field that is called otherwise on the wire than in Python.

    A function, since ty takes an alias that it can read for the name of the argument.

    Args:
        name: The name on the wire.
    """
    return cast("FieldInfo", Field(validation_alias=name, serialization_alias=name))
