"""Find the input schema inside a tool definition or an OpenAPI document."""

import copy
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, cast

from get3w_codegen.jsonschema.keywords import JsonObject, parts, pointer, steps
from get3w_codegen.jsonschema.references import DanglingReferenceError, leads, look_up

# Where a tool says what it takes: the Model Context Protocol, Anthropic, and OpenAI with Gemini.
_OF_TOOLS = ("inputSchema", "input_schema", "parameters")
# What holds tools, or the document of an API.
_AROUND = (
    *("result", "tools", "function", "functions", "functionDeclarations", "function_declarations"),
    *("latest_version", "openapi_schema", "openapi"),
)


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A schema inside a document.

    Attributes:
        place: Where it stands, as a JSON pointer.
        name: What the document calls it.
        around: Where the document begins that its references count from.
    """

    place: str
    name: str
    around: str = ""


def wrapped(document: object) -> list[Wrapped]:
    """Return the schemas of inputs that *document* holds; several tools or calls have one each."""
    return list(dict.fromkeys(_found(document, "", "")))


def schema_at(document: object, place: str, around: str = "") -> JsonObject:
    """Return the schema at *place* by itself, with what it refers to in `$defs`.

    Raises:
        DanglingReferenceError: There is no schema there.
    """
    root = look_up(document, f"#{around}")
    taking = _Taking(root)
    schema = taking.resolved(look_up(document, f"#{place}"))
    if not isinstance(schema, dict):
        raise DanglingReferenceError(f"{place} holds no schema")
    result = cast("JsonObject", taking.taken(copy.deepcopy(cast("JsonObject", schema))))
    known = cast("JsonObject", result.get("$defs", {}))
    return {**result, "$defs": {**known, **taking.definitions}} if taking.definitions else result


def _found(value: object, place: str, around: str) -> Iterator[Wrapped]:
    if isinstance(value, list):
        for number, item in enumerate(cast("list[object]", value)):
            yield from _found(item, f"{place}/{number}", around)
    if not isinstance(value, dict):
        return
    node = cast("JsonObject", value)
    if isinstance(node.get("paths"), dict) or isinstance(node.get("components"), dict):
        yield from _of_api(node, place)
        return
    for key in _OF_TOOLS:
        if _is_schema(node.get(key)):
            yield Wrapped(f"{place}/{key}", str(node.get("name", "")), around)
    for key in _AROUND:
        if isinstance(node.get(key), dict | list):
            yield from _found(node[key], f"{place}/{key}", around)


def _of_api(api: JsonObject, place: str) -> Iterator[Wrapped]:
    """Yield what an OpenAPI document says of inputs: its `Input`, or the body of each request."""
    if leads(api, "#/components/schemas/Input"):
        yield Wrapped(f"{place}/components/schemas/Input", "Input", place)
        return
    paths: Any = api.get("paths")
    for path, calls in _named(paths):
        for method, _ in _named(calls):
            way = ("paths", path, method, "requestBody", "content", "application/json", "schema")
            if leads(api, f"#{pointer(way)}"):
                yield Wrapped(f"{place}{pointer(way)}", f"{method.upper()} {path}", place)


def _named(value: object) -> Iterable[tuple[str, object]]:
    return cast("JsonObject", value).items() if isinstance(value, dict) else ()


def _is_schema(value: object) -> bool:
    if not isinstance(value, dict):
        return False
    node = cast("JsonObject", value)
    return (
        node.get("type") == "object" or "$ref" in node or isinstance(node.get("properties"), dict)
    )


class _Taking:
    """Takes a schema out of its document, with the definitions that it refers to."""

    def __init__(self, root: object) -> None:
        self._root = root
        self._names: dict[str, str] = {}
        self.definitions: JsonObject = {}

    def resolved(self, schema: object) -> object:
        """Follow the reference that *schema* is, for as long as it is nothing else."""
        seen: set[str] = set()
        while is_reference(schema):
            reference = str(cast("JsonObject", schema)["$ref"])
            if reference in seen:
                raise DanglingReferenceError(f"$ref {reference!r} refers back to itself")
            seen.add(reference)
            schema = look_up(self._root, reference)
        return schema

    def taken(self, schema: Any) -> Any:
        """Rewrite the references of a copied schema in place."""
        if not isinstance(schema, dict):
            return schema
        node = cast("JsonObject", schema)
        for _, part in list(parts(node)):
            self.taken(part)
        reference = node.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/"):
            node["$ref"] = f"#/$defs/{self._name(reference)}"
        return node

    def _name(self, reference: str) -> str:
        if reference not in self._names:
            last = str(steps(reference)[-1]).replace("/", "_").replace("~", "_") or "part"
            name, number = last, 2
            while name in self.definitions:
                name, number = f"{last}_{number}", number + 1
            self._names[reference] = name
            self.definitions[name] = {}
            self.definitions[name] = self.taken(copy.deepcopy(look_up(self._root, reference)))
        return self._names[reference]


def is_reference(schema: object) -> bool:
    """Return whether *schema* is a reference and nothing else."""
    return isinstance(schema, dict) and cast("JsonObject", schema).keys() == {"$ref"}
