"""Serve an emulator over HTTP: for a command, or beside a running program."""

import asyncio
import errno
import os
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import TypeVar, cast

import uvicorn

from get3w_emulator._common.clock import Clock, SystemClock
from get3w_emulator._common.problems import SetupError
from get3w_emulator.app import app_of
from get3w_emulator.connection import ClosableProtocol
from get3w_emulator.control import Emulator
from get3w_emulator.settings import DEFAULT_API_KEY, WEBHOOK_DELAYS, Settings, Tier
from get3w_emulator.state.world import World

_GRACE_SECONDS = 1
_MOST_CONNECTIONS = 20_000
_E = TypeVar("_E", bound=Emulator)


class EmulatorServer(uvicorn.Server):
    """Serves a world on a socket.

    Args:
        world: What is served.
        on_ready: Called when it answers.
        log: Called with a line about each call; None logs nothing.
    """

    def __init__(
        self,
        world: World,
        on_ready: Callable[[], None],
        log: Callable[[str], None] | None = None,
    ) -> None:
        config = uvicorn.Config(
            app_of(world, log),
            http=ClosableProtocol,
            loop="asyncio",
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=_GRACE_SECONDS,
            limit_concurrency=_MOST_CONNECTIONS,
        )
        super().__init__(config)
        self._on_ready = on_ready
        self.loop: asyncio.AbstractEventLoop | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to answer."""
        await super().startup(sockets)
        self.loop = asyncio.get_running_loop()
        self._on_ready()


def listening(host: str, port: int) -> socket.socket:
    """Return a socket that listens.

    Args:
        host: The address to listen on.
        port: The port; 0 is any that is free.

    Raises:
        SetupError: If it cannot, because the port is taken for example.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2048)
    except (OSError, OverflowError, UnicodeError) as error:
        raise SetupError(f"cannot listen on {host}:{port}: {_reason(error)}") from error


def _reason(error: Exception) -> str:
    number = error.errno if isinstance(error, OSError) else None
    if number is not None and number in errno.errorcode:
        return os.strerror(number)  # `socket` adds words of its own to `error.strerror`
    return str(error)


def url_of(listener: socket.socket) -> str:
    """Return the address under which a client on this machine reaches a socket."""
    address = cast("tuple[str, int]", listener.getsockname()[:2])
    host, port = address
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host) or host  # noqa: S104  # compared only
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def running(
    *,
    port: int = 0,
    schemas: Path | None = None,
    api_key: str = DEFAULT_API_KEY,
    image_seconds: float = 0.05,
    speed: float = 1.0,
    fail_rate: float = 0.0,
    moderated: tuple[str, ...] = (),
    seed: int | None = None,
    tier: Tier | None = None,
    balance: Decimal | None = None,
    billing_lag: float = 0.0,
    history: bool = False,
    webhook_secret: str | None = None,
    webhook_delays: tuple[float, ...] = WEBHOOK_DELAYS,
    state: Path | None = None,
    clock: Clock | None = None,
    hosts: tuple[str, ...] = (),
) -> Generator[Emulator]:
    """Run an emulator beside this program, on 127.0.0.1, until the block is left.

    Args:
        port: The port; 0 is any that is free.
        schemas: The folder of model schemas; None means those that come with the emulator.
        api_key: The one key that is accepted.
        image_seconds: How long a prediction of an image takes; other kinds take a multiple.
        speed: By how much all predictions are faster than that.
        fail_rate: Which share of the predictions ends in an internal error, 0 to 1.
        moderated: Words; a prompt that holds one fails in content moderation.
        seed: Makes ids and chances the same in every run.
        tier: The account level whose concurrency limit holds; None means no limit.
        balance: What the account holds, in USD; None means that nothing is refused for it.
        billing_lag: How many seconds after the charge a record appears in the billings.
        history: Whether WaveSpeed's `POST /api/v3/predictions` is served.
        webhook_secret: What webhooks are signed with; None leaves them unsigned.
        webhook_delays: The seconds before each attempt to deliver a webhook.
        state: The file that keeps the state; None keeps it in memory.
        clock: Where the time comes from; a `ManualClock` stands still until moved.
        hosts: Further host names that it answers to, beside those of this machine.

    Yields:
        The emulator, which answers from the first line of the block on.

    Raises:
        SetupError: If it cannot start.
    """
    settings = Settings(
        schemas=schemas,
        api_key=api_key,
        image_seconds=image_seconds,
        speed=speed,
        fail_rate=fail_rate,
        moderated=moderated,
        seed=seed,
        tier=tier,
        balance=balance,
        billing_lag=billing_lag,
        history=history,
        webhook_secret=webhook_secret,
        webhook_delays=webhook_delays,
        state=state,
        clock=clock or SystemClock(),
        hosts=hosts,
    )
    with serving(settings, port=port, make=Emulator) as emulator:
        yield emulator


@contextmanager
def serving(settings: Settings, *, port: int = 0, make: type[_E]) -> Generator[_E]:
    """Run an emulator as `running` does.

    Yields:
        The emulator.

    Raises:
        SetupError: If it cannot start.
    """
    with listening("127.0.0.1", port) as listener:
        world = World(settings)
        ready = threading.Event()
        server = EmulatorServer(world, ready.set)

        def serve() -> None:
            try:
                server.run([listener])
            finally:
                ready.set()  # also if it never came to answer

        thread = threading.Thread(target=serve, name="get3w-emulator", daemon=True)
        thread.start()
        ready.wait()
        if server.loop is None:
            raise SetupError("the server did not start; its log says why")
        try:
            yield make(url_of(listener), world, lambda: server.loop)
        finally:
            server.should_exit = True
            thread.join()
