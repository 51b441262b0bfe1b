"""The names that an object inside a request may have."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, get_args

from pydantic import BaseModel

if TYPE_CHECKING:
    from collections.abc import Iterator


class Unknown(NamedTuple):
    """A value under a name that the class of its object does not have."""

    place: tuple[str | int, ...]
    value: object
    owner: type[BaseModel]


def known_names(
    owner: type[BaseModel], place: tuple[int | str, ...], *, by_name: bool
) -> Iterator[str]:
    """Yield the names that an object at *place* inside one of *owner* may have.

    Args:
        owner: The class of the outer object.
        place: The way to the inner one.
        by_name: Whether names are those of Python, not those on the wire.
    """
    for name, field in owner.__pydantic_fields__.items():
        alias = field.serialization_alias
        if not place:
            yield name if by_name or alias is None else alias
        elif place[0] in {name, alias}:
            for inner in _objects_in(field.annotation):
                rest = place[1:]
                while rest and rest[0] not in _names(inner):
                    rest = rest[1:]  # an index of a list or a key of a mapping
                yield from known_names(inner, rest, by_name=by_name)


def _names(owner: type[BaseModel]) -> set[str]:
    fields = owner.__pydantic_fields__
    return {*fields, *(field.serialization_alias or "" for field in fields.values())}


def _objects_in(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _objects_in(argument)


def python_place(owner: type[BaseModel], place: tuple[int | str, ...]) -> tuple[int | str, ...]:
    """Return *place*, which is in names on the wire, in names of Python."""
    for step, part in enumerate(place):
        for name, field in owner.__pydantic_fields__.items():
            if part == (field.serialization_alias or name):
                inner = [*_objects_in(field.annotation)]
                rest = place[step + 1 :]
                if len(inner) == 1:
                    rest = python_place(inner[0], rest)
                return (*place[:step], name, *rest)
    return place
