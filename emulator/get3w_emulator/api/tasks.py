"""What both surfaces do with tasks: accept one, and show what became of it."""

from typing import ClassVar

from starlette.requests import Request
from starlette.responses import Response

from get3w_emulator._common.json import JSONObject
from get3w_emulator._common.responses import ApiError, Surface, success
from get3w_emulator.api.request_log import FAULT_KEY
from get3w_emulator.api.routing import base_url, json_body
from get3w_emulator.state.predictions import Origin, Prediction
from get3w_emulator.state.world import World


class TaskHandlers:
    """The handlers of a surface that are about tasks.

    Args:
        world: What they work on.
    """

    _surface: ClassVar[Surface]

    def __init__(self, world: World) -> None:
        self._world = world

    def _find(self, request: Request) -> None:
        if request.path_params["model_id"] not in self._world.catalogue:
            raise ApiError(404)

    async def _submit(self, request: Request) -> Response:
        body = await json_body(request)
        webhook, fault = request.query_params.get("webhook"), request.scope.get(FAULT_KEY)
        origin = Origin(self._surface, base_url(request), webhook, fault)
        prediction = self._world.submit(request.path_params["model_id"], body, origin)
        if self._is_sync(request, prediction):
            await self._world.finished(prediction)
            return await self._shown(request, prediction)
        return success(self._surface, self._accepted(prediction, origin.base_url))

    async def _result(self, request: Request) -> Response:
        return await self._shown(request, self._world.predictions.get(request.path_params["id"]))

    async def _shown(self, request: Request, prediction: Prediction) -> Response:
        shown = await self._world.shown(prediction, base_url(request), self._surface)
        return success(self._surface, shown)

    def _is_sync(self, request: Request, prediction: Prediction, /) -> bool:
        """Tell whether a submit is answered only with the result."""
        raise NotImplementedError

    def _accepted(self, prediction: Prediction, origin: str, /) -> JSONObject:
        """Return the answer to any other submit."""
        raise NotImplementedError
