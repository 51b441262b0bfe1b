"""Know which keywords hold further schemas; every walk over a document uses these tables."""

from collections.abc import Iterator
from typing import Any, TypeGuard, cast

from get3w_codegen.budget import step

JsonObject = dict[str, Any]
Path = tuple[str | int, ...]

# Keywords whose value is a schema for each name.
MAPS = frozenset({"properties", "patternProperties", "dependentSchemas", "$defs", "definitions"})
# Those of them that say nothing by themselves.
DEFINITIONS = frozenset({"$defs", "definitions"})
# Keywords whose value is a list of schemas.
LISTS = frozenset({"allOf", "anyOf", "oneOf", "prefixItems"})
# Keywords whose value is one schema.
SINGLES = frozenset(
    "additionalProperties contains contentSchema else if items not propertyNames then"
    " unevaluatedItems unevaluatedProperties".split()
)
# Keywords whose value is a value of the instance, where null is as good as any.
VALUES = frozenset({"const", "default", "enum", "example", "examples"})
# What speaks of the same value as the schema around it; an `if` and a `not` only test it.
IN_PLACE = frozenset({"allOf", "anyOf", "dependentSchemas", "else", "oneOf", "then"})
# The types of JSON values, by their names.
TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
# Keywords that limit values of one type, and have no effect on those of another.
APPLIES: dict[str, frozenset[str]] = {
    "string": frozenset("maxLength minLength pattern".split()),
    "number": frozenset("exclusiveMaximum exclusiveMinimum maximum minimum multipleOf".split()),
    "array": frozenset(
        "contains items maxContains maxItems minContains minItems prefixItems unevaluatedItems"
        " uniqueItems".split()
    ),
    "object": frozenset(
        "additionalProperties dependentRequired dependentSchemas maxProperties minProperties"
        " patternProperties properties propertyNames required unevaluatedProperties".split()
    ),
}
# The keywords for the least and the most size of a value.
SIZES = {
    "string": ("minLength", "maxLength"),
    "array": ("minItems", "maxItems"),
    "object": ("minProperties", "maxProperties"),
}


def is_object(value: object) -> TypeGuard[JsonObject]:
    """Return whether a JSON value is an object."""
    return isinstance(value, dict)


def same(one: object, other: object) -> bool:
    """Return whether two JSON values are equal; for Python true equals 1."""
    if isinstance(one, bool) or isinstance(other, bool):
        return one is other
    if is_object(one) and is_object(other):
        return one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list) and isinstance(other, list):
        items, others = cast("list[object]", one), cast("list[object]", other)
        return len(items) == len(others) and all(map(same, items, others))
    return one == other


def listed_values(schema: JsonObject) -> list[object] | None:
    """Return the values that a schema lists, or None where it lists none."""
    if "const" in schema:
        return [schema["const"]]
    return cast("list[object]", schema["enum"]) if "enum" in schema else None


def parts(schema: JsonObject) -> Iterator[tuple[Path, Any]]:
    """Yield path and value of each direct subschema of *schema*."""
    for key, value in schema.items():
        if key in MAPS and is_object(value):
            for name, part in value.items():
                yield (key, name), part
        elif key in LISTS and isinstance(value, list):
            for number, part in enumerate(cast("list[object]", value)):
                yield (key, number), part
        elif key in SINGLES:
            yield (key,), value


def places(schema: Any, path: Path = ()) -> Iterator[tuple[Path, JsonObject]]:
    """Yield path and value of every schema object in a document, the root first."""
    if is_object(schema):
        step(path)
        yield path, schema
        for way, part in parts(schema):
            yield from places(part, (*path, *way))


def pointer(path: Path) -> str:
    """Return a path as a JSON pointer."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


def steps(reference: str) -> Path:
    """Return the path of a JSON pointer, such as `#/$defs/size`."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in reference.split("/")[1:])


def kinds(schema: JsonObject) -> tuple[list[str], bool]:
    """Return the types of a schema without null, and whether null is one of them."""
    stated = schema.get("type", [])
    named = cast("list[str]", stated if isinstance(stated, list) else [stated])
    # Every integer is a number.
    found = [kind for kind in named if kind != "integer" or "number" not in named]
    nullable = "null" in found
    rest = [kind for kind in found if kind != "null"]
    return rest or found[:1], nullable
