"""Deliveries for the tasks of a batch: each lets its row be settled at once."""

from __future__ import annotations

import asyncio
import threading
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from get3w_core import WebhookError, WebhookReceiver

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from get3w_core import SignatureScheme, WebhookDelivery

_MOST_EARLY: Final = 10_000


class BatchWebhooks:
    """Lets Get3W say when a task of a batch ended, so that nobody has to ask for it.

    Whatever serves the address hands each call to `deliver`, from any thread. A delivery that is
    not genuine is refused. One that is makes the batch ask for its task at once, and what the
    server answers counts, not what was delivered. Copies, and deliveries of tasks that the batch
    does not have, change nothing.

    Args:
        url: The address that Get3W calls: https, or http on this machine.
        secret: Makes and checks the token in it, such as `secrets.token_urlsafe(32)`. It has to be
            the same when the batch is resumed.
        signature: Checks signatures too, such as `WaveSpeedSignature`.

    Raises:
        ConfigurationError: The address or the secret cannot be used.
    """

    def __init__(self, url: str, secret: str, *, signature: SignatureScheme | None = None) -> None:
        self._url = url
        self._receiver = WebhookReceiver(secret=secret, signature=signature, replays=_AnyNumber())
        self._receiver.callback_url(url)  # says what is wrong with the address
        self._lock = threading.Lock()
        self._waiting: dict[str, tuple[asyncio.AbstractEventLoop, asyncio.Event]] = {}
        # Those that came before anybody waited, the oldest first.
        self._early: OrderedDict[str, WebhookDelivery] = OrderedDict()

    def deliver(self, *, url: str, headers: Mapping[str, str], body: bytes) -> int:
        """Take a call of the address, and return the HTTP status to answer it with.

        Args:
            url: The address that was called, or its query alone.
            headers: The headers, in any case.
            body: The bytes as they came.
        """
        try:
            delivery = self._receiver.receive(url=url, headers=headers, body=body)
        except WebhookError as error:
            return error.status_code
        attempt = delivery.reference
        if attempt is None:
            return 202  # of an address that this secret made for something else
        with self._lock:
            waiting = self._waiting.get(attempt)
            if waiting is None:
                self._early[attempt] = delivery
                if len(self._early) > _MOST_EARLY:
                    self._early.popitem(last=False)
            else:
                loop, arrived = waiting
                loop.call_soon_threadsafe(arrived.set)
        return 202

    def url_of(self, attempt: str) -> str:
        """Return the address for the task of one submit."""
        return self._receiver.callback_url(self._url, reference=attempt)

    def early(self, attempt: str) -> WebhookDelivery | None:
        """Return what was delivered for a submit that nobody waits for yet."""
        with self._lock:
            return self._early.get(attempt)

    @contextmanager
    def expecting(self, attempt: str) -> Generator[asyncio.Event]:
        """Give an event that is set once there is a delivery for a submit."""
        arrived = asyncio.Event()
        with self._lock:
            self._waiting[attempt] = (asyncio.get_running_loop(), arrived)
            if self._early.pop(attempt, None) is not None:
                arrived.set()
        try:
            yield arrived
        finally:
            with self._lock:
                del self._waiting[attempt]


class _AnyNumber:
    """Lets copies in: acting on one again changes nothing, so none has to be remembered."""

    def claim(self, key: str, until: float, now: float) -> bool:
        """Return that it may be acted on."""
        del key, until, now
        return True

    def release(self, key: str) -> None:
        """Do nothing: nothing was claimed."""
