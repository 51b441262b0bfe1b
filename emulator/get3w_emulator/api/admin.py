"""Routes beside the API that need no key: outputs, uploads, and the admin calls."""

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from get3w_emulator._common.clock import now_ms, timestamp
from get3w_emulator._common.json import JSON
from get3w_emulator._common.problems import Problem, RulesError
from get3w_emulator._common.responses import ApiError, json_response
from get3w_emulator.api.openapi import document
from get3w_emulator.api.routing import base_url, json_body, route
from get3w_emulator.faults.outcomes import Outcomes
from get3w_emulator.faults.rules import Faults
from get3w_emulator.state.world import World

_MOST_SECONDS = 366 * 86_400


class Local:
    """The handlers of what is not Get3W's.

    Args:
        world: What they work on.
    """

    def __init__(self, world: World) -> None:
        self._world = world

    def routes(self) -> Iterator[Route]:
        """Yield the routes."""
        yield route("/openapi.json", get=self._openapi)
        yield route("/_outputs/{prediction_id}/{name}", get=self._output)
        yield route("/_uploads/{name}", get=self._uploaded)
        yield route("/_emulator/ledger", get=self._ledger)
        yield route("/_emulator/reset", post=self._reset)
        yield route("/_emulator/faults", get=self._rules, post=self._faults)
        yield route("/_emulator/outcomes", get=self._outcome_rules, post=self._outcomes)
        yield route("/_emulator/clock", get=self._time, post=self._advance)
        yield route("/_emulator/webhooks", get=self._webhooks)

    async def _openapi(self, request: Request) -> Response:
        return json_response(document(self._world.catalogue, base_url(request)))

    async def _output(self, request: Request) -> Response:
        content, media_type = await self._world.output(**request.path_params)
        return Response(content, media_type=media_type)

    async def _uploaded(self, request: Request) -> Response:
        upload = self._world.uploads.get(request.path_params["name"])
        return Response(upload.content, media_type=upload.media_type)

    async def _ledger(self, _: Request) -> Response:
        submissions: list[JSON] = [each.to_json() for each in self._world.ledger()]
        return json_response({"submissions": submissions})

    async def _reset(self, _: Request) -> Response:
        self._world.reset()
        return json_response({"submissions": []})

    async def _rules(self, _: Request) -> Response:
        return json_response({"rules": [*self._world.faults.to_json()]})

    async def _faults(self, request: Request) -> Response:
        return await _replaced(self._world.faults, request)

    async def _outcome_rules(self, _: Request) -> Response:
        return json_response({"rules": self._world.outcomes.to_json()})

    async def _outcomes(self, request: Request) -> Response:
        return await _replaced(self._world.outcomes, request)

    async def _time(self, _: Request) -> Response:
        return json_response({"now": timestamp(now_ms(self._world.settings.clock))})

    async def _advance(self, request: Request) -> Response:
        """Move the clock as `{"advance": seconds}` says."""
        body = await json_body(request)
        seconds = body.get("advance") if isinstance(body, dict) else None
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ApiError(400, problems=[Problem("/advance", "is not a number of seconds")])
        if not 0 <= seconds <= _MOST_SECONDS:
            raise ApiError(400, problems=[Problem("/advance", f"is not 0 to {_MOST_SECONDS}")])
        self._world.settings.clock.advance(seconds)
        return await self._time(request)

    async def _webhooks(self, _: Request) -> Response:
        deliveries: list[JSON] = [each.to_json() for each in self._world.deliveries.log]
        return json_response({"deliveries": deliveries})


async def _replaced(rules: Faults | Outcomes, request: Request) -> Response:
    try:
        count = rules.replace(await json_body(request))
    except RulesError as error:
        raise ApiError(400, str(error), problems=error.problems) from error
    return json_response({"rules": count})
