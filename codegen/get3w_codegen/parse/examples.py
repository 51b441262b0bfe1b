"""Build the smallest valid input of a model, for the example in its docstring."""

from typing import Any, cast

from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.jsonschema.merge import resolved
from get3w_codegen.jsonschema.validation import Judge
from get3w_codegen.model.model import UNSET

_TEXT = "a lighthouse at dusk"
_FILES = {"image": "picture.png", "video": "video.mp4", "audio": "voice.mp3"}
# A longer value would hide the call that the example is about.
_LONGEST = 80
_NUMBERS = ("minimum", "maximum", "exclusiveMinimum")


def smallest_input(document: JsonObject) -> JsonObject | None:
    """Return the required inputs with an example value for each, by wire name.

    Args:
        document: The model's schema.

    Returns:
        None where no input is found that the schema accepts, or where a part of it is an object,
        which an example would have to make of its class.
    """
    root = resolved(document, document)
    properties = cast("JsonObject", root.get("properties", {}))
    required = cast("list[str]", root.get("required", []))
    found = {name: _value(document, properties.get(name), name) for name in required}
    if any(value is UNSET or len(repr(value)) > _LONGEST for value in found.values()):
        return None
    try:
        # As it stands: only known names are given, so how silence is read makes no difference.
        fits = Judge(document).accepts(found)
    except ValueError:
        return None  # nested deeper than the library reads; whoever needs the schema reports it
    return found if fits else None


def _value(document: JsonObject, schema: Any, name: str) -> object:
    if not isinstance(schema, dict):
        return UNSET
    flat = resolved(document, cast("JsonObject", schema))
    listed = [*flat.get("examples", []), *flat.get("enum", [])]
    listed = [flat["default"], *listed] if "default" in flat else listed
    short = [value for value in listed if len(repr(value)) <= _LONGEST]
    if short:
        return UNSET if isinstance(short[0], dict) else short[0]
    kind = flat.get("type")
    if kind == "string":
        return _text(flat, name)
    if kind == "array":
        items = flat.get("items")
        if "x-get3w-media" in flat and isinstance(items, dict):
            items = {"x-get3w-media": flat["x-get3w-media"], **cast("JsonObject", items)}
        item = _value(document, items, name)
        number = max(int(flat.get("minItems", 1)), 1)
        # Counted before it is made: a schema may ask for more items than there is memory.
        short_enough = item is not UNSET and len(repr(item)) * number <= _LONGEST
        return [item] * number if short_enough else UNSET
    if kind in ("integer", "number"):
        return next((flat[key] for key in _NUMBERS if key in flat), 1)
    return True if kind == "boolean" else UNSET


def _text(schema: JsonObject, name: str) -> str:
    media = schema.get("x-get3w-media")
    if media is not None:
        return f"https://example.com/{_FILES.get(media, 'file')}"
    words = name.lower().replace("-", "_").split("_")
    return _TEXT if {"prompt", "text"} & set(words) else name
