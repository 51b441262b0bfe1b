"""Take a schema out of the document around it, together with what it refers to."""

import copy
from dataclasses import dataclass
from typing import Any, cast

from get3w_codegen.jsonschema.keywords import JsonObject, is_object, parts, steps
from get3w_codegen.jsonschema.references import DanglingReferenceError, leads, look_up


@dataclass(frozen=True, slots=True)
class Taken:
    """A schema that was a part of a document.

    Attributes:
        schema: The schema by itself, with what it refers to in `$defs`.
        origins: Where the schema, and each definition that came along, stands in the document.
    """

    schema: JsonObject
    origins: dict[str, str]

    def place(self, place: str) -> str:
        """Return where in the document a place of the schema is."""
        inside = [each for each in self.origins if f"{place}/".startswith(f"{each}/")]
        start = max(inside, key=len)
        return self.origins[start] + place[len(start) :]


def taken(document: object, place: str, around: str = "") -> Taken:
    """Return the schema at *place* by itself.

    Args:
        document: The document.
        place: Where the schema stands, as a JSON pointer.
        around: Where the part of the document begins that references count from.

    Raises:
        DanglingReferenceError: There is no schema there.
    """
    root = look_up(document, f"#{around}")
    schema, inner = look_up(document, f"#{place}"), place
    seen: set[str] = set()
    while _is_reference(schema):
        reference = str(cast("JsonObject", schema)["$ref"])
        if reference in seen:
            raise DanglingReferenceError(f"$ref {reference!r} refers back to itself")
        seen.add(reference)
        schema, inner = look_up(root, reference), f"{around}{reference[1:]}"
    if not isinstance(schema, dict):
        raise DanglingReferenceError(f"{place} holds no schema")
    taking = _Taking(cast("JsonObject", schema), root)
    result = taking.rewritten(cast("JsonObject", schema))
    if taking.definitions:
        result["$defs"] = {**_definitions(result), **taking.definitions}
    origins = {f"/$defs/{name}": f"{around}{way[1:]}" for way, name in taking.names.items()}
    return Taken(result, {"": inner, **origins})


class _Taking:
    """Makes the references of a schema lead to definitions in the schema itself."""

    def __init__(self, schema: JsonObject, root: object) -> None:
        self._schema = schema
        self._root = root
        self._known = _definitions(schema).keys()
        self.names: dict[str, str] = {}
        self.definitions: JsonObject = {}

    def rewritten(self, schema: JsonObject) -> JsonObject:
        """Return a copy of *schema* whose references lead to definitions."""
        made = copy.deepcopy(schema)
        todo: list[Any] = [made]
        while todo:
            node = todo.pop()
            if not is_object(node):
                continue
            todo += [part for _, part in parts(node)]
            reference = node.get("$ref")
            # A tool's schema is a document of its own; what leads nowhere is reported later.
            if (
                isinstance(reference, str)
                and reference.startswith("#/")
                and not leads(self._schema, reference)
                and leads(cast("JsonObject", self._root), reference)
            ):
                node["$ref"] = f"#/$defs/{self._name(reference)}"
        return made

    def _name(self, reference: str) -> str:
        if reference not in self.names:
            last = str(steps(reference)[-1]).replace("/", "_").replace("~", "_") or "part"
            name, number = last, 2
            while name in self._known or name in self.definitions:
                name, number = f"{last}_{number}", number + 1
            self.names[reference] = name
            self.definitions[name] = {}
            target = look_up(self._root, reference)
            self.definitions[name] = (
                self.rewritten(cast("JsonObject", target)) if isinstance(target, dict) else target
            )
        return self.names[reference]


def _definitions(schema: JsonObject) -> JsonObject:
    """Return the `$defs` of *schema*; what is no object holds none."""
    held: object = schema.get("$defs")
    return cast("JsonObject", held) if isinstance(held, dict) else {}


def _is_reference(schema: object) -> bool:
    """Return whether *schema* is a reference into its document and nothing else."""
    if not isinstance(schema, dict) or cast("JsonObject", schema).keys() != {"$ref"}:
        return False
    reference: object = cast("JsonObject", schema)["$ref"]
    return isinstance(reference, str) and reference.startswith("#/")
