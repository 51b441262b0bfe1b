"""What a flow runs with: the options of its client, and sources of time and chance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from get3w_core.flow.options import ClientOptions


@dataclass(frozen=True, slots=True)
class Context:
    """What a flow runs with: the client's options, and the time and chance of its caller."""

    options: ClientOptions
    clock: Callable[[], float]
    random: Callable[[], float]
    wall_clock: Callable[[], float]
