"""Find the input schema inside a tool definition or an OpenAPI document."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import cast

from get3w_codegen.jsonschema.keywords import TYPES, JsonObject, Path, is_object, pointer, steps
from get3w_codegen.jsonschema.merge import ASSERTIONS
from get3w_codegen.jsonschema.references import DanglingReferenceError, look_up
from get3w_codegen.jsonschema.taken import Taken, taken

# Where a tool says what it takes: the Model Context Protocol, Anthropic, and OpenAI with Gemini.
_OF_TOOLS = ("inputSchema", "input_schema", "parameters")
# What holds tools, or the document of an API.
_AROUND = (
    *("result", "tools", "function", "functions", "functionDeclarations", "function_declarations"),
    *("latest_version", "openapi_schema", "openapi"),
)
_OF_ENTRIES = frozenset({"model_id", "id"})
_MOST_FOLLOWED = 20


@dataclass(frozen=True, slots=True)
class Wrapped:
    """A schema inside a document.

    Attributes:
        place: Where it stands, as a JSON pointer.
        around: Where the document begins that its references count from.
        description: What the document says of it.
    """

    place: str
    around: str = ""
    description: str = ""


def is_openapi(document: object) -> bool:
    """Return whether *document* describes a whole API."""
    return isinstance(document, dict) and any(
        isinstance(cast("JsonObject", document).get(key), str) for key in ("openapi", "swagger")
    )


def wrapped(document: object) -> list[Wrapped]:
    """Return the schemas of inputs that *document* holds: one for each tool or call.

    There is none in what is a schema itself, whatever its words are called.
    """
    return [] if _is_itself(document) else list(_found(document, "", ""))


def _is_itself(document: object) -> bool:
    """Return whether *document* asserts something, as a schema does."""
    if is_openapi(document) or not is_object(document):
        return False
    stated = document.get("type")
    # Tools have types of their own: function, custom.
    is_kind = not isinstance(stated, str) or stated in TYPES
    return bool((ASSERTIONS if is_kind else ASSERTIONS - {"type"}) & document.keys())


def unwrapped(document: object) -> Taken | None:
    """Return the one schema of an input inside *document*.

    Returns:
        None where the document is a schema itself, and where none or several are in it.

    Raises:
        DanglingReferenceError: The reference that stands in its place leads nowhere.
    """
    inside = wrapped(document)
    return taken_from(document, inside[0]) if len(inside) == 1 else None


def plain_schema(document: object) -> object:
    """Return the one schema inside *document*; else the document itself."""
    try:
        part = unwrapped(document)
    except (DanglingReferenceError, RecursionError):
        return document
    return part.schema if part else document


def taken_from(document: object, part: Wrapped) -> Taken:
    """Return a schema that is inside *document* by itself.

    Raises:
        DanglingReferenceError: The reference that stands in its place leads nowhere.
    """
    found = taken(document, part.place, part.around)
    if not part.description:
        return found
    return replace(found, schema={"description": part.description, **found.schema})


def _found(value: object, place: str, around: str) -> Iterator[Wrapped]:
    if isinstance(value, list):
        for number, item in enumerate(cast("list[object]", value)):
            yield from _found(item, f"{place}/{number}", around)
        return
    if not is_object(value):
        return
    if isinstance(value.get("paths"), dict) or isinstance(value.get("components"), dict):
        yield from _of_api(value, place)
        return
    for key in _OF_TOOLS:
        # An entry of a list of models says more than a schema: its id, its price.
        if _is_schema(value.get(key)) and not _OF_ENTRIES & value.keys():
            said = value.get("description")
            yield Wrapped(f"{place}/{key}", around, said if isinstance(said, str) else "")
    for key in _AROUND:
        if isinstance(value.get(key), dict | list):
            yield from _found(value[key], f"{place}/{key}", around)


def _of_api(api: JsonObject, place: str) -> Iterator[Wrapped]:
    """Yield what an OpenAPI document says of inputs: its `Input`, or the body of each request."""
    given = _followed(api, ("components", "schemas", "Input"))
    if given is not None:
        yield Wrapped(f"{place}/components/schemas/Input", place)
        return
    for path, calls in _named(api.get("paths")):
        for method, call in _named(calls):
            way = _body(api, ("paths", path, method), call)
            if way is not None:
                yield Wrapped(f"{place}{pointer(way)}", place)


def _body(api: JsonObject, way: Path, call: object) -> Path | None:
    """Return where the schema of a request's JSON body stands: in OpenAPI 3, or in Swagger 2."""
    found = _followed(api, (*way, "requestBody", "content"))
    if found is not None:
        kinds = [kind for kind, media in _named(found[1]) if _is_json(kind) and _has_schema(media)]
        return (*found[0], kinds[0], "schema") if kinds else None
    given = cast("JsonObject", call).get("parameters") if isinstance(call, dict) else None
    for number in range(len(cast("list[object]", given)) if isinstance(given, list) else 0):
        parameter = _followed(api, (*way, "parameters", number))
        if parameter is not None and dict(_named(parameter[1])).get("in") == "body":
            return (*parameter[0], "schema") if _has_schema(parameter[1]) else None
    return None


def _followed(api: JsonObject, way: Path) -> tuple[Path, object] | None:
    """Return where *way* leads to, and what is there, along references."""
    path: Path = ()
    todo = list(way)
    node: object = api
    for _ in range(len(way) + _MOST_FOLLOWED):
        reference = dict(_named(node)).get("$ref")
        if isinstance(reference, str) and reference.startswith("#/"):
            path, todo = (), [*steps(reference), *todo]
            node = api
        if not todo:
            return path, node
        path = (*path, todo.pop(0))
        try:
            node = look_up(api, f"#{pointer(path)}")
        except DanglingReferenceError:
            return None
    return None


def _is_json(kind: str) -> bool:
    name = kind.partition(";")[0].strip().lower()
    return name in ("application/json", "*/*", "application/*") or name.endswith("+json")


def _has_schema(holder: object) -> bool:
    return isinstance(dict(_named(holder)).get("schema"), dict)


def _named(value: object) -> Iterable[tuple[str, object]]:
    return cast("JsonObject", value).items() if isinstance(value, dict) else ()


def _is_schema(value: object) -> bool:
    if not is_object(value):
        return False
    stated: object = value.get("type")
    kinds = cast("list[object]", stated) if isinstance(stated, list) else [stated]
    branches = any(isinstance(value.get(key), list) for key in ("allOf", "anyOf", "oneOf"))
    return (
        "object" in kinds
        or isinstance(value.get("$ref"), str)
        or isinstance(value.get("properties"), dict)
        or (branches and stated is None)
    )
