"""A quick look at a schema that tells most good ones.

Judging a schema by the metaschema takes milliseconds, and there may be thousands of them at a
start. What is plainly well formed need not be judged; anything else is left to the library.
"""

import re

from get3w_emulator.jsontypes import JSON

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_TYPES = {"array", "boolean", "integer", "null", "number", "object", "string"}
_ANYTHING = {"default", "const"}
_TEXTS = {"title", "description", "format", "$comment"}
_FLAGS = {"uniqueItems", "deprecated", "readOnly", "writeOnly"}
_NUMBERS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
_COUNTS = {"minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties"}
_SCHEMAS = {"items", "not", "if", "then", "else", "additionalProperties", "unevaluatedProperties"}
_LISTS = {"allOf", "anyOf", "oneOf"}


def is_plainly_good(schema: JSON) -> bool:
    """Tell whether a schema is surely one; False means that nobody knows yet."""
    if not isinstance(schema, dict):
        return isinstance(schema, bool)
    return all(_is_good(name, value) for name, value in schema.items())


def has_references(text: str) -> bool:
    """Tell whether the text of a schema may refer to something."""
    return "$ref" in text or "$dynamicRef" in text or "\\u0024" in text


def _is_good(name: str, value: JSON) -> bool:
    if name.startswith("x-") or name in _ANYTHING:
        return True
    if name in _TEXTS:
        return isinstance(value, str)
    if name in _SCHEMAS:
        return is_plainly_good(value)
    if name in _FLAGS:
        return isinstance(value, bool)
    if name in _NUMBERS:
        return _is_number(value)
    if name in _COUNTS:
        return isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if name in _LISTS:
        return isinstance(value, list) and bool(value) and all(map(is_plainly_good, value))
    match name, value:
        case "properties", dict():
            return all(map(is_plainly_good, value.values()))
        case "type", str():
            return value in _TYPES
        case "required", list():
            names = [each for each in value if isinstance(each, str)]
            return len(names) == len(value) == len({*names})
        case (("enum" | "examples"), list()):
            return True
        case "multipleOf", int() | float():
            return _is_number(value) and value > 0
        case "pattern", str():
            return _is_pattern(value)
        case "$schema", str():
            return value == _DIALECT
        case _:
            return False


def _is_number(value: JSON) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, RecursionError, OverflowError):
        return False
    return True
