"""The v1 surface, whose answers are flat."""

import math
from collections.abc import Iterator

from starlette.requests import Request
from starlette.routing import Route

from get3w_emulator._common.json import JSONObject
from get3w_emulator.api.routing import route
from get3w_emulator.api.tasks import TaskHandlers
from get3w_emulator.state.predictions import Prediction


class V1(TaskHandlers):
    """The handlers of the v1 surface."""

    _surface = "v1"

    def routes(self) -> Iterator[Route]:
        """Yield the routes; submit takes any path, so it comes last."""
        key = self._world.settings.api_key
        yield route("/v1/requests/{id}", api_key=key, get=self._result)
        yield route("/v1/{model_id:path}", api_key=key, check=self._find, post=self._submit)

    def _is_sync(self, request: Request, _: Prediction) -> bool:
        return request.query_params.get("sync") == "true"

    def _accepted(self, prediction: Prediction, _: str) -> JSONObject:
        return {
            "id": prediction.id,
            "status": "created",
            "estimated_duration": math.ceil(prediction.takes_ms / 1000),
        }
