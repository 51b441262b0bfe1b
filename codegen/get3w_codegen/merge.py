"""JSON Schema reduced to one object a place: references resolved, `allOf` merged, rest told."""

from collections.abc import Iterable
from typing import Any, cast

from get3w_codegen.keywords import JsonObject
from get3w_codegen.references import META_SCHEMA, DanglingReferenceError, look_up

# Keywords that say something about a value in place, by which branches are told from notes.
ASSERTIONS = frozenset(
    "$ref additionalProperties allOf anyOf const contains dependentRequired dependentSchemas else"
    " enum exclusiveMaximum exclusiveMinimum if items maxContains maxItems maxLength maxProperties"
    " maximum minContains minItems minLength minProperties minimum multipleOf not oneOf pattern"
    " patternProperties prefixItems properties propertyNames required then type"
    " unevaluatedItems unevaluatedProperties uniqueItems".split()
)

# What two objects may both say and still be written as one.
_MERGEABLE = frozenset(
    "$ref const enum exclusiveMaximum exclusiveMinimum items maxItems maxLength maximum minItems"
    " minLength minProperties maxProperties minimum properties required type allOf".split()
)

# What speaks of the same value as the schema around it.
_IN_PLACE = ("allOf", "anyOf", "oneOf", "if", "then", "else", "dependentSchemas")

_UNEVALUATED = frozenset({"unevaluatedItems", "unevaluatedProperties"})

# A longer rule is told once and then referred to: repeated at each level, it would double.
_LONGEST_REPEATED = 500


def resolved(root: JsonObject, schema: JsonObject) -> JsonObject:
    """Return *schema* without `$ref` and with as much of `allOf` merged as can be.

    Branches that cannot be merged stay in `allOf`.

    Raises:
        DanglingReferenceError: A reference cannot be followed.
    """
    return _resolved(root, schema, ())


def _resolved(root: JsonObject, schema: JsonObject, path: tuple[str, ...]) -> JsonObject:
    if "$ref" not in schema and "allOf" not in schema:
        return schema
    result = {key: value for key, value in schema.items() if key not in ("$ref", "allOf")}
    branches: list[object] = []
    if "$ref" in schema:
        reference = str(schema["$ref"])
        if reference == META_SCHEMA:
            # Every JSON Schema library knows this one by heart.
            return {**result, "allOf": [{"$ref": reference}, *schema.get("allOf", [])]}
        if reference in path:
            raise DanglingReferenceError(f"$ref {reference!r} leads back to itself")
        path = (*path, reference)
        branches.append(look_up(root, reference))
    branches += cast("list[object]", schema.get("allOf", []))
    kept: list[object] = []
    for branch in branches:
        if branch is True:
            continue
        if not isinstance(branch, dict):
            kept.append(branch)
            continue
        inner = _resolved(root, cast("JsonObject", branch), path)
        alone = len(branches) == 1
        # What a branch has not looked at is for the branch to say, where there are others.
        merged = None if not alone and _UNEVALUATED & inner.keys() else _merged(result, inner)
        if merged is None:
            kept.append(inner)
        else:
            result = merged
    if kept:
        # A merged branch may have brought an `allOf` of its own.
        result["allOf"] = [*cast("list[object]", result.get("allOf", [])), *kept]
    return result


def _merged(one: JsonObject, other: JsonObject) -> JsonObject | None:
    """Return both as one object, or None where one object cannot say it."""
    if not _says(one):
        return {**other, **one}
    if not _says(other) <= _MERGEABLE or ("additionalProperties" in one and "properties" in other):
        return None
    result = dict(one)
    for key, value in other.items():
        if key not in result:
            result[key] = value
        elif key not in ASSERTIONS or result[key] == value:
            continue
        elif key == "required":
            result[key] = list(dict.fromkeys([*result[key], *value]))
        elif key == "properties":
            result[key] = _joint(result[key], value)
        elif key.startswith(("min", "exclusiveMin")):
            result[key] = max(result[key], value)
        elif key.startswith(("max", "exclusiveMax")):
            result[key] = min(result[key], value)
        else:
            return None
    return result


def _joint(one: JsonObject, other: JsonObject) -> JsonObject:
    return {
        name: {"allOf": [one[name], other[name]]}
        if name in one and name in other
        else one.get(name, other.get(name))
        for name in [*one, *(name for name in other if name not in one)]
    }


def _says(schema: JsonObject) -> set[str]:
    return {key for key in schema if key in ASSERTIONS}


def only_reference(schema: JsonObject) -> str | None:
    """Return the reference that *schema* is, where it says nothing else of the value."""
    says = _says(schema)
    if says == {"$ref"}:
        return str(schema["$ref"])
    if says == {"allOf"} and len(schema["allOf"]) == 1 and isinstance(schema["allOf"][0], dict):
        return only_reference(cast("JsonObject", schema["allOf"][0]))
    return None


