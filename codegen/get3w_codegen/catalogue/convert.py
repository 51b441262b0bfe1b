"""Convert an entry of the models list into a schema file as this project stores it."""

from typing import cast
from urllib.parse import urlsplit

from get3w_codegen.catalogue.entries import Entry, UnusableError
from get3w_codegen.jsonschema.dialect import modern, with_nulls
from get3w_codegen.jsonschema.keywords import JsonObject, is_object
from get3w_codegen.jsonschema.merge import ASSERTIONS
from get3w_codegen.jsonschema.validation import SCHEMA_OF_SCHEMAS

GET3W = "get3w.com"
_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_FIRST = ("type", "x-order-properties", "properties", "required", "additionalProperties")
_NOTES = frozenset("$comment $defs default definitions deprecated description examples".split())

# What confirms a model. Only Get3W's own list may say so; anybody else's word is not taken.
CLAIMS: dict[str, tuple[object, ...]] = {
    "x-provenance": ("get3w-docs", "get3w-live-list"),
    "x-get3w-listed": (True,),
}


def claims(schema: JsonObject) -> list[str]:
    """Return the keys of *schema* that call the model confirmed by Get3W."""
    return [key for key, said in CLAIMS.items() if schema.get(key) in said]


def in_form(entry: Entry, source: str | None, *, trusted: bool = False) -> JsonObject:
    """Return the schema file of an entry.

    Args:
        entry: The entry.
        source: The address that the list was read from, or None where it was a file.
        trusted: Whether the address is the configured origin; others confirm nothing.

    Raises:
        UnusableError: The schema is none.
    """
    schema = cast("JsonObject", with_nulls(modern(_mended(entry.schema))))
    # A schema in this form, as the emulator lists it, says everything itself.
    if not (trusted or is_get3w(source)):
        schema = {key: value for key, value in schema.items() if key not in claims(schema)}
    if "x-model-id" not in schema:
        schema = {**_head(entry, source), **_body(schema)}
    elif "x-provenance" not in schema:
        schema = {**schema, "x-provenance": "models-list"}
    if is_get3w(source):
        schema = {**schema, "x-get3w-listed": True}
    _check(schema)
    return schema


def _check(schema: JsonObject) -> None:
    """Make sure that a document is a schema of a request body.

    Raises:
        UnusableError: It is not.
    """
    for path, message in SCHEMA_OF_SCHEMAS.problems(schema):
        pointer = "".join(f"/{part}" for part in path)
        raise UnusableError(f"Not a JSON Schema (2020-12) at {pointer or '/'}: {message[:200]}")
    if schema.get("type", "object") != "object":
        raise UnusableError(f"A request body is an object, not {schema['type']!r}")


def _head(entry: Entry, source: str | None) -> JsonObject:
    server = entry.run.get("server")
    confirmed = is_get3w(source)
    if source is None and isinstance(server, str) and _host(server) not in ("", GET3W):
        source = f"{server.rstrip('/')}/api/v3/models"
    path = entry.run.get("api_path")
    stated: JsonObject = {
        "$schema": _DRAFT,
        "title": entry.model_id,
        "description": entry.facts.get("description"),
        "x-model-id": entry.model_id,
        "x-model-type": entry.facts.get("type"),
        "x-provenance": "get3w-live-list" if confirmed else "models-list",
        "x-source": source,
        "x-api-path": path or f"/api/v3/{entry.model_id}",
        "x-surface": "v1" if isinstance(path, str) and path.startswith("/v1/") else None,
        "x-base-price-usd": entry.facts.get("base_price"),
        "x-price-formula": entry.run.get("formula") or entry.facts.get("formula"),
    }
    return {key: value for key, value in stated.items() if value is not None and value != ""}


def _body(schema: JsonObject) -> JsonObject:
    """Return the schema of the input in a fixed order of keywords, without unknown ones."""
    known = {
        key: value
        for key, value in schema.items()
        if key in ASSERTIONS or key in _NOTES or key.startswith(("x-", "$"))
    }
    known = {"type": "object", **known}
    return {key: known.pop(key) for key in _FIRST if key in known} | known


def _mended(value: object) -> object:
    """Return *value* with the case of commonly miscased keywords corrected."""
    if isinstance(value, list):
        return [_mended(item) for item in cast("list[object]", value)]
    if not is_object(value):
        return value
    is_text = value.get("type") == "string"
    return {
        ("maxLength" if is_text and key == "maxlength" and isinstance(item, int) else key): (
            item if key in ("default", "enum", "const", "examples") else _mended(item)
        )
        for key, item in value.items()
    }


def is_get3w(address: str | None) -> bool:
    """Return whether a list was read from Get3W itself, over https."""
    return _host(address) == GET3W


def _host(address: object) -> str:
    """Return the host of an http or https address, or ""; all https hosts of Get3W count as one."""
    try:
        parts = urlsplit(address) if isinstance(address, str) else None
    except ValueError:
        return ""
    if parts is None or parts.scheme not in ("http", "https") or parts.username is not None:
        return ""
    host = (parts.hostname or "").rstrip(".")
    is_https = str(address).startswith("https:")
    return GET3W if is_https and f".{host}".endswith(f".{GET3W}") else host
