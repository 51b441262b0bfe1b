"""Merge what applies to one place into a single schema: resolve `$ref`, combine `allOf`."""

import itertools
from collections.abc import Iterable
from typing import cast

from get3w_codegen.budget import step
from get3w_codegen.jsonschema.keywords import JsonObject, is_object, same
from get3w_codegen.jsonschema.references import META_SCHEMA, DanglingReferenceError, look_up

# Keywords that say something about a value; all others are annotations.
ASSERTIONS = frozenset(
    "$ref additionalProperties allOf anyOf const contains dependentRequired dependentSchemas else"
    " enum exclusiveMaximum exclusiveMinimum if items maxContains maxItems maxLength maxProperties"
    " maximum minContains minItems minLength minProperties minimum multipleOf not oneOf pattern"
    " patternProperties prefixItems properties propertyNames required then type"
    " unevaluatedItems unevaluatedProperties uniqueItems".split()
)

# Keywords that read each other: what one object says with them cannot be split or mixed.
_TOGETHER = (
    frozenset({"if", "then", "else"}),
    frozenset({"contains", "minContains", "maxContains"}),
    frozenset({"items", "prefixItems"}),
)
# Keywords that go by what the other keywords of the same object say of names and items.
_UNEVALUATED = frozenset({"unevaluatedItems", "unevaluatedProperties"})
_NAMES = frozenset({"properties", "patternProperties", "additionalProperties"})
# What says which further names an object may have.
_FURTHER = ("additionalProperties", "patternProperties", "unevaluatedProperties")

# What speaks of the same value as the schema around it.
_IN_PLACE = ("allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas")


def resolved(root: JsonObject, schema: JsonObject, path: tuple[str, ...] = ()) -> JsonObject:
    """Return *schema* without `$ref` and with as much of `allOf` merged as can be.

    Branches that cannot be merged stay in `allOf`. *path* holds the references followed so far.

    Raises:
        DanglingReferenceError: A reference cannot be followed.
    """
    branches = in_any_case(schema)
    if not branches:
        return schema
    step()
    result = {key: value for key, value in schema.items() if key not in branches}
    kept: list[object] = []
    for key, branch in ((key, part) for key, found in branches.items() for part in found):
        if branch is True:
            continue
        if not is_object(branch):
            kept.append(branch)
            continue
        way, inner = path, branch
        if key == "$ref":
            reference = str(inner["$ref"])
            if reference == META_SCHEMA:
                kept.append(inner)  # every JSON Schema library knows this one by heart
                continue
            if reference in path:
                raise DanglingReferenceError(f"$ref {reference!r} refers back to itself")
            way = (*path, reference)
            target = look_up(root, reference)
            if not is_object(target):
                kept += [] if target is True else [target]
                continue
            inner = target
        inner = resolved(root, inner, way)
        alone = sum(map(len, branches.values())) == 1
        if _UNEVALUATED & inner.keys() and not alone:
            kept.append(inner)  # merged, it would count what the other branches describe
            continue
        merged = _merged(result, inner)
        if merged is None:
            kept.append(inner)
        else:
            result = merged
    if kept:
        # A merged branch may have brought an `allOf` of its own.
        result["allOf"] = [*cast("list[object]", result.get("allOf", [])), *kept]
    return result


def in_any_case(schema: JsonObject) -> dict[str, list[object]]:
    """Return the branches of *schema* that hold in any case, by the keyword they stand under."""
    found: dict[str, list[object]] = {}
    if "$ref" in schema:
        found["$ref"] = [{"$ref": schema["$ref"]}]
    for key in ("allOf", "anyOf", "oneOf"):
        value = cast("list[object]", schema.get(key, []))
        # Of one alternative there is nothing to choose.
        if value and (key == "allOf" or len(value) == 1):
            found[key] = value
    # What every JSON Schema library knows by heart is settled where it stands.
    return {} if found == {"allOf": [{"$ref": META_SCHEMA}]} else found


def _merged(one: JsonObject, other: JsonObject) -> JsonObject | None:
    """Return both merged into one object, or None if that is not possible."""
    if not says(one):
        return {**other, **{key: one[key] for key in one if not _is_no_default(key, one, other)}}
    if _read_each_other(one, other) or _read_each_other(other, one):
        return None
    result = dict(one)
    for key, value in other.items():
        if key not in result or _is_no_default(key, result, other):
            result[key] = value
        elif key not in ASSERTIONS or same(result[key], value):
            continue
        elif key == "required":
            result[key] = list(dict.fromkeys([*result[key], *value]))
        elif key == "properties":
            mine = result[key]
            shared = {name: both(mine[name], value[name]) for name in mine if name in value}
            result[key] = {**mine, **value, **shared}
        elif key == "items":
            result[key] = False if False in (result[key], value) else both(result[key], value)
        elif key == "type":
            kinds = _common_kinds(result[key], value)
            if not kinds:
                return None
            result[key] = kinds[0] if len(kinds) == 1 else kinds
        elif key == "allOf":
            result[key] = [*result[key], *value]
        elif key.startswith(("min", "exclusiveMin")):
            result[key] = max(result[key], value)
        elif key.startswith(("max", "exclusiveMax")):
            result[key] = min(result[key], value)
        else:
            return None
    return result


