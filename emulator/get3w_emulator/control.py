"""Control an emulator in this process: faults, outcomes, clock, ledger, webhooks, reset."""

import concurrent.futures
from asyncio import AbstractEventLoop
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar, cast

from get3w_emulator._common.json import JSON
from get3w_emulator.faults.outcomes import OutcomeRule
from get3w_emulator.faults.rules import FaultRule
from get3w_emulator.state.predictions import Submission
from get3w_emulator.state.webhooks import Attempt
from get3w_emulator.state.world import World

_T = TypeVar("_T")


class Emulator:
    """A running emulator.

    Args:
        url: Where it is.
        world: What it serves.
        loop: Returns the event loop it runs in; None before and after.

    Attributes:
        url: Where it is; the base URL of a client.
        api_key: The key it accepts.
    """

    def __init__(
        self, url: str, world: World, loop: Callable[[], AbstractEventLoop | None]
    ) -> None:
        self.url = url
        self.api_key = world.settings.api_key
        self._world = world
        self._loop = loop

    def ledger(self) -> list[Submission]:
        """Return every accepted task, in order."""
        return self._in_server(self._world.ledger)

    def faults(self, rules: Sequence[FaultRule]) -> None:
        """Make calls go wrong.

        Args:
            rules: Which, and how; they replace those before.

        Raises:
            RulesError: If they cannot be followed.
        """
        given = cast("JSON", list(rules))
        self._in_server(lambda: self._world.faults.replace(given))

    def outcomes(self, rules: Sequence[OutcomeRule]) -> None:
        """Say how predictions end that are submitted from now on.

        Args:
            rules: Which, and how; they replace those before.

        Raises:
            RulesError: If they cannot be followed.
        """
        given = cast("JSON", list(rules))
        self._in_server(lambda: self._world.outcomes.replace(given))

    def advance(self, seconds: float) -> None:
        """Move the clock forward, as if so much time had passed."""
        self._in_server(lambda: self._world.settings.clock.advance(seconds))

    def now(self) -> float:
        """Return the emulator's time, in seconds since the epoch."""
        return self._world.settings.clock.now()

    def deliveries(self) -> list[Attempt]:
        """Return every attempt to deliver a webhook, in order."""
        return self._in_server(lambda: list(self._world.deliveries.log))

    def balance(self) -> Decimal:
        """Return what the account holds, in USD."""
        return self._in_server(lambda: self._world.account.balance)

    def reset(self) -> None:
        """Forget everything that happened and all fault rules, and put the clock back."""
        self._in_server(self._world.reset)

    def _in_server(self, call: Callable[[], _T]) -> _T:
        """Run a call in the server's thread, where alone the world changes."""
        loop = self._loop()
        if loop is None or loop.is_closed():
            return call()
        future: concurrent.futures.Future[_T] = concurrent.futures.Future()

        def run() -> None:
            try:
                future.set_result(call())
            except Exception as error:  # noqa: BLE001  # it is raised again in the caller
                future.set_exception(error)

        loop.call_soon_threadsafe(run)
        return future.result()
