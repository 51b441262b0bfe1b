"""What a validator judges a value by: the assertions of a schema, without its annotations."""

import re
from collections.abc import Iterator
from typing import Any, cast

from get3w_codegen.keywords import JsonObject, places
from get3w_codegen.merge import ASSERTIONS, named_in_place, says_more
from get3w_codegen.references import META_SCHEMA, look_up
from get3w_codegen.referring import only_reference

# A longer part is written once and then referred to: repeated at each level, it would double.
_LONGEST_REPEATED = 120

_IN_PLACE = frozenset({"$ref", "allOf", "anyOf", "oneOf", "if", "dependentSchemas"})
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


class Assertions:
    """The assertions of any part of one document.

    Args:
        root: The document.
        closed: Whether an object inside that lists its properties takes no others where it says
            nothing of them.

    Attributes:
        definitions: What the parts refer to.
    """

    def __init__(self, root: JsonObject, *, closed: bool = False) -> None:
        self._root = root
        self._closed = closed
        # By reference, whether it is read as closed, and whether it is all that is said.
        self._names: dict[tuple[str, bool, bool], str] = {}
        self._short: dict[tuple[str, bool, bool], Any] = {}
        self._rules: dict[str, str] = {}
        self._recursive: set[str] = set()
        self.definitions: dict[str, Any] = {}

    def of(self, schema: object) -> Any:
        """Return the assertions of *schema*, which is a part of what is said of a value.

        Raises:
            DanglingReferenceError: A reference names nothing.
        """
        return self._of(schema, self._closed)

    def of_value(self, schema: object) -> Any:
        """Return the assertions of *schema*, which is all that is said of a value.

        Raises:
            DanglingReferenceError: A reference names nothing.
        """
        return self._of_value(schema, self._closed)

    def _of_value(self, schema: object, closed: bool) -> Any:
        if not isinstance(schema, dict):
            return schema
        node = cast("JsonObject", schema)
        reference = only_reference(node)
        if reference is not None:
            return self._target(reference, closed, whole=True)
        kept = self._of(node, closed)
        # Where all further names are refused anyway, this would say it twice.
        said = kept.get("additionalProperties") is False and not _IN_PLACE & kept.keys()
        if closed and not said and self._is_silent(node):
            kept["unevaluatedProperties"] = False
        return kept

    def _is_silent(self, node: JsonObject) -> bool:
        return bool(set(named_in_place(self._root, node))) and not says_more(self._root, node)

    def _of(self, schema: object, closed: bool) -> Any:
        if not isinstance(schema, dict):
            return schema
        node = cast("JsonObject", schema)
        if "$ref" in node:
            target = self._target(str(node["$ref"]), closed, whole=False)
            rest = {key: value for key, value in node.items() if key != "$ref"}
            others = self._of(rest, closed)
            if others:
                return {"allOf": [target, others]}
            return target
        kept: JsonObject = {}
        for key, value in node.items():
            if key in ("properties", "patternProperties"):
                kept[key] = {name: self._of_value(part, closed) for name, part in value.items()}
            elif key == "prefixItems":
                kept[key] = [self._of_value(part, closed) for part in value]
            elif key in (
                *("items", "additionalProperties", "unevaluatedItems", "unevaluatedProperties"),
            ):
                kept[key] = self._of_value(value, closed)
            elif key == "dependentSchemas":
                kept[key] = {name: self._of(part, closed) for name, part in value.items()}
            elif key in ("allOf", "anyOf", "oneOf"):
                kept[key] = [self._of(part, closed) for part in value]
            elif key in ("const", "dependentRequired", "enum", "required", "type"):
                kept[key] = value
            elif key in ASSERTIONS:
                # What only tests a value is read as it stands.
                kept[key] = self._of(value, closed and key in ("then", "else"))
        return kept

    def complete(self, said: Any) -> Any:
        """Return what `of` or `of_value` gave as a schema by itself, to judge by."""
        needed: dict[str, Any] = {}
        todo = list(_names_in(cast("object", said)))
        while todo:
            name = todo.pop()
            if name not in needed:
                needed[name] = self.definitions[name]
                todo += _names_in(needed[name])
        if not needed:
            return cast("object", said)
        return {"$defs": dict(sorted(needed.items())), **cast("JsonObject", said)}

    def shared(self, reference: str, rule: JsonObject | None) -> JsonObject | None:
        """Return *rule*, which is that of a definition used before, so that it is written once."""
        if rule is None or len(repr(rule)) <= _LONGEST_REPEATED:
            return rule
        if reference not in self._rules:
            self._rules[reference] = self._name(
                f"{reference}_rule" if reference[:1] == "#" else "rule"
            )
            self.definitions[self._rules[reference]] = rule
        return {"$ref": f"#/$defs/{self._rules[reference]}"}

    def _target(self, reference: str, closed: bool, *, whole: bool) -> Any:
        if reference == META_SCHEMA:
            return {"$ref": reference}
        key = reference, closed, whole
        if key in self._short:
            return _copy(self._short[key])
        name = self._names.get(key)
        if name is None:
            name = self._names[key] = self._name(reference)
            target = look_up(self._root, reference)
            said = self._of_value(target, closed) if whole else self._of(target, closed)
            if name not in self._recursive and len(repr(said)) <= _LONGEST_REPEATED:
                del self._names[key]
                self._short[key] = said
                return _copy(said)
            self.definitions[name] = said
        elif name not in self.definitions:
            self._recursive.add(name)
        return {"$ref": f"#/$defs/{name}"}

    def _name(self, reference: str) -> str:
        """Return a name that is free for what *reference* names."""
        stem = name = _UNSAFE.sub("_", reference.rpartition("/")[2]).strip("_") or "root"
        number = 2
        taken = {*self._names.values(), *self.definitions}
        while name in taken:
            name = f"{stem}_{number}"
            number += 1
        return name


def _copy(said: Any) -> Any:
    # Whoever gets a part may add to it.
    return dict(cast("JsonObject", said)) if isinstance(said, dict) else said


def _names_in(said: object) -> Iterator[str]:
    """Yield the definitions that *said* refers to."""
    for _, node in places(said):
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/$defs/"):
            yield reference.removeprefix("#/$defs/")
