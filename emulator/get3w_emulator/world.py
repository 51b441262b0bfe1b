"""Everything one emulator holds, and the one way a task gets in."""

import math
from collections.abc import Iterable
from decimal import Decimal

from get3w_emulator.account import Account
from get3w_emulator.answers import ApiError, Surface
from get3w_emulator.clock import now_ms
from get3w_emulator.faults import Faults
from get3w_emulator.jsontypes import JSON
from get3w_emulator.predictions import Prediction, Predictions, Submission
from get3w_emulator.schemas import Catalogue, default_folder, load
from get3w_emulator.settings import Settings, SetupError
from get3w_emulator.uploads import Uploads
from get3w_emulator.validation import Problem


class World:
    """The state of one emulator.

    Args:
        settings: How it is set up.

    Raises:
        SetupError: If the settings make no sense or the schemas cannot be read.

    Attributes:
        settings: How it is set up.
        catalogue: The models.
        predictions: What was accepted.
        account: What it cost.
        uploads: The uploaded files.
        faults: What goes wrong.
    """

    def __init__(self, settings: Settings) -> None:
        _check(settings)
        self.settings = settings
        self.catalogue: Catalogue = load(settings.schemas or default_folder())
        takes_ms = round(settings.image_seconds * 1000)
        self.predictions = Predictions(settings.clock, takes_ms, settings.tier)
        self.account = Account(settings, self.predictions.accepted)
        self.uploads = Uploads()
        self.faults = Faults()

    def submit(
        self, model_id: str, body: JSON, surface: Surface, webhook: str | None = None
    ) -> Prediction:
        """Accept a task.

        Args:
            model_id: The model to run.
            body: The body of the call.
            surface: Which surface it came in on; decides the style of the id.
            webhook: Where the caller wants to hear of the end, if that was not in the body.

        Raises:
            ApiError: If the task is not accepted.
        """
        if model_id not in self.catalogue:
            raise ApiError(404)
        model = self.catalogue[model_id]
        if isinstance(body, dict) and "webhook_url" in body and not model.lists("webhook_url"):
            given = body["webhook_url"]
            if not isinstance(given, str):
                raise ApiError(400, problems=[Problem("/webhook_url", "is not a string")])
            webhook = given
            body = {name: value for name, value in body.items() if name != "webhook_url"}
        if not isinstance(body, dict):
            raise ApiError(400, problems=[Problem("", "is not an object")])
        problems = model.problems(body)
        if problems:
            raise ApiError(400, problems=problems)
        self.account.check_affordable(model.price)
        self.predictions.check_concurrency()
        return self.predictions.accept(model, body, surface, webhook)

    async def finished(self, prediction: Prediction) -> None:
        """Wait until a prediction is finished."""
        clock = self.settings.clock
        while (left := prediction.ends_ms - now_ms(clock)) > 0:
            await clock.sleep(left / 1000)

    def ledger(self) -> list[Submission]:
        """Return every accepted task, in order."""
        return [each.submission for each in self.predictions.accepted]

    def reset(self) -> None:
        """Forget everything that happened."""
        self.predictions.clear()
        self.uploads.clear()
        self.faults.clear()


def _check(settings: Settings) -> None:
    key = settings.api_key
    balance = settings.balance
    wrong: Iterable[tuple[bool, str]] = (
        (
            not (key.isascii() and key.isprintable() and key and " " not in key),
            "the API key must be printable ASCII without spaces",
        ),
        (
            not (math.isfinite(settings.image_seconds) and settings.image_seconds >= 0),
            "the seconds of a prediction must be a number from 0",
        ),
        (
            balance is not None and not (balance.is_finite() and balance >= Decimal(0)),
            "the balance must be a number from 0",
        ),
    )
    for is_wrong, message in wrong:
        if is_wrong:
            raise SetupError(message)
