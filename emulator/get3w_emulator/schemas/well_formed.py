"""Repair a schema: leave out what says nothing sensible, and report what makes it unusable.

The generator passes over a keyword that is null or of the wrong kind, with a warning, and so does
the emulator: both judge by the rest. An unknown type leaves the meaning open and is refused.
"""

from collections.abc import Callable
from typing import TypeAlias

from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator.schemas.keywords import BY_NAME, BY_NUMBER, SINGLE, VALUES
from get3w_emulator.schemas.patterns import is_pattern
from get3w_emulator.schemas.references import DeadReferenceError, resolve

_TYPES = frozenset({"array", "boolean", "integer", "null", "number", "object", "string"})

Trouble: TypeAlias = tuple[str, str]
"""The JSON pointer of what cannot be used, and why."""


def mended(schema: JSONObject) -> tuple[JSONObject, list[Trouble]]:
    """Return a schema without its ill-formed keywords, and the troubles that no omission mends.

    Args:
        schema: The schema, its references written as JSON pointers; it is not changed.
    """
    mending = _Mending()
    result = mending.schema(schema, "")
    assert isinstance(result, dict)
    # A reference may lead to a place that is none of JSON Schema's own, such as OpenAPI's.
    done: set[str] = set()
    while mending.references - done:
        reference = min(mending.references - done)
        done.add(reference)
        _mend_stray(result, reference, mending)
    return result, mending.troubles


class _Mending:
    def __init__(self) -> None:
        self.troubles: list[Trouble] = []
        self.references: set[str] = set()
        self.known: set[int] = set()

    def schema(self, schema: JSON, place: str) -> JSON:
        if not isinstance(schema, dict):
            # What is no schema allows anything.
            return schema if isinstance(schema, bool) else True
        result: JSONObject = {}
        self.known.add(id(result))
        for key, value in schema.items():
            if value is None and key not in VALUES and not key.startswith("x-"):
                continue
            way = f"{place}/{key}"
            if key == "type" and not _is_type(value):
                self.troubles.append((way, f"{value!r} is no type of JSON Schema"))
            elif key == "$ref" and not isinstance(value, str):
                self.troubles.append((way, f"{value!r} is no reference"))
            elif key not in _FITS or _FITS[key](value):
                result[key] = self._keyword(key, value, way)
        if isinstance(result.get("$ref"), str):
            self.references.add(str(result["$ref"]))
        return result

    def _keyword(self, key: str, value: JSON, place: str) -> JSON:
        if key in BY_NAME and isinstance(value, dict):
            usable = value
            if key == "patternProperties":
                usable = {name: part for name, part in value.items() if _is_pattern(name)}
            return {name: self.schema(part, f"{place}/{name}") for name, part in usable.items()}
        if key in BY_NUMBER and isinstance(value, list):
            return [self.schema(part, f"{place}/{number}") for number, part in enumerate(value)]
        if key in SINGLE:
            return self.schema(value, place)
        if key == "required" and isinstance(value, list):
            return list(dict.fromkeys(str(name) for name in value))
        return value


def _mend_stray(root: JSONObject, reference: str, mending: _Mending) -> None:
    """Mend what a reference leads to, in place, where it has not been looked at."""
    try:
        target = resolve(root, reference)
    except DeadReferenceError:
        return
    if isinstance(target, dict) and id(target) not in mending.known:
        usable = mending.schema(dict(target), reference.removeprefix("#"))
        assert isinstance(usable, dict)
        target.clear()
        target.update(usable)
        mending.known.add(id(target))


def _is_type(value: JSON) -> bool:
    if isinstance(value, list):
        texts = [each for each in value if isinstance(each, str) and each in _TYPES]
        return bool(value) and len(texts) == len(value) == len({*texts})
    return isinstance(value, str) and value in _TYPES


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: JSON) -> bool:
    return isinstance(value, int | float) and _is_number(value) and value >= 0 and value % 1 == 0


def _is_step(value: JSON) -> bool:
    return isinstance(value, int | float) and _is_number(value) and value > 0


def _is_schema(value: JSON) -> bool:
    return isinstance(value, dict | bool)


def _is_list_of_schemas(value: JSON) -> bool:
    return isinstance(value, list) and bool(value)


def _are_texts(value: JSON) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _are_needs(value: JSON) -> bool:
    return isinstance(value, dict) and all(
        isinstance(needed, list) and _are_texts(needed) and len(needed) == len({*map(str, needed)})
        for needed in value.values()
    )


def _is_pattern(value: JSON) -> bool:
    return isinstance(value, str) and is_pattern(value)


_FITS: dict[str, Callable[[JSON], bool]] = {
    **dict.fromkeys(BY_NAME, lambda value: isinstance(value, dict)),
    **dict.fromkeys(BY_NUMBER, _is_list_of_schemas),
    **dict.fromkeys(SINGLE, _is_schema),
    **dict.fromkeys(
        ("$anchor", "$dynamicAnchor", "$dynamicRef", "$id", "$schema"),
        lambda value: isinstance(value, str),
    ),
    **dict.fromkeys(("enum",), lambda value: isinstance(value, list)),
    **dict.fromkeys(
        ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"),
        _is_number,
    ),
    **dict.fromkeys(
        (
            *("minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"),
            *("minContains", "maxContains"),
        ),
        _is_count,
    ),
    "dependentRequired": _are_needs,
    "multipleOf": _is_step,
    "pattern": _is_pattern,
    "required": _are_texts,
    "uniqueItems": lambda value: isinstance(value, bool),
}
