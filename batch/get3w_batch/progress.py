"""How far a batch is, and how that is shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a batch is, as this process knows it.

    Attributes:
        rows: How many rows the input has.
        settled: How many are settled, those of earlier runs included.
        now: How many this process settled.
        seconds: How long it has run.
        in_flight: How many tasks of it are under way.
        limit: How many it would have under way at most just now.
        counts: How many are settled in each state.
        cost: The cost in USD so far, with estimates where no billing record was read.
    """

    rows: int
    settled: int
    now: int
    seconds: float
    in_flight: int
    limit: int
    counts: dict[str, int]
    cost: float

    def __str__(self) -> str:
        rate = self.now / self.seconds if self.seconds else 0.0
        parts = [f"{self.settled}/{self.rows} rows", f"{rate:.1f}/s"]
        parts.append(f"{self.in_flight} in flight (limit {self.limit})")
        parts += [f"{count} {state}" for state, count in sorted(self.counts.items()) if count]
        if self.cost:
            parts.append(f"{self.cost:.2f} USD")
        if rate and self.settled < self.rows:
            parts.append(f"{_duration((self.rows - self.settled) / rate)} left")
        return ", ".join(parts)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02} min" if hours else f"{minutes} min {rest:02} s"
