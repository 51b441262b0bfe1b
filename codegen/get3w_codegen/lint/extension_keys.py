"""Check this project's own keys (`x-...`) in a schema."""

import difflib
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any, cast

from get3w_codegen.jsonschema.keywords import JsonObject, Path
from get3w_codegen.jsonschema.merge import parts_in_place, resolved
from get3w_codegen.jsonschema.references import DanglingReferenceError, schemas
from get3w_codegen.lint.remedies import PASSED_OVER
from get3w_codegen.problems import Level, shown

MEDIA = ("image", "video", "audio")
_SURFACES = ("v3", "v1")

_Wanted = tuple[str, Callable[[Any], bool]]

_TEXT: _Wanted = ("a text", lambda value: isinstance(value, str))
_WANTED: dict[str, _Wanted] = {
    "x-api-path": _TEXT,
    "x-base-price-usd": (
        "a number of US dollars from 0 to a million",
        lambda value: (
            isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= 10**6
        ),
    ),
    "x-get3w-listed": ("true or false", lambda value: isinstance(value, bool)),
    "x-model-type": _TEXT,
    "x-note": _TEXT,
    "x-provenance": _TEXT,
    "x-source": _TEXT,
}
_KEYS = (*_WANTED, "x-get3w-media", "x-model-id", "x-order-properties", "x-surface")
_CLOSE = 0.85

Mistake = tuple[Path, str, str, Level]


def drop_misused(root: JsonObject, model_id: str) -> Iterator[Mistake]:
    """Drop unusable `x-` keys of ours, and yield place, message, remedy and level of each."""
    yield from _misnamed(root, model_id)
    for key in _WANTED.keys() & root.keys():
        wanted, fits = _WANTED[key]
        if not fits(root[key]):
            said = shown(root.pop(key))
            yield (key,), f"{said} is not {wanted}", f"Correct it; {PASSED_OVER}", Level.WARNING
    for path, node in list(schemas(root)):
        for found in (_order(root, node), _media(root, node), *_unknown(node)):
            if found is not None:
                key, message, remedy = found
                yield (*path, key), message, remedy, Level.WARNING


def is_confirmed(root: JsonObject) -> bool:
    """Return whether a schema says that Get3W's own documentation or list names the model."""
    return root.get("x-provenance") == "get3w-docs" or root.get("x-get3w-listed") is True


def _misnamed(root: JsonObject, model_id: str) -> Iterator[Mistake]:
    stated = root.get("x-model-id", model_id)
    if stated != model_id:
        yield (
            ("x-model-id",),
            f"The id {stated!r} does not agree with the path, which says {model_id!r}",
            "Move the file or correct x-model-id.",
            Level.ERROR,
        )
    surface = root.get("x-surface", "v3")
    if surface not in _SURFACES:
        remedy = 'Write "v3" or "v1", or leave it out.'
        yield ("x-surface",), f"Unknown surface {surface!r}", remedy, Level.ERROR


def _order(root: JsonObject, node: JsonObject) -> tuple[str, str, str] | None:
    key = "x-order-properties"
    if key not in node:
        return None
    stated = node[key]
    order = cast("list[object]", stated) if isinstance(stated, list) else [None]
    if not all(isinstance(name, str) for name in order):
        said = shown(node.pop(key))
        remedy = "Write a list of property names; until then the schema's own order is taken."
        return key, f"{said} is not a list of names", remedy
    listed = {name for part in _parts(root, node) for name in part.get("properties", {})}
    unknown = [name for name in order if name not in listed]
    if not unknown:
        return None
    names = ", ".join(map(shown, unknown[:5]))
    return key, f"No property is called {names}", f"Correct the list; {PASSED_OVER}"


def _media(root: JsonObject, node: JsonObject) -> tuple[str, str, str] | None:
    key = "x-get3w-media"
    if key not in node:
        return None
    allowed = f"{', '.join(MEDIA[:-1])} or {MEDIA[-1]}"
    if node[key] not in MEDIA:
        said = shown(node.pop(key))
        return key, f"{said} is not {allowed}", f"Write {allowed}; {PASSED_OVER}"
    if not _takes_text(root, node):
        del node[key]
        return key, "Only a string, or a list of strings, can be a file", "Remove it."
    return None


def _takes_text(root: JsonObject, node: JsonObject) -> bool:
    """Return whether a text may stand there, or a list of texts."""
    for part in _parts(root, node):
        kinds = part.get("type", [])
        items = part.get("items")
        if "string" in kinds:
            return True
        if "array" in kinds and isinstance(items, dict):
            return _takes_text(root, cast("JsonObject", items))
    return False


def _parts(root: JsonObject, node: JsonObject) -> list[JsonObject]:
    """Return all that is said of the same value; nothing where a reference leads nowhere."""
    try:
        return list(parts_in_place(root, resolved(root, node)))
    except (DanglingReferenceError, RecursionError):
        return []


def _unknown(node: JsonObject) -> Iterator[tuple[str, str, str]]:
    """Yield the keys that look like misspelt keys of ours."""
    for key in node:
        if not key.startswith("x-") or key in _KEYS:
            continue
        meant = _nearest(key)
        if meant is not None:
            yield key, f"Unknown key; did you mean {meant!r}?", f"Write {meant}."


@cache
def _nearest(key: str) -> str | None:
    near = difflib.get_close_matches(key, _KEYS, n=1, cutoff=_CLOSE)
    return near[0] if near and abs(len(near[0]) - len(key)) <= 2 else None
