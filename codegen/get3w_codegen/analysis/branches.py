"""Collect the properties that the branches of an object schema list, one schema per name.

A function has one parameter per name, whichever branch lists it. Its type is the union of the types
in all branches, and it is required if every branch requires it. Which values may be combined is
checked by a rule.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, cast

from get3w_codegen.analysis.unlisted_names import adds_names
from get3w_codegen.jsonschema.keywords import JsonObject, is_object, same
from get3w_codegen.jsonschema.merge import ASSERTIONS, both, resolved

# A tag that is a constant in each branch is a choice among the constants.
_CHOICES = frozenset({"type", "enum", "const"})
_SHOWN = ("default", "deprecated", "examples", "x-get3w-media")


@dataclass(slots=True)
class Listing:
    """What an object's keywords and branches list.

    Attributes:
        always: What is said of a property wherever it is given, by wire name.
        partly: What is said of it where one of several branches holds.
        required: The names that have to be given.
    """

    always: dict[str, list[object]] = field(default_factory=dict[str, list[object]])
    partly: dict[str, list[object]] = field(default_factory=dict[str, list[object]])
    required: dict[str, None] = field(default_factory=dict[str, None])

    def add(self, other: "Listing") -> None:
        """Add what another part says of the same object."""
        for mine, others in ((self.always, other.always), (self.partly, other.partly)):
            for wire, said in others.items():
                mine.setdefault(wire, []).extend(said)
        self.required |= other.required

    def properties(self, root: JsonObject, *, closed: bool) -> dict[str, Any]:
        """Return the schema of each property.

        Args:
            root: The document.
            closed: Whether a name is refused where no branch that holds lists it; else any value
                may stand there.
        """
        found: dict[str, Any] = {wire: both(*said) for wire, said in self.always.items()}
        for wire, said in found.items() if closed else ():
            parts = [part for part in self.partly.get(wire, []) if adds_names(root, said, part)]
            # What a branch lists for the object inside is known there, where the branch holds.
            found[wire] = both(said, *({"anyOf": [part, True]} for part in parts))
        for wire, said in self.partly.items():
            if wire not in found:
                found[wire] = either(said) if closed else _annotations(said)
        return found


def listed(root: JsonObject, schema: object, path: tuple[int, ...] = ()) -> Listing:
    """Return what *schema* and its branches list for one object; *path* holds those around it."""
    found = Listing()
    if not is_object(schema) or id(schema) in path:
        return found
    path = (*path, id(schema))
    flat = resolved(root, schema)
    for wire, said in cast("JsonObject", flat.get("properties", {})).items():
        found.always[wire] = [said]
    found.required = dict.fromkeys(cast("list[str]", flat.get("required", [])))
    for branch in cast("list[object]", flat.get("allOf", [])):
        found.add(listed(root, branch, path))
    for key in ("anyOf", "oneOf"):
        branches = cast("list[object]", flat.get(key, []))
        found.add(_any_of(listed(root, each, path) for each in branches if _may_hold(root, each)))
    if "if" in flat:
        held = listed(root, flat["if"], path)
        held.add(listed(root, flat.get("then", True), path))
        found.add(_any_of([held, listed(root, flat.get("else", True), path)]))
    for branch in cast("JsonObject", flat.get("dependentSchemas", {})).values():
        found.add(_any_of([listed(root, branch, path), Listing()]))
    return found


def _may_hold(root: JsonObject, branch: object) -> bool:
    """Return whether an object may fit *branch*."""
    if not is_object(branch):
        return branch is not False
    named = resolved(root, branch).get("type", "object")
    return "object" in (named if isinstance(named, list) else [named])


def _any_of(branches: Iterable[Listing]) -> Listing:
    """Return what is listed where at least one of *branches* holds."""
    every = list(branches)
    found = Listing()
    for wire in dict.fromkeys(name for each in every for name in (*each.always, *each.partly)):
        said: list[object] = []
        for each in every:
            said += [both(*each.always[wire])] if wire in each.always else each.partly.get(wire, [])
        if all(wire in each.always for each in every):
            found.always[wire] = [either(said)]
        else:
            found.partly[wire] = said
    if every:
        first, *others = every
        found.required = {
            wire: None for wire in first.required if all(wire in each.required for each in others)
        }
    return found


def either(said: list[object]) -> object:
    """Return a schema of all values that one of several schemas allows."""
    distinct: list[JsonObject] = []
    for schema in said:
        if not is_object(schema):
            if schema is True:
                return _annotations(said)
            continue
        if not any(same(assertions(schema), assertions(each)) for each in distinct):
            distinct.append(schema)
    if len(distinct) <= 1:
        plain = {key: value for node in distinct for key, value in node.items()}
        kept = {key: value for key, value in plain.items() if key not in _SHOWN}
        return {**kept, **_annotations(said)} if distinct else False
    if all(_is_choice(each) for each in distinct):
        values: list[object] = []
        for value in (value for each in distinct for value in choices(each)):
            if not any(same(value, known) and type(value) is type(known) for known in values):
                values.append(value)
        return {**_annotations(said), "enum": values}
    return {**_annotations(said), "anyOf": distinct}


def choices(node: JsonObject) -> list[object]:
    """Return the values that *node* lists."""
    return cast("list[object]", node["enum"]) if "enum" in node else [node["const"]]


def _is_choice(node: JsonObject) -> bool:
    stated = {key for key in node if key in ASSERTIONS}
    if not stated & {"enum", "const"} or not stated <= _CHOICES:
        return False
    kind = node.get("type")
    if kind == "integer":
        return all(type(value) is int for value in choices(node))
    return kind is None or (
        kind == "string" and all(isinstance(value, str) for value in choices(node))
    )


def assertions(node: JsonObject) -> JsonObject:
    """Return what *node* says of a value: its assertions, and the media that it is a file of."""
    return {
        key: value for key, value in node.items() if key in ASSERTIONS or key == "x-get3w-media"
    }


def without_known(rule: Any, known: JsonObject) -> Any:
    """Return what a branch demands of an object without what is sure of its properties.

    Args:
        rule: The assertions of the branch.
        known: The assertions that each property meets in any case, by wire name.
    """
    if not is_object(rule):
        return rule
    kept: JsonObject = {}
    for key, value in rule.items():
        if key == "properties":
            kept[key] = {
                wire: True if wire in known and same(known[wire], said) else said
                for wire, said in value.items()
            }
        elif key in ("allOf", "anyOf", "oneOf"):
            kept[key] = [without_known(part, known) for part in value]
        elif key == "dependentSchemas":
            kept[key] = {wire: without_known(part, known) for wire, part in value.items()}
        elif key in ("if", "then", "else", "not"):
            kept[key] = without_known(value, known)
        elif (key, value) != ("type", "object"):
            kept[key] = value
    return kept


def _annotations(said: list[object]) -> JsonObject:
    """Return what *said* agree on, and the first of the words that differ."""
    nodes = [each for each in said if is_object(each)]
    found: JsonObject = {}
    for key in ("description", "title"):
        text = next((each[key] for each in nodes if each.get(key)), None)
        if text is not None:
            found[key] = text
    for key in _SHOWN:
        if nodes and all(key in each and same(each[key], nodes[0].get(key)) for each in nodes):
            found[key] = nodes[0][key]
    return found
