"""Take the schema out of a tool definition or an OpenAPI document that a file holds."""

import copy
from collections.abc import Iterator
from typing import NamedTuple, cast

from get3w_emulator._common.json import JSON, JSONObject, steps
from get3w_emulator.schemas.keywords import ASSERTIONS, children

_TYPES = ("array", "boolean", "integer", "null", "number", "object", "string")
_TOOL = ("inputSchema", "input_schema", "parameters")
_HOLDERS = (
    "result tools function functions functionDeclarations function_declarations latest_version"
    " openapi_schema openapi".split()
)
_MOST_FOLLOWED = 20


class NotOneError(ValueError):
    """A document holds several schemas, or none that can be found."""


class _Input(NamedTuple):
    """A schema in a document.

    Attributes:
        schema: The schema.
        root: What its references count from, where they lead nowhere in the schema itself.
        words: What the document says of it.
    """

    schema: JSON
    root: JSON
    words: str = ""


def unwrapped(document: JSON) -> JSON:
    """Return the schema that a document holds, or the document where it is a schema itself.

    Raises:
        NotOneError: It holds several, or is an OpenAPI document without one.
    """
    is_api = isinstance(document, dict) and _is_api(document)
    if isinstance(document, dict) and not is_api:
        words = ASSERTIONS & document.keys()
        is_kind = not isinstance(document.get("type"), str) or document["type"] in _TYPES
        if words if is_kind else words - {"type"}:
            return document
    found = list(_inputs(document, document))
    if len(found) > 1:
        raise NotOneError(
            f"{len(found)} schemas are in it, and a file is one model; move it out of this folder:"
            " get3w-codegen add FILE --model-id ID shows how to take in each"
        )
    if found:
        return _by_itself(found[0])
    if is_api:
        raise NotOneError(
            "an OpenAPI document without a request body in JSON; name the schema in it with"
            " get3w-codegen add FILE --model-id ID --pointer /components/schemas/NAME"
        )
    return document


def _is_api(node: JSONObject) -> bool:
    return any(isinstance(node.get(key), str) for key in ("openapi", "swagger"))


def _inputs(value: JSON, document: JSON) -> Iterator[_Input]:
    """Yield what the tools and calls of a document take."""
    if isinstance(value, list):
        for each in value:
            yield from _inputs(each, document)
    if not isinstance(value, dict):
        return
    if isinstance(value.get("paths"), dict) or isinstance(value.get("components"), dict):
        for schema in _bodies(value):
            yield _Input(schema, value)
        return
    if not {"model_id", "id"} & value.keys():
        for key in _TOOL:
            schema = value.get(key)
            if isinstance(schema, dict) and _is_object(schema):
                words = value.get("description")
                said = words if isinstance(words, str) else ""
                yield _Input(schema, document, said)
    for key in _HOLDERS:
        yield from _inputs(value.get(key), document)


def _is_object(schema: JSONObject) -> bool:
    kinds = schema.get("type")
    if "object" in (kinds if isinstance(kinds, list) else [kinds]):
        return True
    if isinstance(schema.get("$ref"), str) or isinstance(schema.get("properties"), dict):
        return True
    lists = (isinstance(schema.get(key), list) for key in ("allOf", "anyOf", "oneOf"))
    return kinds is None and any(lists)


def _bodies(api: JSONObject) -> Iterator[JSON]:
    """Yield the schema of each body in JSON; of Replicate's one input alone."""
    schemas = _object(_object(api.get("components")).get("schemas"))
    if "Input" in schemas:
        yield schemas["Input"]
        return
    for calls in _object(api.get("paths")).values():
        for call in _object(_followed(api, calls)).values():
            yield from _body(api, _object(_followed(api, call)))


def _body(api: JSONObject, call: JSONObject) -> Iterator[JSON]:
    if "requestBody" in call:
        kinds = _object(_object(_followed(api, call["requestBody"])).get("content"))
        given = [_followed(api, media) for kind, media in kinds.items() if _is_json(kind)]
    else:  # Swagger 2
        listed = call.get("parameters")
        every = [_followed(api, each) for each in (listed if isinstance(listed, list) else ())]
        given = [each for each in every if isinstance(each, dict) and each.get("in") == "body"]
    yield from [
        each["schema"]
        for each in given
        if isinstance(each, dict) and isinstance(each.get("schema"), dict)
    ][:1]


def _is_json(kind: str) -> bool:
    name = kind.split(";")[0].strip().lower()
    return name in ("application/json", "application/*", "*/*") or name.endswith("+json")


def _object(value: JSON) -> JSONObject:
    return value if isinstance(value, dict) else {}


def _followed(root: JSON, value: JSON) -> JSON:
    """Return what a reference object of a document stands for."""
    for _ in range(_MOST_FOLLOWED):
        reference = value.get("$ref") if isinstance(value, dict) else None
        found = _there(root, reference)
        if found is None:
            break
        value = found[0]
    return value


def _there(root: JSON, reference: JSON) -> tuple[JSON] | None:
    """Return, in a tuple, what a pointer leads to; None where that is nothing."""
    if not isinstance(reference, str) or not reference.startswith("#/"):
        return None
    node = root
    for name in steps(reference):
        if isinstance(node, dict) and name in node:
            node = node[name]
        elif isinstance(node, list) and name.isdecimal() and int(name) < len(node):
            node = node[int(name)]
        else:
            return None
    return (node,)


def _by_itself(part: _Input) -> JSON:
    """Return a schema with what it refers to elsewhere in its document as `$defs`."""
    schema = part.schema
    for _ in range(_MOST_FOLLOWED):
        if isinstance(schema, dict) and schema.keys() == {"$ref"}:
            schema = _followed(part.root, schema)
    if not isinstance(schema, dict):
        return schema
    made = _Bundle(schema, part.root).made()
    return {"description": part.words, **made} if part.words else made


class _Bundle:
    def __init__(self, schema: JSONObject, root: JSON) -> None:
        self._schema = schema
        self._root = root
        self._names: dict[str, str] = {}
        self._taken: JSONObject = {**_object(schema.get("$defs"))}

    def made(self) -> JSONObject:
        result = cast("JSONObject", self._local(self._schema))
        own = _object(result.get("$defs"))
        return {**result, "$defs": {**self._taken, **own}} if self._names else result

    def _local(self, schema: JSON) -> JSON:
        """Return a copy of a schema whose references lead to `$defs`."""
        if not isinstance(schema, dict):
            return schema
        copied = copy.deepcopy(schema)
        todo: list[JSON] = [copied]
        while todo:
            node = todo.pop()
            if isinstance(node, dict):
                todo += [child for _, child in children(node)]
                target = _there(self._root, node.get("$ref"))
                # A tool's schema is a document of its own; what leads nowhere is reported later.
                if target is not None and _there(self._schema, node["$ref"]) is None:
                    node["$ref"] = f"#/$defs/{self._name(str(node['$ref']), target[0])}"
        return copied

    def _name(self, reference: str, target: JSON) -> str:
        if reference not in self._names:
            name = reference.rpartition("/")[2].replace("~", "_")
            while name in self._taken:
                name += "_"
            self._names[reference] = name
            self._taken[name] = {}
            self._taken[name] = self._local(target)
        return self._names[reference]
