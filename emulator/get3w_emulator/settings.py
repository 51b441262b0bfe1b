"""How an emulator is set up, and the error for a set-up that cannot work."""

from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Literal, TypeAlias

from get3w_emulator.clock import Clock, SystemClock

Tier: TypeAlias = Literal["bronze", "silver", "gold", "ultra"]
"""An account level."""

CONCURRENCY: dict[Tier, int] = {"bronze": 2, "silver": 300, "gold": 3_000, "ultra": 10_000}
"""How many tasks an account of each level may have unfinished at once."""

DEFAULT_API_KEY = "test-key"


class SetupError(Exception):
    """The emulator cannot start; the message is one line that says why."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """All choices about one emulator.

    Attributes:
        schemas: The folder of model schemas; None means those that come with the emulator.
        api_key: The one key that is accepted.
        image_seconds: How long a prediction takes from submit to its end.
        tier: The account level whose concurrency limit holds; None means no limit.
        balance: What the account holds at the start, in USD. None means that nothing is
            refused for want of money; the books then open with a large sum.
        clock: Where the time comes from.
    """

    schemas: Path | None = None
    api_key: str = DEFAULT_API_KEY
    image_seconds: float = 1.0
    tier: Tier | None = None
    balance: Decimal | None = None
    clock: Clock = field(default_factory=SystemClock)
