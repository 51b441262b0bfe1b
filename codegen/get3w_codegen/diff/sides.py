"""One side of a comparison: a document, and what a part of it accepts."""

from typing import Any, cast

from get3w_codegen.analysis.assertions import Assertions
from get3w_codegen.jsonschema.documents import canonical
from get3w_codegen.jsonschema.keywords import TYPES, JsonObject, listed_values
from get3w_codegen.jsonschema.merge import named_in_place, parts_in_place, resolved
from get3w_codegen.jsonschema.validation import Judge

KINDS = frozenset(TYPES)
CONDITIONS = ("allOf", "anyOf", "oneOf", "not", "if", "dependentSchemas")
_SAYS_MORE = ("additionalProperties", "unevaluatedProperties")


class Side:
    """A document whose parts are compared with those of another.

    Args:
        root: The document.
        opened: Whether an object that lists properties and is silent about others takes them.
    """

    def __init__(self, root: JsonObject, *, opened: bool = False) -> None:
        self.root = root
        self.open = opened

    def resolved(self, node: object) -> JsonObject | None:
        """Return a part with its references followed; None where it accepts nothing."""
        if node is False:
            return None
        return resolved(self.root, cast("JsonObject", node)) if isinstance(node, dict) else {}

    def assertions(self, node: object) -> Any:
        """Return the assertions of a part in a form that can be compared for equality."""
        assertions = Assertions(self.root)
        said: Any = assertions.of(node)
        if isinstance(said, dict) and assertions.definitions:
            return {**cast("JsonObject", said), "$defs": assertions.definitions}
        return said  # pyright: ignore[reportUnknownVariableType] - mypy refuses the cast

    def text(self, node: object) -> str:
        """Return the assertions of a part as a text."""
        return canonical(self.assertions(node))

    def accepts(self, node: object, value: object) -> bool:
        """Return whether a part accepts a value that is no object and holds none."""
        said = self.assertions(node)
        return Judge(cast("JsonObject", said)).accepts(value) if isinstance(said, dict) else said

    def kinds(self, node: JsonObject) -> frozenset[str]:
        """Return the kinds of value that a resolved part can accept; "number" is a fraction."""
        found = KINDS
        if "type" in node:
            stated = node["type"]
            names = set(cast("list[str]", stated if isinstance(stated, list) else [stated]))
            found &= names | ({"integer"} if "number" in names else set())
        values = listed_values(node)
        if values is not None:
            found &= {kind_of(value) for value in values}
        for key in ("anyOf", "oneOf"):
            if key in node:
                branches = [self.resolved(part) for part in node[key]]
                found &= frozenset[str]().union(
                    *(self.kinds(branch) for branch in branches if branch is not None)
                )
        return found

    def listed_apart(self, node: JsonObject) -> bool:
        """Return whether conditions, rather than the keywords, list an object's properties.

        That is: they list properties that it does not list itself, describe objects inside it, or
        say which further properties there may be. Closing such an object takes more than a
        comparison keyword by keyword.
        """
        listed = set(named_in_place(self.root, node)) - set(node.get("properties", {}))
        branches = list(parts_in_place(self.root, node))[1:]
        return bool(listed) or any(map(self._is_deep, branches))

    def _is_deep(self, part: JsonObject) -> bool:
        if any(key in part for key in _SAYS_MORE):
            return True
        inside: list[object] = list(cast("JsonObject", part.get("properties", {})).values())
        texts = (self.text(value) for value in (*inside, part.get("items", {})))
        return any('"properties"' in text for text in texts)

    def rest(self, node: JsonObject) -> object:
        """Return the schema (or bool) for the properties that an object does not list."""
        for key in _SAYS_MORE:
            if key in node:
                return node[key]
        return self.open or "properties" not in set[str]().union(*parts_in_place(self.root, node))

    def apart(self, branches: list[object]) -> bool:
        """Return whether no value fits two of several parts, because its kind tells which."""
        found: set[str] = set()
        for branch in branches:
            part = self.resolved(branch)
            kinds = self.kinds(part) if part is not None else frozenset[str]()
            if kinds & found:
                return False
            found |= kinds
        return True


def kind_of(value: object) -> str:
    """Return the kind of a JSON value."""
    if value is None or isinstance(value, bool):
        return "null" if value is None else "boolean"
    if isinstance(value, int | float):
        return "integer" if float(value).is_integer() else "number"
    if isinstance(value, str):
        return "string"
    return "array" if isinstance(value, list) else "object"


def required(node: JsonObject) -> set[str]:
    """Return the names that an object has to have."""
    return set(cast("list[str]", node.get("required", [])))