class Assertions:
    """What a validator judges by, and nothing else, of any part of one document.

    Args:
        root: The document.
        closed: Whether an object inside that lists its properties takes no others where it says
            nothing of them.

    Attributes:
        definitions: The parts that refer to themselves; everything else is inlined.
    """

    def __init__(self, root: JsonObject, *, closed: bool = False) -> None:
        self._root = root
        self._closed = closed
        self._numbers: dict[tuple[str, bool], str] = {}
        self._shared: dict[str, str] = {}
        self.definitions: dict[str, object] = {}

    def of(self, schema: object) -> Any:
        """Return the assertions of *schema*, which is a part of what is said of a value.

        Raises:
            DanglingReferenceError: A reference names nothing.
        """
        return self._of(schema, (), self._closed)

    def of_value(self, schema: object) -> Any:
        """Return the assertions of *schema*, which is all that is said of a value.

        Raises:
            DanglingReferenceError: A reference names nothing.
        """
        return self._of_value(schema, (), self._closed)

    def _of_value(self, schema: object, path: tuple[str, ...], closed: bool) -> Any:
        kept = self._of(schema, path, closed)
        if closed and isinstance(schema, dict):
            node = cast("JsonObject", schema)
            if set(named_in_place(self._root, node)) and not says_more(self._root, node):
                kept["unevaluatedProperties"] = False
        return kept

    def _of(self, schema: object, path: tuple[str, ...], closed: bool) -> Any:
        if not isinstance(schema, dict):
            return schema
        node = cast("JsonObject", schema)
        if "$ref" in node:
            target = self._target(str(node["$ref"]), path, closed)
            rest = {key: value for key, value in node.items() if key != "$ref"}
            others = self._of(rest, path, closed)
            if others:
                return {"allOf": [target, others]}
            return dict(cast("JsonObject", target)) if isinstance(target, dict) else target
        kept: JsonObject = {}
        for key, value in node.items():
            if key in ("properties", "patternProperties"):
                kept[key] = {
                    name: self._of_value(part, path, closed) for name, part in value.items()
                }
            elif key == "prefixItems":
                kept[key] = [self._of_value(part, path, closed) for part in value]
            elif key in ("items", "additionalProperties", *_UNEVALUATED):
                kept[key] = self._of_value(value, path, closed)
            elif key == "dependentSchemas":
                kept[key] = {name: self._of(part, path, closed) for name, part in value.items()}
            elif key in ("allOf", "anyOf", "oneOf"):
                kept[key] = [self._of(part, path, closed) for part in value]
            elif key in ("const", "dependentRequired", "enum", "required", "type"):
                kept[key] = value
            elif key in ASSERTIONS:
                # What only tests a value is read as it stands.
                kept[key] = self._of(value, path, closed and key in ("then", "else"))
        return kept

    def complete(self, said: Any) -> Any:
        """Return what `of` or `of_value` gave as a schema by itself, to judge by."""
        if not self.definitions or not isinstance(said, dict):
            return said
        return {"$defs": self.definitions, **cast("JsonObject", said)}

    def shared(self, reference: str, rule: JsonObject | None) -> JsonObject | None:
        """Return *rule*, which is that of a definition used before, so that it is told once."""
        if rule is None or len(repr(rule)) <= _LONGEST_REPEATED:
            return rule
        name = self._shared.setdefault(reference, f"R{len(self._shared)}")
        self.definitions[name] = rule
        return {"$ref": f"#/$defs/{name}"}

    def _target(self, reference: str, path: tuple[str, ...], closed: bool) -> Any:
        if reference == META_SCHEMA:
            return {"$ref": reference}
        number = reference, closed
        if reference in path:
            self._numbers.setdefault(number, f"D{len(self._numbers)}")
            return {"$ref": f"#/$defs/{self._numbers[number]}"}
        known = self._of(look_up(self._root, reference), (*path, reference), closed)
        if number not in self._numbers:
            return known
        self.definitions[self._numbers[number]] = known
        return {"$ref": f"#/$defs/{self._numbers[number]}"}


def named_in_place(root: JsonObject, schema: JsonObject) -> Iterable[str]:
    """Yield the property names that *schema* and its branches list for one and the same object."""
    for part in parts_in_place(root, schema):
        yield from cast("JsonObject", part.get("properties", {}))


def parts_in_place(root: JsonObject, schema: JsonObject) -> Iterable[JsonObject]:
    """Yield *schema* and all its branches, references followed, which speak of the same value."""
    seen: dict[int, JsonObject] = {}
    todo: list[object] = [schema]
    while todo:
        part = todo.pop(0)
        if not isinstance(part, dict) or id(cast("JsonObject", part)) in seen:
            continue
        node = cast("JsonObject", part)
        seen[id(node)] = node
        flat = resolved(root, node)
        yield flat
        for key in _IN_PLACE:
            value = flat.get(key, [])
            if isinstance(value, list):
                todo += cast("list[object]", value)
            elif key == "dependentSchemas" and isinstance(value, dict):
                todo += cast("JsonObject", value).values()
            else:
                todo.append(value)


def says_more(root: JsonObject, schema: JsonObject) -> bool:
    """Tell whether *schema* or one of its branches allows names beside the listed.

    A `false` allows none: it says of one branch what silence says of them all.
    """
    return any(
        part.get(key, False) is not False
        for part in parts_in_place(root, schema)
        for key in ("additionalProperties", "unevaluatedProperties")
    )
