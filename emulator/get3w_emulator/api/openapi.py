"""Build the OpenAPI 3.1 document of everything served here, from the schemas."""

from typing import cast

from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator._common.responses import Surface
from get3w_emulator.schemas.catalogue import Catalogue, Model
from get3w_emulator.schemas.closed import closed
from get3w_emulator.schemas.validation import read

_IN_PLACE = (
    *("$ref", "$dynamicRef", "allOf", "anyOf", "oneOf", "if", "then", "else"),
    *("dependentSchemas", "not"),
)
_TEXT: JSONObject = {"type": "string"}
_NUMBER: JSONObject = {"type": "number"}
_COUNT: JSONObject = {"type": "integer", "minimum": 0}
_ID: JSONObject = {"name": "id", "in": "path", "required": True, "schema": _TEXT}


def document(catalogue: Catalogue, origin: str) -> JSONObject:
    """Return the document."""
    paths: JSONObject = {}
    for model in catalogue.values():
        for surface in ("v3", "v1"):
            prefix = "/v1" if surface == "v1" else "/api/v3"
            paths[f"{prefix}/{model.id}"] = {"post": _submit(model, surface)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Get3W, as emulated",
            "version": "3",
            "description": "A local stand-in for Get3W's API, made from its models' schemas.",
        },
        "servers": [{"url": origin}],
        "security": [{"key": []}],
        "paths": paths | _fixed(),
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": {
                "Prediction": _PREDICTION,
                "ErrorV3": _object(
                    {"code": {"type": "integer"}, "message": _TEXT, "data": {"type": "null"}},
                    "code message data",
                ),
                "ErrorV1": _object({"code": {"type": "integer"}, "error": _TEXT}, "code error"),
            },
        },
    }


def body_schema(model: Model) -> JSONObject:
    """Return the schema of a model's body, as strictly as the emulator reads it."""
    schema = cast("JSONObject", _plain(closed(read(model.schema).schema)))
    schema.pop("$schema", None)
    properties = schema.get("properties")
    if isinstance(properties, dict) and "webhook_url" not in properties:
        # In an anyOf or the like, this property would be unknown to the parts: they stay closed.
        schema["properties"] = {**properties, "webhook_url": _TEXT}
    if "$defs" in schema:
        # With an address of its own, its references lead into it and not into the document.
        schema["$id"] = f"urn:get3w:{model.id}"
    return schema


def _plain(schema: JSON) -> JSON:
    """Write `unevaluatedProperties` as the better known keyword wherever that means the same."""
    if isinstance(schema, list):
        return [_plain(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    result: JSONObject = {
        name: value if name in ("default", "enum", "const", "examples") else _plain(value)
        for name, value in schema.items()
    }
    if result.get("unevaluatedProperties") is False and not any(
        name in result for name in _IN_PLACE
    ):
        del result["unevaluatedProperties"]
        result["additionalProperties"] = False
    return result


def _submit(model: Model, surface: Surface) -> JSONObject:
    parameters: list[JSON] = [_query("webhook", _TEXT)]
    if surface == "v1":
        parameters.append(_query("sync", {"enum": ["true", "false"]}))
    return {
        "operationId": f"{surface} {model.id}".replace("/", " ").replace(" ", "_"),
        "summary": f"Run {model.id}",
        "description": model.description,
        "tags": [model.kind],
        "parameters": parameters,
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": body_schema(model)}},
        },
        "responses": _responses(surface, _REFERENCE, "400 401 403 404 429"),
    }


def _fixed() -> JSONObject:
    prediction: JSONObject = {
        "parameters": [_ID],
        "get": _read("v3", _REFERENCE, "Tell how far a prediction is"),
    }
    upload: JSONObject = {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }
    return {
        "/api/v3/predictions/{id}": {
            **prediction,
            "delete": _read("v3", {"type": "null"}, "Delete a prediction"),
        },
        "/api/v3/predictions/{id}/result": prediction,
        "/v1/requests/{id}": {
            "parameters": [_ID],
            "get": _read("v1", _REFERENCE, "Tell how far a prediction is"),
        },
        "/api/v3/files/upload": {
            "post": {
                "summary": "Upload a file",
                "requestBody": {
                    "required": True,
                    "content": {"multipart/form-data": {"schema": upload}},
                },
                "responses": _responses("v3", _object({"url": _TEXT}, "url"), "400 401 413"),
            }
        },
        "/api/v3/models": {"get": _read("v3", {"type": "array"}, "List all models", "401")},
        "/api/v3/balance": {
            "get": _read("v3", _object({"balance": _NUMBER}, "balance"), "Tell the balance", "401")
        },
        "/api/v3/usage": {
            "get": _read(
                "v3",
                _object({"total_tasks": _COUNT, "total_cost": _NUMBER}, "total_tasks total_cost"),
                "Tell what was used",
                "400 401",
                _query("period", {"type": "string", "pattern": "^[0-9]{4}-(0[1-9]|1[0-2])$"}),
                _query("start_date", {"type": "string", "format": "date"}),
                _query("end_date", {"type": "string", "format": "date"}),
            )
        },
        "/api/v3/billings": {
            "get": _read(
                "v3",
                _object({"records": {"type": "array"}, "total": _COUNT}, "records total"),
                "List charges, refunds and top-ups",
                "400 401",
                _query("page", {"type": "integer", "minimum": 1}),
                _query("per_page", {"type": "integer", "minimum": 1, "maximum": 100}),
                _query("type", {"enum": ["top-up", "usage"]}),
            )
        },
    }


def _read(
    surface: Surface, data: JSONObject, summary: str, errors: str = "401 404", *parameters: JSON
) -> JSONObject:
    return {
        "summary": summary,
        "parameters": [*parameters],
        "responses": _responses(surface, data, errors),
    }


def _responses(surface: Surface, data: JSONObject, errors: str) -> JSONObject:
    envelope = _object(
        {"code": {"const": 200}, "message": _TEXT, "data": data}, "code message data"
    )
    error: JSONObject = {"$ref": f"#/components/schemas/Error{surface.upper()}"}
    responses: JSONObject = {"200": _json("It worked", data if surface == "v1" else envelope)}
    for status in errors.split():
        responses[status] = _json(f"Error {status}", error)
    return responses


def _json(description: str, schema: JSONObject) -> JSONObject:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


def _query(name: str, schema: JSONObject) -> JSONObject:
    return {"name": name, "in": "query", "required": False, "schema": schema}


def _object(properties: JSONObject, required: str) -> JSONObject:
    return {"type": "object", "properties": properties, "required": [*required.split()]}


_REFERENCE: JSONObject = {"$ref": "#/components/schemas/Prediction"}
_PREDICTION = _object(
    {
        "id": _TEXT,
        "model": _TEXT,
        "status": {"enum": ["created", "processing", "completed", "failed"]},
        "input": {"type": "object"},
        "outputs": {"type": "array", "items": _TEXT},
        "urls": _object({"get": {"type": "string", "format": "uri"}}, "get"),
        "timings": _object({"inference": _COUNT}, "inference"),
        "created_at": {"type": "string", "format": "date-time"},
        "completed_at": {"type": "string", "format": "date-time"},
        "estimated_duration": _COUNT,
        "error": _TEXT,
        "code": {"type": "integer"},
    },
    "id status",
)
