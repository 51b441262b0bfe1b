"""Markers that show a server's default in a signature and are never sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final, TypeVar, cast, overload

from pydantic_core import CoreSchema, SchemaSerializer, core_schema

T = TypeVar("T")


def _shown_value(marker: ServerDefault) -> object:
    return marker.value


_AS_SHOWN: Final = core_schema.any_schema(
    serialization=core_schema.plain_serializer_function_ser_schema(_shown_value)
)


class ServerDefault:
    """Stands in a signature for a value that the server, not the client, fills in.

    For tools that read signatures, a marker behaves as the value that it shows: numbers, texts,
    lists and objects are of the value's own type. Python has no subclasses of bool and None; those
    markers compare, hash, print and test as their value does.
    """

    __slots__ = ()
    # Pydantic writes defaults into JSON Schemas: by the type of a default, or as any value.
    __pydantic_serializer__: ClassVar[SchemaSerializer] = SchemaSerializer(_AS_SHOWN)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: object, handler: object) -> CoreSchema:
        return _AS_SHOWN

    @property
    def value(self) -> object:
        """The value that is shown."""
        raise NotImplementedError


class _Integer(ServerDefault, int):
    __slots__ = ()

    @property
    def value(self) -> int:
        return int(self)


class _Number(ServerDefault, float):
    __slots__ = ()

    @property
    def value(self) -> float:
        return float(self)


class _Text(ServerDefault, str):
    __slots__ = ()

    @property
    def value(self) -> str:
        return str.__str__(self)


class _List(ServerDefault, list[Any]):
    __slots__ = ()

    @property
    def value(self) -> list[Any]:
        return [*self]


class _Object(ServerDefault, dict[str, Any]):
    __slots__ = ()

    @property
    def value(self) -> dict[str, Any]:
        return {**self}


class _Single(ServerDefault):
    """True, False, None, or a value of a type that JSON does not have."""

    __slots__ = ("_value",)

    def __init__(self, value: object) -> None:
        self._value = value

    @property
    def value(self) -> object:
        return self._value

    # Run-time type checkers ask `isinstance`, which reads this.
    if not TYPE_CHECKING:

        @property
        def __class__(self) -> type:
            return type(self._value)

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        return bool(self._value == (other.value if isinstance(other, ServerDefault) else other))

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return repr(self._value)

    def __reduce__(self) -> tuple[Any, ...]:
        return _Single, (self._value,)


_KINDS: Final[dict[type, Any]] = {
    int: _Integer,
    float: _Number,
    str: _Text,
    list: _List,
    dict: _Object,
}
# `isinstance` costs more for what is no marker: it asks for the class that a value shows, too.
MARKERS: Final[frozenset[type]] = frozenset({*_KINDS.values(), _Single})


@overload
def server_default(value: list[T]) -> list[T]: ...
@overload
def server_default(value: T) -> T: ...
def server_default(value: T) -> T:
    """Show *value* as a parameter's default without ever sending it.

    The server's defaults stay the server's: what a caller does not give is not on the wire, so a
    default that changes there changes nothing here.

    Args:
        value: The default that the model's schema states, or None.

    Returns:
        A marker that behaves as *value* for whatever reads signatures, and that request classes
        drop.
    """
    return cast("T", _KINDS.get(type(value), _Single)(value))
