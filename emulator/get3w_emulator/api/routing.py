"""Route a path and a method to a handler, and turn what it raises into an answer."""

import hmac
import json
import logging
from collections.abc import Awaitable, Callable
from typing import TypeAlias

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from get3w_emulator._common.json import JSON
from get3w_emulator._common.problems import Problem
from get3w_emulator._common.responses import (
    MALFORMED_AUTHORIZATION,
    MISSING_AUTHORIZATION,
    UNKNOWN_KEY,
    ApiError,
    failure,
    surface_of,
)

Handler: TypeAlias = Callable[[Request], Awaitable[Response]]
"""What answers a call."""

_log = logging.getLogger("get3w_emulator")


def route(
    path: str,
    *,
    api_key: str | None = None,
    check: Callable[[Request], None] | None = None,
    **handlers: Handler,
) -> Route:
    """Return the route of a path.

    Args:
        path: The path, as Starlette writes it.
        api_key: The key that a call must show; None if it needs none.
        check: Raises an `ApiError` if there is nothing at this path, whatever the method.
        handlers: What answers each method, by its name in lower case.
    """
    methods = {name.upper(): handler for name, handler in handlers.items()}
    return Route(path, endpoint=_Endpoint(methods, api_key, check))


class _Endpoint:
    """Answers all methods of a path.

    Starlette would let the submit route, which takes any path, answer a method that a fixed
    route does not have.
    """

    def __init__(
        self,
        handlers: dict[str, Handler],
        api_key: str | None,
        check: Callable[[Request], None] | None,
    ) -> None:
        self._handlers = handlers
        self._api_key = api_key
        self._check = check

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        response = await self._response(request)
        await response(scope, receive, send)

    async def _response(self, request: Request) -> Response:
        try:
            if self._api_key is not None:
                check_key(request, self._api_key)
            if self._check is not None:
                self._check(request)
            method = "GET" if request.method == "HEAD" else request.method
            handler = self._handlers.get(method)
            if handler is None:
                raise ApiError(405, headers={"Allow": ", ".join(self._handlers)})
            return await handler(request)
        except ApiError as error:
            return failure(surface_of(request.scope["path"]), error)
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        except Exception:  # noqa: BLE001  # whatever it is, the caller gets an answer
            _log.exception("%s %s failed", request.method, request.scope["path"])
            return failure(surface_of(request.scope["path"]), ApiError(500))


def has_key(headers: Headers, api_key: str) -> bool:
    """Tell whether the headers of a call show the key."""
    given = headers.get("authorization", "").removeprefix("Bearer ")
    return hmac.compare_digest(given.encode("utf-8"), api_key.encode("utf-8"))


def check_key(request: Request, api_key: str) -> None:
    """Make sure that a call shows the key.

    Raises:
        ApiError: 401 if not.
    """
    given = request.headers.get("authorization")
    if given is None:
        raise ApiError(401, MISSING_AUTHORIZATION)
    scheme, _, key = given.partition(" ")
    if scheme != "Bearer" or not key or " " in key:
        raise ApiError(401, MALFORMED_AUTHORIZATION)
    if not has_key(request.headers, api_key):
        raise ApiError(401, UNKNOWN_KEY)


async def json_body(request: Request) -> JSON:
    """Return the body of a call.

    Raises:
        ApiError: 400 if it is not JSON.
    """
    try:
        value: JSON = json.loads(
            await request.body(), parse_float=_finite, parse_constant=_not_json
        )
    except (ValueError, RecursionError) as error:
        raise ApiError(400, problems=[Problem("", f"is not JSON: {error}")]) from error
    return value


def base_url(request: Request) -> str:
    """Return the origin under which the caller reached this server."""
    return str(request.base_url).rstrip("/")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError(f"{text} is too large")
    return value


def _not_json(text: str) -> float:
    raise ValueError(f"{text} is not a JSON value")
