"""Deliver webhooks: a real HTTP call to whoever asked for it, once a prediction has ended.

Each attempt is one call and one line in the log. An answer of 2xx ends it; else the next attempt
follows after its delay, under the same `webhook-id`, until there are none left.
"""

import asyncio
import hmac
import json
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict, dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, cast

from get3w_emulator._common.clock import now_ms, timestamp
from get3w_emulator._common.json import JSONObject
from get3w_emulator.settings import Settings
from get3w_emulator.state.predictions import Prediction

if TYPE_CHECKING:
    import httpx

ANSWER_SECONDS = 30.0
"""How long a receiver may take."""

_AT_ONCE = 20  # small receivers refuse more connections than they can queue


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to deliver a webhook.

    Attributes:
        webhook_id: The same for all attempts at one webhook.
        prediction_id: Whose end it tells.
        url: Where it went.
        attempt: Which one it is, from 1.
        sent_at: When, in ISO 8601.
        status: The HTTP status of the answer; None without one.
        error: Why there was none.
        last: Whether no other follows.
    """

    webhook_id: str
    prediction_id: str
    url: str
    attempt: int
    sent_at: str
    status: int | None
    error: str | None
    last: bool

    def to_json(self) -> JSONObject:
        """Return it as the admin call shows it."""
        return cast("JSONObject", asdict(self))


class Deliveries:
    """Delivers webhooks and keeps the log.

    Args:
        settings: Hold the clock, the delays and the secret.
        payload: Returns what is told of a prediction; None if it was deleted.
        logged: Is told of each attempt.
    """

    def __init__(
        self,
        settings: Settings,
        payload: Callable[[Prediction], Awaitable[JSONObject | None]],
        logged: Callable[[Attempt], None],
    ) -> None:
        self._settings = settings
        self._payload = payload
        self._logged = logged
        self._tasks: set[asyncio.Task[None]] = set()
        self._client: httpx.AsyncClient | None = None
        self._gate = asyncio.Semaphore(_AT_ONCE)
        self.log: list[Attempt] = []

    def schedule(self, prediction: Prediction, made: int = 0) -> None:
        """Tell the end of a prediction when it comes.

        Args:
            prediction: A prediction with a webhook.
            made: How many attempts there were already.
        """
        url = prediction.origin.webhook
        if url is not None and made < len(self._settings.webhook_delays):
            self._start(self._deliver(prediction, url, made))

    def cancel(self) -> None:
        """Give up all that is under way and forget the log."""
        for task in self._tasks:
            task.cancel()
        self.log.clear()

    async def close(self) -> None:
        """End what is under way."""
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _deliver(self, prediction: Prediction, url: str, made: int) -> None:
        clock, delays = self._settings.clock, self._settings.webhook_delays
        await clock.until(prediction.ends_ms / 1000)
        for number in range(made, len(delays)):
            await clock.until(clock.now() + delays[number])
            payload = await self._payload(prediction)
            if payload is None:
                return
            webhook_id = f"evt_{prediction.id.removeprefix('pred_')}"
            sent_at = timestamp(now_ms(clock))
            async with self._gate:
                status, error = await self._send(url, webhook_id, payload)
            last = number + 1 == len(delays) or (status is not None and 200 <= status < 300)
            attempt = Attempt(
                webhook_id, prediction.id, url, number + 1, sent_at, status, error, last
            )
            self.log.append(attempt)
            self._logged(attempt)
            if last:
                return

    async def _send(
        self, url: str, webhook_id: str, payload: JSONObject
    ) -> tuple[int | None, str | None]:
        import httpx  # costs too much for a start, and most runs have no webhook

        if self._client is None:
            # Environment settings for proxies are for the way out; a receiver is mostly local.
            self._client = httpx.AsyncClient(trust_env=False, timeout=ANSWER_SECONDS)
        body = json.dumps(payload, separators=(",", ":")).encode("ascii")
        headers = signed_headers(webhook_id, body, self._settings.webhook_secret)
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                # The status is all that counts; a body may be long, or without end.
                sending = self._client.stream("POST", url, content=body, headers=headers)
                async with sending as answer:
                    status = answer.status_code
        except TimeoutError:
            return None, f"no answer within {ANSWER_SECONDS:.0f} seconds"
        except (httpx.HTTPError, httpx.InvalidURL, ValueError) as error:
            return None, str(error) or type(error).__name__
        return status, None


def signed_headers(webhook_id: str, body: bytes, secret: str | None) -> dict[str, str]:
    """Return the headers of a delivery, signed the way WaveSpeed does if there is a secret.

    The time is the machine's, not the emulator's: receivers compare it with theirs.
    """
    sent = str(int(time.time()))
    headers = {
        "content-type": "application/json",
        "webhook-id": webhook_id,
        "webhook-timestamp": sent,
    }
    if secret is not None:
        key = secret.removeprefix("whsec_").encode("utf-8")
        text = f"{webhook_id}.{sent}.".encode() + body
        headers["webhook-signature"] = f"v3,{hmac.new(key, text, sha256).hexdigest()}"
    return headers
