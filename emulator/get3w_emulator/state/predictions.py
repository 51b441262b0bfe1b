"""Predictions: the accepted tasks, and how far each one is.

Nothing runs in the background. A prediction's state follows from when it was accepted and what
the clock says when somebody asks.
"""

import heapq
import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from get3w_emulator._common.clock import now_ms, timestamp
from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator._common.responses import ApiError, Surface
from get3w_emulator.faults.outcomes import SUCCESS, Outcome
from get3w_emulator.media.outputs import OutputSpec, output_spec
from get3w_emulator.schemas.catalogue import Model
from get3w_emulator.schemas.kinds import RELATIVE_SECONDS, medium
from get3w_emulator.settings import CONCURRENCY, Settings

KEPT_MS = 7 * 86_400_000
"""How long outputs and uploads can be fetched."""

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
        return {**vars(self)}


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a task came from.

    Attributes:
        surface: The surface it was submitted on.
        base_url: The origin under which the caller reached this server.
        webhook: Where the caller wants to hear of its end, if anywhere.
        fault: The kind of the fault rule that struck the accepted call; None if none did.
    """

    surface: Surface
    base_url: str = ""
    webhook: str | None = None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """One prediction.

    Attributes:
        id: Its id.
        model: The model that makes it.
        input: What was sent, without `webhook_url`.
        accepted_ms: When it was accepted.
        takes_ms: How long it takes.
        origin: Where it came from.
        outcome: How it ends.
    """

    id: str
    model: Model
    input: JSONObject
    accepted_ms: int
    takes_ms: int
    origin: Origin
    outcome: Outcome = SUCCESS

    @property
    def ends_ms(self) -> int:
        """When it is finished."""
        return self.accepted_ms + self.takes_ms

    @property
    def prompt(self) -> str:
        """What it is asked for, in words."""
        return prompt_of(self.input)

    @property
    def spec(self) -> OutputSpec:
        """What its outputs are."""
        return output_spec(self.model, self.input)

    @property
    def wants_inline(self) -> bool:
        """Whether its outputs are asked for as base64 instead of by their addresses."""
        return self.input.get("enable_base64_output") is True

    @property
    def submission(self) -> Submission:
        """Its entry in the ledger."""
        return Submission(self.id, self.model.id, self.input, timestamp(self.accepted_ms))

    def status(self, at_ms: int) -> str:
        """Return its status at a time."""
        if at_ms >= self.ends_ms:
            return "failed" if self.outcome.code else "completed"
        queued = self.takes_ms // _QUEUED_SHARE
        return "created" if at_ms < self.accepted_ms + queued else "processing"

    def to_json(
        self, at_ms: int, base_url: str, surface: Surface, inline: Sequence[JSON] | None = None
    ) -> JSONObject:
        """Return the prediction object at a time.

        Args:
            at_ms: The time.
            base_url: The origin of this server, for the addresses in it.
            surface: Which surface `urls.get` leads to.
            inline: The outputs themselves, in place of their addresses.
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
            outputs.extend(self._outputs(base_url) if inline is None else inline)
        if status == "failed":
            result["error"] = self.outcome.error
            result["code"] = self.outcome.code
        return result

    def url(self, base_url: str, surface: Surface) -> str:
        """Return the address to ask for its result."""
        path = "v1/requests" if surface == "v1" else "api/v3/predictions"
        return f"{base_url}/{path}/{self.id}"

    def _outputs(self, base_url: str) -> list[JSON]:
        spec = self.spec
        if spec.medium == "text":  # words are the output themselves
            return [f"{self.model.id} was asked: {self.prompt}"]
        files = range(spec.count)
        return [f"{base_url}/_outputs/{self.id}/{each}.{spec.extension}" for each in files]


def prompt_of(body: JSONObject) -> str:
    """Return what an input asks for, in words."""
    value = body.get("prompt", body.get("text"))
    return value if isinstance(value, str) else ""


class Predictions:
    """All predictions of one emulator, and the ledger of what was accepted.

    Args:
        settings: Hold the clock, the limit, and how long a prediction takes.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._limit = None if settings.tier is None else CONCURRENCY[settings.tier]
        self._live: dict[str, Prediction] = {}
        self._unfinished: set[str] = set()
        self._ends: list[tuple[int, str]] = []
        self.accepted: list[Prediction] = []

    def check_concurrency(self) -> None:
        """Make sure that one more task may run.

        Raises:
            ApiError: 429 if too many are unfinished for the account's level.
        """
        if self._limit is None:
            return
        now = now_ms(self._settings.clock)
        while self._ends and self._ends[0][0] <= now:
            self._unfinished.discard(heapq.heappop(self._ends)[1])
        if len(self._unfinished) >= self._limit:
            raise ApiError(429)

    def accept(
        self, model: Model, body: JSONObject, origin: Origin, outcome: Outcome
    ) -> Prediction:
        """Accept a task and write it in the ledger."""
        now = now_ms(self._settings.clock)
        seconds = outcome.seconds
        if seconds is None:
            relative = RELATIVE_SECONDS[medium(model.kind)]
            seconds = relative * self._settings.image_seconds / self._settings.speed
        new_id = self._new_id(origin.surface)
        takes_ms = round(seconds * 1000)
        prediction = Prediction(new_id, model, body, now, takes_ms, origin, outcome)
        self.add(prediction)
        return prediction

    def add(self, prediction: Prediction) -> None:
        """Take up a task as it is."""
        self.accepted.append(prediction)
        self._live[prediction.id] = prediction
        if self._limit is not None:
            self._unfinished.add(prediction.id)
            heapq.heappush(self._ends, (prediction.ends_ms, prediction.id))

    def get(self, prediction_id: str) -> Prediction:
        """Return a prediction.

        Raises:
            ApiError: 404 if there is none of that id, or no longer.
        """
        try:
            return self._live[prediction_id]
        except KeyError:
            raise ApiError(404) from None

    def __contains__(self, prediction_id: str) -> bool:
        return prediction_id in self._live

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
        self._ends.clear()
        self.accepted.clear()

    def _new_id(self, surface: Surface) -> str:
        name = hex_name(self._settings.seed, "prediction", len(self.accepted))
        return str(uuid.UUID(name)) if surface == "v1" else f"pred_{name}"


def hex_name(seed: int | None, kind: str, number: int) -> str:
    """Return 32 hexadecimal digits: with a seed always the same, else left to chance."""
    if seed is None:
        return secrets.token_hex(16)
    return sha256(f"{seed} {kind} {number}".encode()).hexdigest()[:32]
