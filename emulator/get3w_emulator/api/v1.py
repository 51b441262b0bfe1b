"""The v1 surface, whose answers are flat."""

import math
from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from get3w_emulator._common.json import JSONObject
from get3w_emulator._common.responses import ApiError, success
from get3w_emulator.api.request_log import FAULT_KEY
from get3w_emulator.api.routing import base_url, json_body, route
from get3w_emulator.state.predictions import Origin, Prediction
from get3w_emulator.state.world import World


class V1:
    """The handlers of the v1 surface.

    Args:
        world: What they work on.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> Iterator[Route]:
        """Yield the routes; submit takes any path, so it comes last."""
        key = self._world.settings.api_key
        yield route("/v1/requests/{id}", api_key=key, get=self._result)
        yield route("/v1/{model_id:path}", api_key=key, check=self._find, post=self._submit)

    def _find(self, request: Request) -> None:
        if request.path_params["model_id"] not in self._world.catalogue:
            raise ApiError(404)

    async def _submit(self, request: Request) -> Response:
        model_id = request.path_params["model_id"]
        body = await json_body(request)
        webhook, fault = request.query_params.get("webhook"), request.scope.get(FAULT_KEY)
        origin = Origin("v1", base_url(request), webhook, fault)
        prediction = self._world.submit(model_id, body, origin)
        if request.query_params.get("sync") == "true":
            await self._world.finished(prediction)
            return success("v1", await self._shown(prediction, request))
        accepted: JSONObject = {
            "id": prediction.id,
            "status": "created",
            "estimated_duration": math.ceil(prediction.takes_ms / 1000),
        }
        return success("v1", accepted)

    async def _result(self, request: Request) -> Response:
        prediction = self._world.predictions.get(request.path_params["id"])
        return success("v1", await self._shown(prediction, request))

    async def _shown(self, prediction: Prediction, request: Request) -> JSONObject:
        return await self._world.shown(prediction, base_url(request), "v1")
