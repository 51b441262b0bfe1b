"""The page for people: a catalogue, and a form for every model.

The page is plain files; what it shows comes from the handlers here, and what it submits goes
through the API like any other call, fault rules included.
"""

from collections.abc import Iterator
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from get3w_emulator._common.clock import now_ms, timestamp
from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator._common.problems import Problem
from get3w_emulator._common.responses import ApiError, json_response
from get3w_emulator.api.access import is_loopback
from get3w_emulator.api.routing import base_url, json_body, route
from get3w_emulator.playground.calls import Call
from get3w_emulator.playground.checks import field_problems
from get3w_emulator.playground.history import Filter, entry, latest
from get3w_emulator.playground.names import in_order, locked_names, model_name, properties_of
from get3w_emulator.playground.sending import Sender
from get3w_emulator.schemas.catalogue import Model, default_folder
from get3w_emulator.schemas.validation import Judge, compiled
from get3w_emulator.state.world import World

_FOLDER = Path(__file__).with_name("static")
_MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}
# Listed once: nothing but these files is served, whatever a path says.
_FILES = {
    path.relative_to(_FOLDER).as_posix(): path
    for path in _FOLDER.rglob("*")
    if path.suffix in _MEDIA_TYPES
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
        self._sender = Sender(world)

    def routes(self) -> Iterator[Route]:
        """Yield the routes; all but the page itself are out of reach of fault rules."""
        yield route("/", get=self._page)
        yield route("/_emulator/page/{name:path}", get=self._file)
        yield route("/_emulator/about", get=self._about)
        yield route("/_emulator/models", get=self._models)
        yield route("/_emulator/models/{model_id:path}", get=self._model)
        yield route("/_emulator/check/{model_id:path}", post=self._check)
        yield route("/_emulator/history", get=self._history)
        yield route("/_emulator/history/{id}", get=self._task)
        yield route("/_emulator/send", post=self._send)
        yield route("/_emulator/status", get=self._status)

    async def _page(self, _: Request) -> Response:
        return _served("index.html")

    async def _file(self, request: Request) -> Response:
        return _served(request.path_params["name"])

    async def _about(self, _: Request) -> Response:
        text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
        return Response(text, media_type="text/plain; charset=utf-8")

    async def _models(self, request: Request) -> Response:
        models: list[JSON] = [self._summary(model) for model in self._world.catalogue.values()]
        return json_response({"api_key": self._key_for(request), "models": models})

    async def _model(self, request: Request) -> Response:
        model = self._found(request)
        schema = model.schema
        return json_response(
            {
                **self._summary(model),
                "note": schema.get("x-note"),
                "source": schema.get("x-source"),
                "order": [*in_order(schema)],
                "schema": schema,
            }
        )

    async def _check(self, request: Request) -> Response:
        """Validate `{"input", "webhook_url"}` and return how it would be sent."""
        model = self._found(request)
        body = await json_body(request)
        if not isinstance(body, dict):
            raise ApiError(400, problems=[Problem("", 'must be {"input": {...}}')])
        instance, webhook = body.get("input"), body.get("webhook_url")
        if not isinstance(instance, dict):
            reason = 'must be an object, the input of the model: {"input": {...}}'
            raise ApiError(400, problems=[Problem("/input", reason)])
        if not isinstance(webhook, str | None):
            raise ApiError(400, problems=[Problem("/webhook_url", "must be a string or null")])
        call = Call(model, model_name(model.id, self._names), instance, webhook)
        problems = field_problems(self._validator(model), instance)
        return json_response(
            {
                "problems": [{**vars(each)} for each in problems],
                "request": call.request(),
                "calls": call.programs(
                    base_url(request),
                    self._key_for(request),
                    command=find_spec("get3w_cli") is not None,
                ),
                "name_is_certain": call.name.locked,
            }
        )

    async def _history(self, request: Request) -> Response:
        """List the latest tasks that fit the query: the ledger may be too long to be sent."""
        query = request.query_params
        words = query.get("search", "").lower().split()
        names = ("status", "model", "fault")
        wanted = Filter(words, **{name: query.get(name) or None for name in names})
        return json_response(latest(self._world, wanted, base_url(request)))

    async def _task(self, request: Request) -> Response:
        """Return one task as it was sent and as it is now, also after a deletion."""
        wanted, predictions = request.path_params["id"], self._world.predictions
        tasks = predictions.accepted  # with those that were deleted, which are looked for
        if wanted in predictions:
            tasks = [predictions.get(wanted)]
        found = next((each for each in tasks if each.id == wanted), None)
        if found is None:
            raise ApiError(404)
        origin = base_url(request)
        shown = await self._world.shown(found, origin, found.origin.surface)
        summary = entry(self._world, found, origin)
        return json_response({**summary, "webhook_url": found.origin.webhook, "prediction": shown})

    async def _send(self, request: Request) -> Response:
        return json_response(await self._sender.send(request, await json_body(request)))

    async def _status(self, _: Request) -> Response:
        world, settings = self._world, self._world.settings
        return json_response(
            {
                "version": version("get3w-models"),
                "now": timestamp(now_ms(settings.clock)),
                "balance": float(world.account.balance),
                "balance_is_enforced": settings.balance is not None,
                "tasks": len(world.predictions.accepted),
                "tier": settings.tier,
                "image_seconds": settings.image_seconds / settings.speed,
                "keeps_state": settings.state is not None,
            }
        )

    def _key_for(self, request: Request) -> str | None:
        """Return the key if the page itself asks, in a browser on this machine."""
        settings = self._world.settings
        asked_by_page = request.headers.get("sec-fetch-site") == "same-origin"
        return settings.api_key if asked_by_page and is_loopback(settings.listen) else None

    def _summary(self, model: Model) -> JSONObject:
        return {
            "id": model.id,
            "name": model_name(model.id, self._names).text,
            "kind": model.kind,
            "price": model.listed_price,
            "charge": model.price,
            "parameters": len(properties_of(model.schema)),
            "takes": [*sorted(_media_taken(model.schema))],
            "description": model.description,
            "documented": model.schema.get("x-provenance") == "get3w-docs"
            or model.schema.get("x-get3w-listed") is True,
        }

    def _found(self, request: Request) -> Model:
        model_id = request.path_params["model_id"]
        if model_id not in self._world.catalogue:
            raise ApiError(404)
        return self._world.catalogue[model_id]

    def _validator(self, model: Model) -> Judge:
        if model.id not in self._validators:
            self._validators[model.id] = compiled(model.schema)
        return self._validators[model.id]


def _media_taken(schema: JSONObject) -> set[str]:
    """Return the kinds of media that parameters of a model take, one by one or in a list."""
    taken: set[str] = set()
    for each in properties_of(schema).values():
        described = each if isinstance(each, dict) else {}
        for part in (described, described.get("items")):
            kind = part.get("x-get3w-media") if isinstance(part, dict) else None
            taken |= {kind} if isinstance(kind, str) else set()
    return taken


def _served(name: str) -> Response:
    path = _FILES.get(name)
    if path is None:
        raise ApiError(404)
    return Response(path.read_bytes(), headers=_HEADERS, media_type=_MEDIA_TYPES[path.suffix])
