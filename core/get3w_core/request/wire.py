"""Build the JSON body of a request: what the caller gave, and nothing else."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Any, ClassVar, Final, cast

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from get3w_core.request.messages.known_names import Unknown
from get3w_core.request.messages.refusals import refusal_of_endless
from get3w_core.request.values.local_files import file_key, is_local_file
from get3w_core.request.values.plain_values import PLAIN, plain_value
from get3w_core.request.values.server_defaults import ServerDefault
from get3w_core.request.values.types import NotNull

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

# Stands, with a number behind it, for a file that has no URL yet while a body is judged.
_URL_TO_COME: Final = "https://cdn.get3w.com/uploads/pending/"


class WireObject(BaseModel, frozen=True):
    """What this module reads of `RequestObject`."""

    __omittable__: ClassVar[frozenset[str]] = frozenset()
    """The fields that may be left out but not be null."""
    __own_defaults__: ClassVar[frozenset[str]] = frozenset()
    """The fields whose default is the caller's own, and is sent."""
    __wire_fields__: ClassVar[tuple[tuple[str, str, object], ...]] = ()
    """Name, name on the wire and default of each field, once they are known."""

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        cls.__omittable__ = frozenset(
            name
            for name, field in cls.__pydantic_fields__.items()
            if any(isinstance(mark, NotNull) for mark in field.metadata)
        )
        cls.__own_defaults__ = frozenset(own_defaults(cls))
        cls.__wire_fields__ = ()


def own_defaults(cls: type[WireObject]) -> Iterator[str]:
    """Yield the fields whose default was stated by whoever derived *cls* from a generated class.

    Such a default is what the caller wants, not what the server does, so it is sent.
    """
    if "__model__" in vars(cls):
        return
    for base in cls.__bases__:
        if issubclass(base, WireObject) and base.__pydantic_fields__:
            known = base.__pydantic_fields__
            for name, field in cls.__pydantic_fields__.items():
                same = name in known and (
                    (field.default, field.default_factory)
                    == (known[name].default, known[name].default_factory)
                )
                not_given = field.default is None and name in cls.__omittable__
                if field.is_required() or not_given:
                    continue
                if not same or name in base.__own_defaults__:
                    yield name


def wire_body(request: WireObject) -> dict[str, Any]:
    """Return what the caller gave, by wire names; local files are still files in it.

    Raises:
        RequestValidationError: A list or object inside the request holds itself.
    """
    try:
        return _wire_body(request, lambda value: value)
    except RecursionError:
        raise refusal_of_endless(type(request)) from None


def wire_names_of_given(request: WireObject) -> set[str]:
    """Return the names on the wire of what the caller gave."""
    return {*_wire_body(request, lambda value: value)}


def pending_body(request: WireObject) -> dict[str, Any]:
    """Return the body for the wire, with an address for each file that has none yet."""
    numbers: dict[object, int] = {}

    def sent(value: Any) -> Any:
        if not is_local_file(value):
            return value
        return f"{_URL_TO_COME}{numbers.setdefault(file_key(value), len(numbers))}"

    return _wire_body(request, sent)


def is_pending(value: object) -> bool:
    """Tell whether *value* stands for the URL of a file that is not uploaded yet."""
    return isinstance(value, str) and value.startswith(_URL_TO_COME)


def unknown_names(request: WireObject) -> Iterator[Unknown]:
    """Yield what stands in *request*, at any depth, under a name that its class does not have.

    A copy with `update`, `model_construct` and `__dict__` put it there; see `_wire_body`, which
    leaves it out.
    """
    return _unknown_names(request, ())


def _unknown_names(value: object, place: tuple[str | int, ...]) -> Iterator[Unknown]:
    if isinstance(value, WireObject):
        cls, entries = type(value), value.__dict__
        if len(entries) != len(cls.__pydantic_fields__):
            for name in stray_names(value):
                yield Unknown((*place, name), entries.get(name), cls)
        for name, inner in entries.items():
            if type(inner) not in PLAIN:
                yield from _unknown_names(inner, (*place, name))
    elif isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            yield from _unknown_names(inner, (*place, key))
    elif isinstance(value, list):
        for index, inner in enumerate(cast("list[object]", value)):
            if type(inner) not in PLAIN:
                yield from _unknown_names(inner, (*place, index))


def stray_names(request: WireObject) -> list[str]:
    """Return the names that *request* holds values of and that are no fields of its class."""
    cls = type(request)
    return [
        name
        for name in request.__dict__.keys() - cls.__pydantic_fields__.keys()
        if not isinstance(getattr(cls, name, None), cached_property)
    ]


def _wire_body(request: WireObject, sent: Callable[[Any], Any]) -> dict[str, Any]:
    # Not `model_dump`: it takes an open file for an iterator, and warns of values that were put
    # in later, which the check before sending reports properly.
    cls, values, given = type(request), request.__dict__, request.__pydantic_fields_set__
    extra = request.__pydantic_extra__
    if extra:
        # A further name may be spelt like a field's Python name; pydantic then counts both as set.
        fields = cls.__pydantic_fields__
        given = {
            name
            for name in given & fields.keys()
            if name not in extra or values[name] is not fields[name].default
        }
    body: dict[str, Any] = {}
    for name, wire_name, default in cls.__wire_fields__ or _list_fields(cls):
        value = values.get(name, default)
        # A default that was changed in place, such as a list, counts as given.
        if name not in given and (value is default or value == default):
            continue
        if type(value) not in PLAIN:
            if value is PydanticUndefined or isinstance(value, ServerDefault):
                continue
            value = _wire_value(value, sent)
        body[wire_name] = value
    if extra:
        body.update((name, _wire_value(value, sent)) for name, value in extra.items())
    return body


def _list_fields(cls: type[WireObject]) -> tuple[tuple[str, str, object], ...]:
    # Not when the class is made: what stands in it may be known only after all classes are.
    cls.__wire_fields__ = tuple(
        (
            name,
            name if field.serialization_alias is None else field.serialization_alias,
            PydanticUndefined
            if name in cls.__own_defaults__
            else field.get_default(call_default_factory=True, validated_data={}),
        )
        for name, field in cls.__pydantic_fields__.items()
    )
    return cls.__wire_fields__


def _wire_value(value: Any, sent: Callable[[Any], Any]) -> Any:
    if type(value) in PLAIN:
        return value
    if isinstance(value, WireObject):
        return _wire_body(value, sent)
    if isinstance(value, list):
        items = cast("list[object]", value)
        return [_wire_value(item, sent) for item in items]
    if isinstance(value, dict):
        entries = cast("dict[str, Any]", value)
        return {key: _wire_value(item, sent) for key, item in entries.items()}
    return sent(plain_value(value))
