"""Describe the parameters of a model: name, type, default, and which values are allowed."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, cast

from get3w_codegen.jsonschema.merge import resolved
from get3w_codegen.parse.remarks import Names, remarks
from get3w_emulator.playground.names import in_order, parameter_names, properties_of

_DEEPEST: Final = 3
_LONGEST_DEFAULT: Final = 60
_LISTED_IN_ROW: Final = 16  # `remarks` names more values than these only in part

_NOUNS: Final[dict[type, str]] = {bool: "boolean", int: "integer", str: "string"}

_Schema = dict[str, Any]


@dataclass(frozen=True)
class Parameter:
    """One row of the table.

    Attributes:
        name: Its name in Python, with the path to it: `voice_list[].voice_id`.
        wire: Its name in the JSON body, where that is another; else "".
        type: What kind of value it takes, in words.
        required: Whether it has to be given.
        default: The server's default as JSON, or "".
        meaning: What it means, and its range or choices, in sentences.
        choices: The allowed values, where they are too many for the sentences.
    """

    name: str
    wire: str
    type: str
    required: bool
    default: str
    meaning: str
    choices: tuple[str, ...]


def parameters(root: _Schema) -> Iterator[Parameter]:
    """Yield the parameters of a schema in the order of the signature, each before its parts.

    Raises:
        DanglingReferenceError: A reference leads nowhere.
    """
    yield from _rows(root, resolved(root, root), "", _DEEPEST)


def _rows(root: _Schema, schema: _Schema, prefix: str, depth: int) -> Iterator[Parameter]:
    listed = properties_of(schema)
    names = parameter_names(listed)
    required = cast("list[str]", schema.get("required") or [])
    for wire in in_order(schema):
        stated = listed[wire]
        part = resolved(root, stated) if isinstance(stated, dict) else {}
        name = f"{prefix}{names[wire]}"
        yield _row(root, part, name, wire if wire != names[wire] else "", wire in required)
        inside, path = _object_inside(root, part, name)
        if inside is not None and depth > 1:
            yield from _rows(root, inside, f"{path}.", depth - 1)


def _row(root: _Schema, part: _Schema, name: str, wire: str, required: bool) -> Parameter:
    said = str(part.get("description") or part.get("title") or "").strip()
    if said and said[-1] not in ".!?:":
        said += "."
    default = part.get("default")
    values = _allowed(part)
    return Parameter(
        name=name,
        wire=wire,
        type=_type(root, part, _DEEPEST),
        required=required,
        default="" if default is None else _short(default),
        meaning=" ".join([*([said] if said else []), *_limits(root, part)]),
        choices=tuple(map(_json, values)) if len(values) > _LISTED_IN_ROW else (),
    )


def _limits(root: _Schema, part: _Schema) -> Iterator[str]:
    """Yield what else is said of a value; its default and what a file is stand elsewhere."""
    for each in remarks(root, part, Names(_allowed)):
        if not each.startswith("Server default") and "a `Path` or an open" not in each:
            yield each


def _object_inside(root: _Schema, part: _Schema, name: str) -> tuple[_Schema | None, str]:
    """Return the object that a parameter is or holds, if it lists properties, and its path."""
    while part.get("type") == "array" and isinstance(part.get("items"), dict):
        part, name = resolved(root, part["items"]), f"{name}[]"
    return (part if properties_of(part) else None), name


def _allowed(part: _Schema) -> list[object]:
    return cast("list[object]", [part["const"]] if "const" in part else part.get("enum") or [])


def _type(root: _Schema, part: _Schema, depth: int) -> str:
    """Return a type in words, as in "list of strings"."""
    media = part.get("x-get3w-media")
    branches = cast("list[object]", part.get("anyOf") or part.get("oneOf") or [])
    if branches and depth > 0:
        inner = [
            resolved(root, cast("_Schema", each)) for each in branches if isinstance(each, dict)
        ]
        kinds = [_type(root, {**each, **_media(media)}, depth - 1) for each in inner]
        return " or ".join(dict.fromkeys(kinds)) or "any"
    stated = part.get("type")
    if isinstance(stated, list):
        return " or ".join(map(str, cast("list[object]", stated)))
    if stated == "array":
        items = part.get("items")
        if not isinstance(items, dict) or depth <= 0:
            return "list"
        item = resolved(root, cast("_Schema", items))
        kind = _type(root, {**item, **_media(media)}, depth - 1)
        return f"list of {kind}" if " " in kind.removesuffix(" file") else f"list of {kind}s"
    if isinstance(media, str) and stated in (None, "string"):
        return f"{media} file"
    if isinstance(stated, str):
        return stated
    of = {type(value) for value in _allowed(part)}
    return _NOUNS.get(of.pop(), "any") if len(of) == 1 else "any"


def _media(media: object) -> _Schema:
    return {} if media is None else {"x-get3w-media": media}


def _short(value: object) -> str:
    text = _json(value)
    return text if len(text) <= _LONGEST_DEFAULT else f"{text[:_LONGEST_DEFAULT]}..."


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