def _is_no_default(key: str, one: JsonObject, other: JsonObject) -> bool:
    """Return whether a null of *one* stands before a default of *other*, where it means none."""
    return key == "default" and one[key] is None and other.get(key) is not None


def is_impossible(flat: JsonObject) -> bool:
    """Return whether what `resolved` returned names no type that all its parts name."""
    parts = [flat, *cast("list[object]", flat.get("allOf", []))]
    stated = [part["type"] for part in parts if is_object(part) and "type" in part]
    return any(part is False for part in parts) or any(
        not _common_kinds(one, other) for one, other in itertools.combinations(stated, 2)
    )


def _read_each_other(one: JsonObject, other: JsonObject) -> bool:
    """Return whether a keyword of *one* would change meaning beside those of *other*."""
    for group in _TOGETHER:
        stated = group & one.keys() | group & other.keys()
        if (
            group & one.keys()
            and group & other.keys()
            and not stated <= {"items"}
            and not all(same(one.get(key), other.get(key)) for key in group)
        ):
            return True
    if "additionalProperties" in one and _NAMES & other.keys():
        alike = same(one["additionalProperties"], other.get("additionalProperties"))
        if "patternProperties" in other or (
            # It speaks of all names that are not listed beside it.
            not other.get("properties", {}).keys() <= one.get("properties", {}).keys()
            and not (alike and one["additionalProperties"] is True)
        ):
            return True
    return bool(_UNEVALUATED & one.keys()) and bool(says(other) - {"type", "required"})


def _common_kinds(one: object, other: object) -> list[str]:
    """Return the types that both name; every integer is a number."""
    first, second = (
        cast("list[str]", stated if isinstance(stated, list) else [stated])
        for stated in (one, other)
    )
    kinds = [kind for kind in first if kind in second or (kind == "integer" and "number" in second)]
    if "number" in first and "integer" in second and "integer" not in kinds:
        kinds.append("integer")
    return kinds


def both(*parts: object) -> object:
    """Return a schema that requires all of *parts*, without repeating any."""
    said: list[object] = []
    for part in parts:
        nested = isinstance(part, dict) and cast("JsonObject", part).keys() == {"allOf"}
        branches = cast("list[object]", cast("JsonObject", part)["allOf"] if nested else [part])
        # Without this, a recursive schema that narrows itself would grow at every step.
        said += [branch for branch in branches if branch not in said and branch is not True]
    return said[0] if len(said) == 1 else {"allOf": said} if said else True


def says(schema: JsonObject) -> set[str]:
    """Return the assertions that *schema* makes."""
    return {key for key in schema if key in ASSERTIONS}


def named_in_place(root: JsonObject, schema: JsonObject) -> Iterable[str]:
    """Yield the property names that *schema* and its branches list for one and the same object."""
    for part in parts_in_place(root, schema):
        yield from cast("JsonObject", part.get("properties", {}))


def parts_in_place(root: JsonObject, schema: JsonObject) -> Iterable[JsonObject]:
    """Yield *schema* and all its branches, references followed, which speak of the same value."""
    seen: dict[int, JsonObject] = {}
    todo: list[object] = [schema]
    while todo:
        step()
        part = todo.pop(0)
        if not is_object(part) or id(part) in seen:
            continue
        seen[id(part)] = part
        if part == {"$ref": META_SCHEMA}:
            yield part
            continue
        flat = resolved(root, part)
        yield flat
        for key in _IN_PLACE:
            value = flat.get(key, [])
            if isinstance(value, list):
                todo += cast("list[object]", value)
            elif key == "dependentSchemas" and is_object(value):
                todo += value.values()
            else:
                todo.append(value)


def says_more(root: JsonObject, schema: JsonObject) -> bool:
    """Return whether *schema* or one of its branches allows names beside the listed.

    A `false` allows none: it says of one branch what silence says of them all.
    """
    return any(
        part.get(key, False) is not False
        for part in parts_in_place(root, schema)
        for key in ("additionalProperties", "unevaluatedProperties")
    )


def is_silent(root: JsonObject, schema: JsonObject) -> bool:
    """Return whether *schema* lists properties without mentioning additional ones."""
    return bool(set(named_in_place(root, schema))) and not says_more(root, schema)


def possible_names(root: JsonObject, schema: JsonObject, *, opened: bool) -> frozenset[str] | None:
    """Return the names that an object may have, or None where it may have any."""
    said = list(parts_in_place(root, schema))
    further = [part[key] for part in said for key in _FURTHER if key in part]
    listed = frozenset(name for part in said for name in part.get("properties", {}))
    if any(value is not False for value in further):
        return None
    return listed if further or (listed and not opened) else None
