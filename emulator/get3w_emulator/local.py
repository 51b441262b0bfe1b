"""What the emulator serves beside the API: outputs, uploads and its admin calls, without a key."""

from collections.abc import Iterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from get3w_emulator.answers import ApiError, json_response
from get3w_emulator.clock import now_ms
from get3w_emulator.faults import FaultRulesError
from get3w_emulator.jsontypes import JSON
from get3w_emulator.pictures import picture
from get3w_emulator.routing import json_body, route
from get3w_emulator.world import World


class Local:
    """The handlers of what is not Get3W's.

    Args:
        world: What they work on.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield route("/_outputs/{id}/0.png", get=self._output)
        yield route("/_uploads/{name}", get=self._uploaded)
        yield route("/_emulator/ledger", get=self._ledger)
        yield route("/_emulator/reset", post=self._reset)
        yield route("/_emulator/faults", get=self._rules, post=self._faults)

    async def _output(self, request: Request) -> Response:
        prediction = self._world.predictions.get(request.path_params["id"])
        if prediction.status(now_ms(self._world.settings.clock)) != "completed":
            raise ApiError(404)
        # Drawing takes long enough to keep other calls waiting.
        content = await run_in_threadpool(
            picture, prediction.model.id, prediction.input, prediction.prompt
        )
        return Response(content, media_type="image/png")

    async def _uploaded(self, request: Request) -> Response:
        upload = self._world.uploads.get(request.path_params["name"])
        return Response(upload.content, media_type=upload.media_type)

    async def _ledger(self, request: Request) -> Response:
        del request
        submissions: list[JSON] = [each.to_json() for each in self._world.ledger()]
        return json_response({"submissions": submissions})

    async def _reset(self, request: Request) -> Response:
        del request
        self._world.reset()
        return json_response({"submissions": []})

    async def _rules(self, request: Request) -> Response:
        del request
        return json_response({"rules": [*self._world.faults.to_json()]})

    async def _faults(self, request: Request) -> Response:
        try:
            count = self._world.faults.replace(await json_body(request))
        except FaultRulesError as error:
            raise ApiError(400, str(error), problems=error.problems) from error
        return json_response({"rules": count})
