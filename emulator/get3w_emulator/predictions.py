"""Predictions: what was accepted, and how far each one is.

Nothing runs in the background. A prediction's state follows from when it was accepted and what
the clock says when somebody asks.
"""

import secrets
import uuid
from dataclasses import dataclass

from get3w_emulator.answers import ApiError, Surface
from get3w_emulator.clock import Clock, now_ms, timestamp
from get3w_emulator.jsontypes import JSON, JSONObject
from get3w_emulator.schemas import Model
from get3w_emulator.settings import CONCURRENCY, Tier

FAIL_MARK = "[[fail]]"
"""A prompt that holds this text ends as failed."""

TASK_FAILED = 1403
"""The task error code of such a prediction: task execution failed."""

_QUEUED_SHARE = 5  # One fifth of its time a prediction is `created`, the rest `processing`.


@dataclass(frozen=True)
class Submission:
    """One accepted submit, as the ledger keeps it.

    Attributes:
        id: The prediction's id.
        model: The model id.
        input: What was sent, without `webhook_url`.
        accepted_at: When, in ISO 8601.
    """

    id: str
    model: str
    input: JSONObject
    accepted_at: str

    def to_json(self) -> JSONObject:
        """Return it as the admin call shows it."""
        return {
            "id": self.id,
            "model": self.model,
            "input": self.input,
            "accepted_at": self.accepted_at,
        }


@dataclass(frozen=True)
class Prediction:
    """One prediction.

    Attributes:
        id: Its id.
        model: The model that makes it.
        input: What was sent, without `webhook_url`.
        accepted_ms: When it was accepted.
        takes_ms: How long it takes.
        webhook: Where the caller wants to hear of its end, if anywhere.
    """

    id: str
    model: Model
    input: JSONObject
    accepted_ms: int
    takes_ms: int
    webhook: str | None = None

    @property
    def ends_ms(self) -> int:
        """When it is finished."""
        return self.accepted_ms + self.takes_ms

    @property
    def prompt(self) -> str:
        """What it is asked for, in words."""
        value = self.input.get("prompt", self.input.get("text"))
        return value if isinstance(value, str) else ""

    @property
    def submission(self) -> Submission:
        """Its entry in the ledger."""
        return Submission(self.id, self.model.id, self.input, timestamp(self.accepted_ms))

    def status(self, at_ms: int) -> str:
        """Return its status at a time."""
        if at_ms >= self.ends_ms:
            return "failed" if FAIL_MARK in self.prompt else "completed"
        queued = self.takes_ms // _QUEUED_SHARE
        return "created" if at_ms < self.accepted_ms + queued else "processing"

    def to_json(self, at_ms: int, base_url: str, surface: Surface) -> JSONObject:
        """Return the prediction object at a time.

        Args:
            at_ms: The time.
            base_url: The origin of this server, for the addresses in it.
            surface: Which surface `urls.get` leads to.
        """
        status = self.status(at_ms)
        outputs: list[JSON] = []
        result: JSONObject = {
            "id": self.id,
            "model": self.model.id,
            "status": status,
            "input": self.input,
            "outputs": outputs,
            "urls": {"get": self.url(base_url, surface)},
            "created_at": timestamp(self.accepted_ms),
        }
        if status in ("completed", "failed"):
            result["timings"] = {"inference": self.takes_ms - self.takes_ms // _QUEUED_SHARE}
            result["completed_at"] = timestamp(self.ends_ms)
        if status == "completed":
            outputs.append(f"{base_url}/_outputs/{self.id}/0.png")
        if status == "failed":
            result["error"] = f"Task execution failed: the prompt holds {FAIL_MARK}"
            result["code"] = TASK_FAILED
        return result

    def url(self, base_url: str, surface: Surface) -> str:
        """Return the address to ask for its result."""
        path = "v1/requests" if surface == "v1" else "api/v3/predictions"
        return f"{base_url}/{path}/{self.id}"


class Predictions:
    """All predictions of one emulator, and the ledger of what was accepted.

    Args:
        clock: Where the time comes from.
        takes_ms: How long a prediction takes.
        tier: The account level whose concurrency limit holds; None means no limit.
    """

    def __init__(self, clock: Clock, takes_ms: int, tier: Tier | None) -> None:
        self._clock = clock
        self._takes_ms = takes_ms
        self._limit = None if tier is None else CONCURRENCY[tier]
        self._live: dict[str, Prediction] = {}
        self._unfinished: set[str] = set()
        self.accepted: list[Prediction] = []

    def check_concurrency(self) -> None:
        """Make sure that one more task may run.

        Raises:
            ApiError: 429 if too many are unfinished for the account's level.
        """
        if self._limit is None:
            return
        now = now_ms(self._clock)
        ended = {key for key in self._unfinished if self._live[key].ends_ms <= now}
        self._unfinished -= ended
        if len(self._unfinished) >= self._limit:
            raise ApiError(429)

    def accept(
        self, model: Model, body: JSONObject, surface: Surface, webhook: str | None
    ) -> Prediction:
        """Accept a task and write it in the ledger."""
        new_id = str(uuid.uuid4()) if surface == "v1" else f"pred_{secrets.token_hex(16)}"
        now = now_ms(self._clock)
        prediction = Prediction(new_id, model, body, now, self._takes_ms, webhook)
        self.accepted.append(prediction)
        self._live[new_id] = prediction
        if self._limit is not None:
            self._unfinished.add(new_id)
        return prediction

    def get(self, prediction_id: str) -> Prediction:
        """Return a prediction.

        Raises:
            ApiError: 404 if there is none of that id, or no longer.
        """
        try:
            return self._live[prediction_id]
        except KeyError:
            raise ApiError(404) from None

    def delete(self, prediction_id: str) -> None:
        """Forget a prediction; the ledger keeps it.

        Raises:
            ApiError: 404 if there is none of that id, or no longer.
        """
        self.get(prediction_id)
        del self._live[prediction_id]
        self._unfinished.discard(prediction_id)

    def clear(self) -> None:
        """Forget everything, the ledger included."""
        self._live.clear()
        self._unfinished.clear()
        self.accepted.clear()
