"""The settings of an emulator."""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeAlias

from get3w_emulator._common.clock import Clock, SystemClock
from get3w_emulator._common.problems import SetupError
from get3w_emulator.faults.outcomes import INTERNAL_ERROR, MODERATED, OutcomeRule

Tier: TypeAlias = Literal["bronze", "silver", "gold", "ultra"]
"""An account level."""

CONCURRENCY: dict[Tier, int] = {"bronze": 2, "silver": 300, "gold": 3_000, "ultra": 10_000}
"""How many tasks an account of each level may have unfinished at once."""

DEFAULT_API_KEY = "test-key"
WEBHOOK_DELAYS = (0.0, 1.0, 5.0, 30.0)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All choices about one emulator.

    Attributes:
        schemas: The folder of model schemas; None means those that come with the emulator.
        api_key: The one key that is accepted.
        image_seconds: How long a prediction of an image takes from submit to its end; other kinds
            take a multiple of it.
        speed: By how much all predictions are faster than that.
        fail_rate: Which share of the predictions ends in an internal error, 0 to 1.
        moderated: Words; a prompt that holds one fails in content moderation.
        seed: Makes ids and chances the same in every run; None leaves ids to chance.
        tier: The account level whose concurrency limit holds; None means no limit.
        balance: What the account holds at the start, in USD. None means that nothing is
            refused for want of money; the books then open with a large sum.
        billing_lag: How many seconds after the charge a record appears in the billings. The
            balance changes at once.
        history: Whether WaveSpeed's history of predictions is served, which Get3W does not
            document: `POST /api/v3/predictions`.
        webhook_secret: What webhooks are signed with; None leaves them unsigned.
        webhook_delays: The seconds before each attempt to deliver a webhook.
        state: The file that keeps the state; None keeps it in memory.
        clock: Where the time comes from.
        listen: The address it is served on. Calls by other names are refused, and beyond this
            machine the page is not told the key.
        hosts: Further host names that it answers to.
    """

    schemas: Path | None = None
    api_key: str = DEFAULT_API_KEY
    image_seconds: float = 1.0
    speed: float = 1.0
    fail_rate: float = 0.0
    moderated: tuple[str, ...] = ()
    seed: int | None = None
    tier: Tier | None = None
    balance: Decimal | None = None
    billing_lag: float = 0.0
    history: bool = False
    webhook_secret: str | None = None
    webhook_delays: tuple[float, ...] = WEBHOOK_DELAYS
    state: Path | None = None
    clock: Clock = field(default_factory=SystemClock)
    listen: str = "127.0.0.1"
    hosts: tuple[str, ...] = ()

    def check(self) -> None:
        """Make sure that the settings make sense.

        Raises:
            SetupError: If they do not.
        """
        message = next(self._problems(), None)
        if message:
            raise SetupError(message)

    def outcome_rules(self) -> list[OutcomeRule]:
        """Return the rules about outcomes that these settings amount to."""
        rules: list[OutcomeRule] = [{"prompt": word, "code": MODERATED} for word in self.moderated]
        if self.fail_rate:
            rules.append({"probability": self.fail_rate, "code": INTERNAL_ERROR})
        return rules

    def _problems(self) -> Iterator[str]:
        key, balance, secret = self.api_key, self.balance, self.webhook_secret
        if not (key.isascii() and key.isprintable() and key and " " not in key):
            yield "the API key must be printable ASCII without spaces"
        if not (math.isfinite(self.image_seconds) and self.image_seconds >= 0):
            yield "the seconds of a prediction must be a number from 0"
        if not (math.isfinite(self.speed) and self.speed > 0):
            yield "the speed must be a number over 0"
        if not 0 <= self.fail_rate <= 1:
            yield "the share of failures must be a number from 0 to 1"
        if not all(self.moderated):
            yield "a moderated word must not be empty"
        if balance is not None and not (balance.is_finite() and balance >= Decimal(0)):
            yield "the balance must be a number from 0"
        if not (math.isfinite(self.billing_lag) and self.billing_lag >= 0):
            yield "the lag of billings must be a number of seconds from 0"
        if secret is not None and not secret.removeprefix("whsec_"):
            yield "the webhook secret must not be empty"
        if not all(math.isfinite(each) and each >= 0 for each in self.webhook_delays):
            yield "the delays of webhooks must be numbers from 0"
