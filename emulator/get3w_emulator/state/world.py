"""The whole state of one emulator, and the one place where a task is accepted."""

from dataclasses import replace
from decimal import Decimal

from starlette.concurrency import run_in_threadpool

from get3w_emulator._common.clock import now_ms
from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator._common.problems import Problem, SetupError
from get3w_emulator._common.responses import ApiError, Surface
from get3w_emulator.faults.header import AskedFaults
from get3w_emulator.faults.outcomes import Outcomes
from get3w_emulator.faults.rules import Faults
from get3w_emulator.schemas.catalogue import Catalogue, default_folder, load
from get3w_emulator.settings import Settings
from get3w_emulator.state.account import OPENING_BALANCE, Account
from get3w_emulator.state.files import Files
from get3w_emulator.state.predictions import (
    KEPT_MS,
    Origin,
    Prediction,
    Predictions,
    Submission,
    prompt_of,
)
from get3w_emulator.state.uploads import Uploads
from get3w_emulator.state.webhooks import Attempt, Deliveries


class World:
    """The state of one emulator.

    Args:
        settings: How it is set up.

    Raises:
        SetupError: If the settings make no sense, or the schemas or the state cannot be read.

    Attributes:
        settings: How it is set up.
        catalogue: The models.
        predictions: What was accepted.
        account: What it cost.
        uploads: The uploaded files.
        outcomes: How predictions end.
        faults: What goes wrong.
        asked_faults: What goes wrong because the call itself asks for it.
        deliveries: The webhooks.
    """

    def __init__(self, settings: Settings) -> None:
        settings.check()
        self.settings = settings
        self.catalogue: Catalogue = load(settings.schemas or default_folder())
        self.predictions = Predictions(settings)
        self.uploads = Uploads(settings.clock, settings.seed)
        self.outcomes = Outcomes(settings.outcome_rules(), settings.seed or 0)
        self.faults = Faults()
        self.asked_faults = AskedFaults()
        self.deliveries = Deliveries(settings, self._told, self._attempted)
        self.account = Account(settings)
        self._files = Files()
        self._state = None
        if settings.state is not None:
            from get3w_emulator.state.state_file import StateFile

            self._state = StateFile(settings.state)
            try:
                self._recall()
            except SetupError:
                self._state.close()
                raise

    def submit(self, model_id: str, body: JSON, origin: Origin) -> Prediction:
        """Accept a task.

        Args:
            model_id: The model to run.
            body: The body of the call.
            origin: Where it came from; a webhook in the body counts before one in it.

        Raises:
            ApiError: If the task is not accepted.
        """
        if model_id not in self.catalogue:
            raise ApiError(404)
        model = self.catalogue[model_id]
        if isinstance(body, dict) and "webhook_url" in body and not model.lists("webhook_url"):
            webhook = body["webhook_url"]
            if not isinstance(webhook, str):
                raise ApiError(400, problems=[Problem("/webhook_url", "is not a string")])
            origin = replace(origin, webhook=webhook)
            body = {name: value for name, value in body.items() if name != "webhook_url"}
        if not isinstance(body, dict):
            raise ApiError(400, problems=[Problem("", "is not an object")])
        problems = model.problems(body)
        if problems:
            raise ApiError(400, problems=problems)
        self.account.check_affordable(model.price)
        self.predictions.check_concurrency()
        outcome = self.outcomes.settle(model_id, prompt_of(body))
        prediction = self.predictions.accept(model, body, origin, outcome)
        self.account.charge(prediction)
        if self._state is not None:
            self._state.accepted(prediction)
        self.deliveries.schedule(prediction)
        return prediction

    async def finished(self, prediction: Prediction) -> None:
        """Wait until a prediction is finished."""
        clock = self.settings.clock
        while (left := prediction.ends_ms - now_ms(clock)) > 0:
            await clock.sleep(left / 1000)

    async def shown(self, prediction: Prediction, base_url: str, surface: Surface) -> JSONObject:
        """Return the prediction object as it is now, outputs included where that was asked for."""
        now = now_ms(self.settings.clock)
        inline = None
        if prediction.wants_inline and prediction.status(now) == "completed":
            inline = await run_in_threadpool(self._files.inline, prediction)
        return prediction.to_json(now, base_url, surface, inline)

    async def output(self, prediction_id: str, name: str) -> tuple[bytes, str]:
        """Return an output file and its media type.

        Raises:
            ApiError: 404 if there is none of that name, not yet, or no longer.
        """
        prediction = self.predictions.get(prediction_id)
        spec, now = prediction.spec, now_ms(self.settings.clock)
        names = [f"{each}.{spec.extension}" for each in range(spec.count)]
        there = now < prediction.accepted_ms + KEPT_MS and name in names
        if prediction.status(now) != "completed" or not there:
            raise ApiError(404)
        # Making it takes long enough to keep other calls waiting.
        content = await run_in_threadpool(self._files.content, prediction, names.index(name))
        return content, spec.media_type

    def upload(self, filename: str, media_type: str, content: bytes) -> str:
        """Keep a file, and return the name it is served under.

        Raises:
            ApiError: If it is not taken.
        """
        name = self.uploads.add(filename, media_type, content)
        if self._state is not None:
            self._state.uploaded(name, self.uploads.get(name))
            self._state.expired(now_ms(self.settings.clock) - KEPT_MS)
        return name

    def delete(self, prediction_id: str) -> None:
        """Forget a prediction; the ledger keeps it.

        Raises:
            ApiError: 404 if there is none of that id, or no longer.
        """
        self.predictions.delete(prediction_id)
        if self._state is not None:
            self._state.deleted(prediction_id)

    def ledger(self) -> list[Submission]:
        """Return every accepted task, in order."""
        return [each.submission for each in self.predictions.accepted]

    def reset(self) -> None:
        """Forget everything that happened, and put the clock back."""
        self.settings.clock.reset()
        self.predictions.clear()
        self.uploads.clear()
        self.faults.clear()
        self.asked_faults.clear()
        self.outcomes.reset()
        self.deliveries.cancel()
        self._files.clear()
        self._open()

    def resume(self) -> None:
        """Take up the webhooks that an earlier process left; needs a running event loop."""
        made: dict[str, int] = {}
        done: set[str] = set()
        for each in self.deliveries.log:
            made[each.prediction_id] = each.attempt
            if each.last:
                done.add(each.prediction_id)
        for prediction in self.predictions.accepted:
            if prediction.id in self.predictions and prediction.id not in done:
                self.deliveries.schedule(prediction, made.get(prediction.id, 0))

    async def close(self) -> None:
        """End what is under way."""
        await self.deliveries.close()
        if self._state is not None:
            self._state.close()
            self._state = None

    async def _told(self, prediction: Prediction) -> JSONObject | None:
        """Return what a webhook tells: the bare prediction."""
        if prediction.id not in self.predictions:
            return None
        origin = prediction.origin
        return await self.shown(prediction, origin.base_url, origin.surface)

    def _attempted(self, attempt: Attempt) -> None:
        if self._state is not None:
            self._state.attempted(attempt)

    def _open(self) -> None:
        opening = self.settings.balance
        opening = OPENING_BALANCE if opening is None else opening
        at_ms = now_ms(self.settings.clock)
        self.account.open(at_ms, opening)
        if self._state is not None:
            self._state.open(at_ms, opening)

    def _recall(self) -> None:
        """Take up what an earlier process left in the state file."""
        assert self._state is not None
        opened: tuple[int, Decimal] | None = self._state.opened()
        if opened is None:
            self._open()
            return
        self.account.open(*opened)
        for prediction, deleted in self._state.predictions(self.catalogue):
            self.predictions.add(prediction)
            self.account.charge(prediction)
            if deleted:
                self.predictions.delete(prediction.id)
        for name, upload in self._state.uploads():
            self.uploads.put(name, upload)
        self.deliveries.log.extend(self._state.attempts())
