"""The whole API as one ASGI application."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response

from get3w_emulator._common.responses import ApiError, failure, surface_of
from get3w_emulator.api.access import AccessMiddleware, AllowedHosts
from get3w_emulator.api.admin import Local
from get3w_emulator.api.dating import DatingMiddleware
from get3w_emulator.api.faults import StrikingMiddleware
from get3w_emulator.api.limits import LimitsMiddleware
from get3w_emulator.api.request_log import RequestLogMiddleware
from get3w_emulator.api.v1 import V1
from get3w_emulator.api.v3 import V3
from get3w_emulator.playground.page import Playground
from get3w_emulator.settings import Settings
from get3w_emulator.state.world import World


def create_app(settings: Settings | None = None) -> Starlette:
    """Make an emulator that some ASGI server can serve.

    Args:
        settings: How it is set up; without it, as the command does.

    Returns:
        The application. Under a server other than `running` and the command, faults cannot
        close connections: they end in an error of the server instead.

    Raises:
        SetupError: If the settings make no sense or the schemas cannot be read.
    """
    return app_of(World(settings or Settings()))


def app_of(world: World, log: Callable[[str], None] | None = None) -> Starlette:
    """Return the application that works on a world.

    Args:
        world: What it serves.
        log: Called with a line about each call; None logs nothing.
    """
    settings = world.settings

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncGenerator[None]:
        world.resume()
        yield
        await world.close()

    app = Starlette(
        routes=[
            *Playground(world).routes(),
            *Local(world).routes(),
            *V3(world).routes(),
            *V1(world).routes(),
        ],
        middleware=[
            *([] if log is None else [Middleware(RequestLogMiddleware, write=log)]),
            Middleware(AccessMiddleware, hosts=AllowedHosts(settings.listen, settings.hosts)),
            Middleware(DatingMiddleware, clock=settings.clock),
            Middleware(StrikingMiddleware, faults=world.faults, asked=world.asked_faults),
            Middleware(LimitsMiddleware, api_key=settings.api_key),
        ],
        exception_handlers={404: _not_found, Exception: _broken},
        lifespan=lifespan,
    )
    app.router.redirect_slashes = False
    return app


async def _not_found(request: Request, _: Exception) -> Response:
    return failure(surface_of(request.scope["path"]), ApiError(404))


async def _broken(request: Request, _: Exception) -> Response:
    # The server logs the error.
    return failure(surface_of(request.scope["path"]), ApiError(500))
