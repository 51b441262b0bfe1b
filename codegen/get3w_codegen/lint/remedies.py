"""Say how to correct a keyword whose value JSON Schema does not allow."""

import difflib
import re

from get3w_codegen.jsonschema.keywords import SINGLES, TYPES

# The types by their names in other languages, and in forms.
_ELSEWHERE = {
    "array": "list",
    "boolean": "bool checkbox",
    "integer": "int int32 int64 long",
    "null": "nil none nonetype",
    "number": "decimal double float float32 float64 num",
    "object": "dict dictionary map record",
    "string": "char date datetime email path str text uri url uuid",
}
_FILES = {"audio": "audio", "file": "image", "image": "image", "video": "video"}
# What makes sense where it is not a text.
_BARE = re.compile(r"true|false|null|-?[0-9]+(?:\.[0-9]+)?")
PASSED_OVER = "until then it is ignored."


def of_type(stated: object) -> str:
    """Return how to correct an unknown type."""
    if isinstance(stated, list) and None in stated:
        return 'Write null as a text: "null".'
    known = f"Write one of {', '.join(TYPES)}"
    if not isinstance(stated, str):
        return f"{known}, or a list of them."
    word = stated.lower()
    if word == "enum":
        return "Take the type away, or write that of the values."
    if word in _FILES:
        return f'Write "string", and "x-get3w-media": "{_FILES[word]}" beside it.'
    names = {name: kind for kind in TYPES for name in (kind, *_ELSEWHERE[kind].split())}
    near = difflib.get_close_matches(word, TYPES, n=1, cutoff=0.75)
    meant = names.get(word) or next(iter(near), None)
    return f'Write "{meant}".' if meant else f"{known}."


def of_keyword(key: str | int, value: object) -> str:
    """Return what to do about a keyword whose value is of the wrong kind."""
    if key == "required" and isinstance(value, bool):
        return (
            "Name it in the 'required' of the object that it is a property of; until then it may"
            " be left out."
        )
    if isinstance(value, str) and _BARE.fullmatch(value):
        return f"Write {value} without quotes; {PASSED_OVER}"
    if key in SINGLES:
        return of_schema(value)
    if key == "required":
        return f"Write a list of names; {PASSED_OVER}"
    if key == "enum":
        return f"Write a list of values; {PASSED_OVER}"
    if key == "properties":
        return f"Write an object that has a schema for each name; {PASSED_OVER}"
    if key in ("allOf", "anyOf", "oneOf"):
        return f"Write a list of schemas, one at least; {PASSED_OVER}"
    return f"Correct the keyword there; {PASSED_OVER}"


def of_schema(value: object) -> str:
    """Return what to write where a schema should be."""
    kind = value if value in TYPES else "string"
    return f'Write an object, such as {{"type": "{kind}"}}; until then any value fits.'
