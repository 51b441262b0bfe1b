"""The v3 surface, whose answers come in an envelope."""

from collections.abc import Iterator

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from get3w_emulator._common.clock import timestamp
from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator._common.problems import Problem
from get3w_emulator._common.responses import ApiError, success
from get3w_emulator.api.history import history
from get3w_emulator.api.routing import Handler, base_url, json_body, route
from get3w_emulator.api.tasks import TaskHandlers
from get3w_emulator.schemas.catalogue import Model
from get3w_emulator.state.predictions import Prediction
from get3w_emulator.state.uploads import UPLOAD_PATH


class V3(TaskHandlers):
    """The handlers of the v3 surface."""

    _surface = "v3"

    def routes(self) -> Iterator[Route]:
        """Yield the routes: fixed paths before those with an id, and submit, for any path, last."""
        key = self._world.settings.api_key
        reads: dict[str, Handler] = {
            "models": self._models,
            "balance": self._balance,
            "usage": self._usage,
            "billings": self._billings,
        }
        for name, handler in reads.items():
            yield route(f"/api/v3/{name}", api_key=key, get=handler)
        if self._world.settings.history:
            yield route("/api/v3/predictions", api_key=key, post=self._history)
        prediction = "/api/v3/predictions/{id}"
        yield route(prediction, api_key=key, get=self._result, delete=self._delete)
        yield route(f"{prediction}/result", api_key=key, get=self._result)
        yield route(UPLOAD_PATH, api_key=key, post=self._upload)
        yield route("/api/v3/{model_id:path}", api_key=key, check=self._find, post=self._submit)

    def _is_sync(self, _: Request, prediction: Prediction) -> bool:
        return prediction.input.get("enable_sync_mode") is True

    def _accepted(self, prediction: Prediction, origin: str) -> JSONObject:
        return {
            "id": prediction.id,
            "model": prediction.model.id,
            "status": "created",
            "urls": {"get": prediction.url(origin, "v3")},
            "created_at": timestamp(prediction.accepted_ms),
        }

    async def _history(self, request: Request) -> Response:
        body = await json_body(request)
        return success("v3", await history(self._world, base_url(request), body))

    async def _delete(self, request: Request) -> Response:
        self._world.delete(request.path_params["id"])
        return success("v3", None)

    async def _upload(self, request: Request) -> Response:
        try:
            async with request.form() as form:
                file = form.get("file")
                if not isinstance(file, UploadFile):
                    raise ApiError(400, problems=[Problem("/file", "is not there, or no file")])
                name = self._world.upload(
                    file.filename or "", file.content_type or "", await file.read()
                )
        except HTTPException as error:
            raise ApiError(400, problems=[Problem("", error.detail)]) from error
        return success("v3", {"url": f"{base_url(request)}/_uploads/{name}"})

    async def _models(self, request: Request) -> Response:
        origin = base_url(request)
        models: list[JSON] = [
            _listed(model, order, origin)
            for order, model in enumerate(self._world.catalogue.values(), start=1)
        ]
        return success("v3", models)

    async def _balance(self, _: Request) -> Response:
        return success("v3", {"balance": float(self._world.account.balance)})

    async def _usage(self, request: Request) -> Response:
        query = request.query_params
        usage = self._world.account.usage(
            query.get("period"), query.get("start_date"), query.get("end_date")
        )
        return success("v3", usage)

    async def _billings(self, request: Request) -> Response:
        query = request.query_params
        page = self._world.account.billings(
            query.get("page"), query.get("per_page"), query.get("type")
        )
        return success("v3", page)


def _listed(model: Model, order: int, origin: str) -> JSONObject:
    run: JSONObject = {
        "type": "model_run",
        "method": "POST",
        "server": origin,
        "api_path": f"/api/v3/{model.id}",
        "request_schema": model.schema,
    }
    return {
        "model_id": model.id,
        "name": model.id,
        "base_price": model.price,
        "description": model.description,
        "type": model.kind,
        "sort_order": order,
        "api_schema": {"api_schemas": [run]},
    }
