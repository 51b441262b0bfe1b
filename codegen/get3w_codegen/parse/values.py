"""Second stage, shared parts: the result for one value, and the state of the parser."""

from collections.abc import Container, Iterable
from dataclasses import dataclass, field
from typing import Final, cast

from get3w_codegen.analysis.assertions import Assertions
from get3w_codegen.analysis.separating import Separator
from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.jsonschema.merge import ASSERTIONS, is_silent, named_in_place
from get3w_codegen.jsonschema.validation import Judge
from get3w_codegen.model.model import Object
from get3w_codegen.model.names import ModelName
from get3w_codegen.parse.load import SchemaFile
from get3w_codegen.parse.scalars import SAID, without_effect
from get3w_codegen.problems import Level, Problem

ANYTHING: Final[JsonObject] = {"customTypePath": "pydantic.JsonValue"}


@dataclass(frozen=True, slots=True)
class Value:
    """The result for one place of a schema.

    Attributes:
        shape: The part that has a Python form.
        nullable: Whether null is a value of it.
        rest: The part that has none.
    """

    shape: JsonObject
    nullable: bool = False
    rest: JsonObject | None = None


@dataclass(slots=True)
class References:
    """The definitions met so far, by reference, or by the whole schema if narrowed.

    Attributes:
        values: What each comes to.
        nodes: What says it.
        unfinished: Those that are being read, the innermost last.
        leans: For each, those that it refers to and that were unfinished then.
        aliases: The names of unions that contain themselves.
    """

    values: dict[str, Value] = field(default_factory=dict[str, Value])
    nodes: dict[str, JsonObject] = field(default_factory=dict[str, JsonObject])
    unfinished: list[str] = field(default_factory=list[str])
    leans: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    aliases: dict[str, str] = field(default_factory=dict[str, str])

    def used(self, key: str) -> None:
        """Note that what is being read refers to *key*."""
        found = {key} if key in self.unfinished else self.leans.get(key, set[str]())
        for reader in self.unfinished:
            self.leans.setdefault(reader, set()).update(found - {reader})
        if key in self.unfinished:
            self.leans.setdefault(key, set()).add(key)

    def is_open_ended(self, key: str) -> bool:
        """Return whether *key* leads to something recursive that types alone do not say."""
        return any(
            other in self.values and self.values[other].rest is not None
            for other in self.leans.get(key, ())
        )


class Reading:
    """One schema file as it is read, place by place.

    Args:
        schema: The schema file.
        name: The model's name.
        opened: Whether a silent `additionalProperties` allows more.

    Attributes:
        problems: What was found on the way; a problem of level error means there is no model.
    """

    def __init__(self, schema: SchemaFile, name: ModelName, *, opened: bool = False) -> None:
        self.problems: list[Problem] = []
        self._schema = schema
        self._root = schema.document
        self._name = name
        self._open = opened
        self._objects: list[Object] = []
        self._leaves: dict[str, str] = {}
        self._aliases: dict[str, str] = {}
        self._assertions = Assertions(self._root, closed=not opened)
        self._separator = Separator(self._root)
        self._unions: dict[str, JsonObject] = {}
        self._references = References()
        self._classes: set[str] = set()

    def _value(self, node: JsonObject, stem: str, pointer: str) -> Value:
        """Return the result for a place; *stem* is the base of a class name, if one is needed."""
        raise NotImplementedError

    def _report(self, pointer: str, message: str, remedy: str, level: Level) -> None:
        self.problems.append(Problem(self._schema.file, pointer, message, remedy, level))

    def _rest(self, schema: JsonObject, keys: Container[str]) -> JsonObject | None:
        said = {key: value for key, value in schema.items() if key in keys}
        return self._assertions.of(said, self._beside(schema, said)) or None

    def _beside(self, schema: JsonObject, said: JsonObject) -> JsonObject | None:
        """Return what *schema* says of values inside and *said*, a part of it, does not."""
        inside = {key: schema[key] for key in ("properties", "items") if key in schema}
        return {key: value for key, value in inside.items() if key not in said} or None

    def _unsaid(self, schema: JsonObject, kind: str) -> set[str]:
        return {key for key in schema if key in ASSERTIONS - SAID[kind] - without_effect(kind)}

    def _allowed(self, schema: JsonObject) -> list[object]:
        """Return the values that an enum or a constant lists, but those that the rest refuses."""
        values = cast("list[object]", schema["enum"] if "enum" in schema else [schema["const"]])
        judge = Judge(self._assertions.complete(self._assertions.of(schema)))
        return [value for value in values if judge.accepts(value)]

    def _named(self, schema: JsonObject) -> Iterable[str]:
        return named_in_place(self._root, schema)

    def _is_closed(self, schema: JsonObject) -> bool:
        return not self._open and is_silent(self._root, schema)

    def _leaf(self, source: str) -> JsonObject:
        token = f"L_{len(self._leaves)}"
        for known, other in self._leaves.items():
            if other == source:
                token = known
        self._leaves[token] = source
        return {"customTypePath": f"leaf.{token}"}


def or_null(value: Value) -> JsonObject:
    """Return the shape of *value* with null in it, where null is one of its values."""
    if not value.nullable or value.shape == ANYTHING or value.shape == {"type": "null"}:
        return value.shape
    return {"anyOf": [value.shape, {"type": "null"}]}
