"""The page for people: a catalogue, and a form for every model.

The page is plain files; what it shows comes from the handlers here, and what it submits goes
through the API like any other call, fault rules included.
"""

from collections.abc import Iterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from get3w_emulator.access import is_loopback
from get3w_emulator.answers import ApiError, json_response
from get3w_emulator.jsontypes import JSON, JSONObject
from get3w_emulator.playground_calls import Call
from get3w_emulator.playground_check import field_problems
from get3w_emulator.playground_names import in_order, locked_names, model_name
from get3w_emulator.routing import base_url, json_body, route
from get3w_emulator.schemas import Model, default_folder
from get3w_emulator.validation import Judge, Problem, compiled
from get3w_emulator.world import World

_FOLDER = Path(__file__).with_name("_page")
_LATEST = 200
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
_HEADERS = {
    "Cache-Control": "no-cache",
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' data: blob:; "
        "object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
}


class Playground:
    """The handlers of the page.

    Args:
        world: What they work on.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._names = locked_names(world.settings.schemas or default_folder())
        self._validators: dict[str, Judge] = {}

    def routes(self) -> Iterator[Route]:
        """Yield the routes; all but the page itself are out of reach of fault rules."""
        yield route("/", get=self._page)
        yield route("/_emulator/page/{name:path}", get=self._file)
        yield route("/_emulator/models", get=self._models)
        yield route("/_emulator/models/{model_id:path}", get=self._model)
        yield route("/_emulator/check/{model_id:path}", post=self._check)
        yield route("/_emulator/history", get=self._history)
        yield route("/_emulator/history/{id}", get=self._submission)

    async def _page(self, request: Request) -> Response:
        del request
        return _served("index.html")

    async def _file(self, request: Request) -> Response:
        return _served(request.path_params["name"])

    async def _models(self, request: Request) -> Response:
        models: list[JSON] = [_summary(model) for model in self._world.catalogue.values()]
        return json_response({"api_key": self._key_for(request), "models": models})

    async def _model(self, request: Request) -> Response:
        model = self._found(request)
        schema = model.schema
        return json_response(
            {
                **_summary(model),
                "note": schema.get("x-note"),
                "source": schema.get("x-source"),
                "order": [*in_order(schema)],
                "schema": schema,
            }
        )

    async def _check(self, request: Request) -> Response:
        """Judge `{"input", "webhook_url"}` and tell how it would be sent."""
        model = self._found(request)
        body = await json_body(request)
        if not isinstance(body, dict):
            raise ApiError(400, problems=[Problem("", 'must be {"input": {...}}')])
        instance, webhook = body.get("input"), body.get("webhook_url")
        if not isinstance(instance, dict):
            told = 'must be an object, the input of the model: {"input": {...}}'
            raise ApiError(400, problems=[Problem("/input", told)])
        if not isinstance(webhook, str | None):
            raise ApiError(400, problems=[Problem("/webhook_url", "must be a string or null")])
        call = Call(model, model_name(model.id, self._names), instance, webhook)
        problems = field_problems(self._validator(model), instance)
        return json_response(
            {
                "problems": [
                    {"pointer": each.pointer, "message": each.message} for each in problems
                ],
                "request": call.request(),
                "python": call.python(),
                "name_is_certain": call.name.locked,
                "curl": call.curl(base_url(request), self._key_for(request)),
            }
        )

    async def _history(self, request: Request) -> Response:
        """List the latest submissions: the ledger may be too long to be read every second."""
        del request
        ledger = self._world.ledger()
        latest: list[JSON] = [each.to_json() for each in ledger[-_LATEST:]]
        return json_response({"total": len(ledger), "submissions": latest})

    async def _submission(self, request: Request) -> Response:
        wanted = request.path_params["id"]
        found = next((each for each in self._world.ledger() if each.id == wanted), None)
        if found is None:
            raise ApiError(404)
        return json_response(found.to_json())

    def _key_for(self, request: Request) -> str | None:
        """Return the key if the page itself asks, in a browser on this machine."""
        settings = self._world.settings
        asked_by_page = request.headers.get("sec-fetch-site") == "same-origin"
        return settings.api_key if asked_by_page and is_loopback(settings.listen) else None

    def _found(self, request: Request) -> Model:
        model_id = request.path_params["model_id"]
        if model_id not in self._world.catalogue:
            raise ApiError(404)
        return self._world.catalogue[model_id]

    def _validator(self, model: Model) -> Judge:
        if model.id not in self._validators:
            self._validators[model.id] = compiled(model.schema)
        return self._validators[model.id]


def _summary(model: Model) -> JSONObject:
    return {
        "id": model.id,
        "kind": model.kind,
        "price": model.price,
        "description": model.description,
        "documented": model.schema.get("x-provenance") == "get3w-docs"
        or model.schema.get("x-get3w-listed") is True,
    }


def _served(name: str) -> Response:
    path = _FOLDER / name
    # Only what lies in the folder itself: no way leads up, or into a folder below.
    if path.parent != _FOLDER or path.suffix not in _MEDIA_TYPES or not path.is_file():
        raise ApiError(404)
    return Response(path.read_bytes(), headers=_HEADERS, media_type=_MEDIA_TYPES[path.suffix])
