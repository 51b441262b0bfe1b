"""Example input for any request class, made from its fields alone."""

import struct
import zlib
from pathlib import Path
from types import NoneType
from typing import Any, get_args, get_origin

from get3w_core import ModelRequest, RequestObject
from get3w_core.request.values.types import ListOf
from pydantic.fields import FieldInfo


def example_arguments(request_type: type[ModelRequest], folder: Path) -> dict[str, Any]:
    """Return arguments for the required fields and for those that hold objects.

    Args:
        request_type: The request class to fill.
        folder: Where a picture is put that an image field can upload.
    """
    return {
        name: _example(name, field.annotation, field, folder)
        for name, field in request_type.model_fields.items()
        if field.is_required() or _objects(field.annotation)
    }


def _example(name: str, annotation: object, field: FieldInfo, folder: Path) -> Any:
    objects = _objects(annotation)
    if objects:
        made = objects[0](
            **{
                inner: _example(inner, part.annotation, part, folder)
                for inner, part in objects[0].model_fields.items()
            }
        )
        return [made] if _is_list(annotation) else made
    if Path in _leaves(annotation):
        media = _picture(folder) if "image" in name else f"https://example.com/{name}.mp4"
        return [media] if _is_list(annotation) else media
    kinds = [kind for kind in _leaves(annotation) if kind is not NoneType]
    if not all(isinstance(kind, type) for kind in kinds):
        return kinds[0]
    if field.default is not None and not field.is_required():
        return field.default
    value = {str: _text(name), int: 1, float: 1.0, bool: True}.get(kinds[0])
    return [value] if _is_list(annotation) else value


def _text(name: str) -> str:
    return "a lighthouse at dusk, waves below" if "prompt" in name or "text" in name else name


def _leaves(annotation: object) -> list[Any]:
    """Return the plain types and the literal values that an annotation is made of."""
    parts = get_args(annotation)
    if hasattr(annotation, "__metadata__"):
        parts = parts[:1]
    return [leaf for part in parts for leaf in _leaves(part)] if parts else [annotation]


def _is_list(annotation: object) -> bool:
    return get_origin(annotation) in (list, ListOf) or any(map(_is_list, get_args(annotation)))


def _objects(annotation: object) -> list[type[RequestObject]]:
    return [
        leaf
        for leaf in _leaves(annotation)
        if isinstance(leaf, type) and issubclass(leaf, RequestObject)
    ]


def _picture(folder: Path) -> Path:
    """Write a small PNG, so that there is a local file to upload."""
    size = 64
    rows = b"".join(
        b"\0" + bytes(part for x in range(size) for part in (4 * x, 4 * y, 160))
        for y in range(size)
    )
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", size, size, 8, 2, 0, 0, 0)),
        (b"IDAT", zlib.compress(rows)),
        (b"IEND", b""),
    )
    path = folder / "example-input.png"
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
            for kind, data in chunks
        )
    )
    return path
