"""Serialize a request for `model_dump`: the fields that were given; refuse local files in JSON."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, cast

from pydantic_core import PydanticSerializationError

from get3w_core.request.values.local_files import is_local_file
from get3w_core.request.wire import WireObject, stray_names, wire_names_of_given

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydantic import SerializationInfo


def dump(
    request: object, handler: Callable[[WireObject], dict[str, Any]], info: SerializationInfo
) -> object:
    """Return what was given; what the server fills in is left out, whatever the options say.

    A default that is written down would be sent once it is read back.

    Raises:
        PydanticSerializationError: A local file would be written as if it were a URL.
    """
    refuse_files(request, info.mode)
    if not isinstance(request, WireObject):
        return request  # None where nothing was given, or what a copy put there
    given = wire_names_of_given(request)
    fields = type(request).__pydantic_fields__
    left_out: set[str] = set()
    for name, field in fields.items():
        wire_name = field.serialization_alias or name
        if wire_name not in given:
            left_out.add(name if info.by_alias is False else wire_name)
    left_out -= (request.__pydantic_extra__ or {}).keys()
    shown = {name: value for name, value in handler(request).items() if name not in left_out}
    # What a copy got under a wrong name stays there, so that reading it back refuses it.
    return {**shown, **{name: request.__dict__[name] for name in stray_names(request)}}


def refuse_files(value: object, mode: str, place: str = "") -> None:
    """Refuse to write down a local file, at any depth.

    Args:
        value: A request, or something inside.
        mode: "python" keeps a `Path` as it is; an open file is not to be kept at all.
        place: Where *value* stands.

    Raises:
        PydanticSerializationError: There is one.
    """
    if is_local_file(value) and not (mode == "python" and isinstance(value, os.PathLike)):
        raise PydanticSerializationError(
            f"{place} holds a local file, which nobody can read back from what is written. Upload"
            " it first, and make the request with the URL that client.upload(...) returns"
        )
    if isinstance(value, WireObject):
        value = {**value.__dict__, **(value.__pydantic_extra__ or {})}
    if isinstance(value, dict):
        for key, inner in cast("dict[str, object]", value).items():
            refuse_files(inner, mode, f"{place}.{key}" if place else key)
    elif isinstance(value, list):
        for index, inner in enumerate(cast("list[object]", value)):
            refuse_files(inner, mode, f"{place}[{index}]")
