"""Second stage, scalars: choose the Python annotation for strings, numbers and enums."""

import math
from collections.abc import Mapping

from get3w_codegen.jsonschema.keywords import APPLIES, JsonObject
from get3w_codegen.jsonschema.patterns import is_linear, portable
from get3w_codegen.text.literals import literal
from get3w_codegen.text.visible import SURROGATE

_BOUNDS = {
    "minimum": "ge",
    "exclusiveMinimum": "gt",
    "maximum": "le",
    "exclusiveMaximum": "lt",
}
_LONGEST = 2**63 - 1
_LENGTHS = {"minLength": "min_length", "maxLength": "max_length", "pattern": "pattern"}
_TOO_LARGE = 2**63
SIZES = {"minItems": "min_length", "maxItems": "max_length"}
SIZES_OF_MAPS = {"minProperties": "min_length", "maxProperties": "max_length"}

# The keywords that each type's Python form says by itself; all others are left to a rule.
SAID: dict[str, frozenset[str]] = {
    "string": frozenset({"type", *_LENGTHS}),
    "integer": frozenset({"type", "multipleOf", *_BOUNDS}),
    "number": frozenset({"type", *_BOUNDS}),
    "boolean": frozenset({"type"}),
    "null": frozenset({"type"}),
    "array": frozenset({"type", "items", *SIZES}),
    "object": frozenset({"type", "properties", "required", "additionalProperties"}),
}


def without_effect(kind: str) -> frozenset[str]:
    """Return the keywords that have no effect on a value of type *kind*."""
    own = "number" if kind == "integer" else kind
    return frozenset[str]().union(*(said for other, said in APPLIES.items() if other != own))


def scalar(schema: JsonObject, kind: str) -> tuple[str, set[str]]:
    """Return the type of a string, number or boolean, and the keywords it does not say after all.

    Args:
        schema: What is said of the value.
        kind: Which of the types it is, by its name in JSON Schema.
    """
    if kind == "boolean":
        return "bool", set()
    if kind == "number":
        return constrained("Number", schema, _BOUNDS), set()
    if kind == "integer":
        step = schema.get("multipleOf")
        source = constrained("Integer", _whole(schema), {**_BOUNDS, "multipleOf": "multiple_of"})
        return source, {"multipleOf"} if isinstance(step, float) else set()
    if "x-get3w-media" in schema:
        # A length or a pattern speaks of the URL, and a local file has none yet.
        return "Media", _LENGTHS.keys() & schema.keys()
    if "pattern" not in schema:
        return constrained("str", schema, _LENGTHS), set()
    text = portable(schema["pattern"])
    if text is not None and is_linear(text):
        return constrained("str", {**schema, "pattern": text}, _LENGTHS), set()
    lengths = {key: name for key, name in _LENGTHS.items() if key != "pattern"}
    return constrained("str", schema, lengths), {"pattern"}


def _whole(schema: JsonObject) -> JsonObject:
    """Return the bounds of an integer as integers: at least 0.5 is at least 1."""
    bounds = {key: schema[key] for key in [*_BOUNDS, "multipleOf"] if key in schema}
    for key, nearest in (
        ("minimum", math.ceil),
        ("exclusiveMaximum", math.ceil),
        ("maximum", math.floor),
        ("exclusiveMinimum", math.floor),
    ):
        if key in bounds:
            bounds[key] = nearest(bounds[key])
    if isinstance(bounds.get("multipleOf"), float):
        del bounds["multipleOf"]
    return bounds


def constrained(base: str, schema: JsonObject, keywords: Mapping[str, str]) -> str:
    """Return *base* with those of *keywords* that the schema has."""
    said = ", ".join(
        f"{argument}={literal(bound(keyword, schema[keyword]))}"
        for keyword, argument in keywords.items()
        if keyword in schema
    )
    return f"Annotated[{base}, Field({said})]" if said else base


def bound(keyword: str, value: object) -> object:
    """Return the value of a keyword that bounds something, as Python takes it."""
    # JSON Schema takes 2.0 for a length; Python does not. No value is as long as the longest that
    # pydantic takes, so that bound stands for all beyond it.
    whole = keyword in {*_LENGTHS, *SIZES, *SIZES_OF_MAPS}
    return min(int(value), _LONGEST) if whole and isinstance(value, int | float) else value


def choice(values: list[object]) -> tuple[str, bool] | None:
    """Return the `Literal` of *values*, and whether Python would take other values for them.

    Returns:
        None where a `Literal` cannot hold them: it knows strings, booleans, and integers of 64 bits
        (mypy gives up on larger ones).
    """
    if not values or not all(isinstance(value, str | int) for value in values):
        return None
    if any(isinstance(value, int) and abs(value) >= _TOO_LARGE for value in values):
        return None
    distinct = {(type(value), value): value for value in values}.values()
    source = f"Literal[{', '.join(literal(value) for value in distinct)}]"
    # True equals 1 in Python, and a Literal goes by that; nor can it hold half a surrogate pair.
    return source, any(value in (0, 1) or SURROGATE.search(str(value)) for value in distinct)
