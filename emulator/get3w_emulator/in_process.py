"""An emulator without a socket: httpx calls the application itself.

It runs in a thread of its own, so that a synchronous client can call it, and so that webhooks
and calls that wait go on between the calls.
"""

import asyncio
import threading
from asyncio import AbstractEventLoop
from collections.abc import Callable, Generator
from concurrent.futures import Future
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import TypeVar

import httpx
from starlette.applications import Starlette

from get3w_emulator.app import app_of
from get3w_emulator.control import Emulator
from get3w_emulator.settings import Settings
from get3w_emulator.state.world import World

URL = "http://emulator.test"
"""Where it seems to be; nothing is ever looked up."""


class InProcessEmulator(Emulator):
    """An emulator that only the transports it gives can reach.

    Args:
        url: Where it seems to be.
        world: What it serves.
        loop: Returns the event loop it runs in.
    """

    def __init__(
        self, url: str, world: World, loop: Callable[[], AbstractEventLoop | None]
    ) -> None:
        super().__init__(url, world, loop)
        self._app = app_of(world)

    @property
    def app(self) -> Starlette:
        """The application."""
        return self._app

    def transport(self) -> "InProcessTransport":
        """Return what an `httpx.Client` or an `httpx.AsyncClient` reaches the emulator through."""
        loop = self._loop()
        assert loop is not None
        return InProcessTransport(self._app, loop)


class InProcessTransport(httpx.BaseTransport, httpx.AsyncBaseTransport):
    """Carries calls to an application in another thread.

    Args:
        app: The application.
        loop: The event loop it runs in.
    """

    def __init__(self, app: Starlette, loop: AbstractEventLoop) -> None:
        self._inner = httpx.ASGITransport(app)
        self._loop = loop

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a call and wait for the answer."""
        request.read()
        return self._started(request).result()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Carry a call; the caller's event loop stays free."""
        await request.aread()
        return await asyncio.wrap_future(self._started(request))

    def _started(self, request: httpx.Request) -> Future[httpx.Response]:
        # A body that was read can be sent from any thread; a stream of the caller's cannot.
        copy = httpx.Request(
            request.method, request.url, headers=request.headers, content=request.content
        )
        timeout = request.extensions.get("timeout", {}).get("read")
        return asyncio.run_coroutine_threadsafe(self._carried(copy, request, timeout), self._loop)

    async def _carried(
        self, copy: httpx.Request, request: httpx.Request, seconds: float | None
    ) -> httpx.Response:
        try:
            async with asyncio.timeout(seconds):
                answer = await self._inner.handle_async_request(copy)
                content = await answer.aread()
        except TimeoutError:
            raise httpx.ReadTimeout("The read operation timed out", request=request) from None
        except ConnectionResetError:
            message = "Server disconnected without sending a response."
            raise httpx.RemoteProtocolError(message, request=request) from None
        return httpx.Response(answer.status_code, headers=answer.headers, content=content)


_E = TypeVar("_E", bound=InProcessEmulator)


@contextmanager
def in_process(settings: Settings | None = None) -> Generator[InProcessEmulator]:
    """Run an emulator in this process, with no port, until the block is left.

    Args:
        settings: How it is set up; without it, as `running` does.

    Yields:
        The emulator; `httpx.Client(transport=emulator.transport())` calls it.

    Raises:
        SetupError: If it cannot start.
    """
    with hosting(settings or Settings(image_seconds=0.05), make=InProcessEmulator) as emulator:
        yield emulator


@contextmanager
def hosting(settings: Settings, *, make: type[_E]) -> Generator[_E]:
    """Run an emulator as `in_process` does.

    Yields:
        The emulator.
    """
    world = World(settings)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="get3w-emulator", daemon=True)
    thread.start()
    emulator = make(URL, world, lambda: loop)
    lifespan = emulator.app.router.lifespan_context(emulator.app)
    try:
        asyncio.run_coroutine_threadsafe(lifespan.__aenter__(), loop).result()
        try:
            yield emulator
        finally:
            asyncio.run_coroutine_threadsafe(_ended(lifespan), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _ended(lifespan: AbstractAsyncContextManager[object]) -> None:
    """End the lifespan, and every call that still waits."""
    own = asyncio.current_task()
    tasks = [task for task in asyncio.all_tasks() if task is not own]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await lifespan.__aexit__(None, None, None)
