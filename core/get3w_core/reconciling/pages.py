"""Find the tasks that an account's records name since a moment, in a bounded number of pages."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from get3w_core.api.matching import is_same_model

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from get3w_core.api.account import BillingRecord, Billings

MOST_PAGES: Final = 20
PER_PAGE: Final = 100
# So many times in order are no coincidence.
_ENOUGH: Final = 20


class BillingPages:
    """Chooses which pages of the billings to read, whatever their order is.

    No order of the records is documented, so both ends are read. An end is left alone once it
    shows only days before the wanted ones, if all dates seen so far are in order.

    Args:
        since: The Unix time of the oldest wanted record.

    Attributes:
        cut_short: Whether there are more pages than may be read.
    """

    def __init__(self, since: float) -> None:
        # The dates are days, of a time zone that is not documented.
        self._first_day = datetime.fromtimestamp(since, UTC).date() - timedelta(days=1)
        self._pages: dict[int, tuple[BillingRecord, ...]] = {}
        self.cut_short: bool = False

    def numbers(self) -> Generator[int, Billings, None]:
        """Yield the number of each page to read, and take the page in return."""
        first = yield 1
        self._pages[1] = first.records
        size = first.per_page or len(first.records)
        if not first.records or not size:
            return
        if first.total is None:
            yield from self._forward(size)
        else:
            yield from self._from_both_ends(-(-first.total // size))

    def tasks(self, model_id: str) -> dict[str, str | None]:
        """Return the tasks that may be of a model, in the order of the pages, and their models."""
        found: dict[str, str | None] = {}
        for _, records in sorted(self._pages.items()):
            for record in records:
                named = record.model is None or is_same_model(record.model, model_id)
                if named and record.task_id and not self._is_old(record):
                    found.setdefault(record.task_id, record.model)
        return found

    def _forward(self, size: int) -> Generator[int, Billings, None]:
        number = 1
        while len(self._pages[number]) >= size:
            if len(self._pages) == MOST_PAGES:
                self.cut_short = True
                return
            number += 1
            page = yield number
            stuck = page.records == self._pages[number - 1]
            self._pages[number] = () if stuck else page.records

    def _from_both_ends(self, last: int) -> Generator[int, Billings, None]:
        low, high = 1, last + 1  # both ends of what was not read
        while low + 1 < high:
            days = self._days()
            ordered = len(days) >= _ENOUGH and _in_order(days)
            done_low = ordered and self._only_old(low)
            done_high = ordered and high in self._pages and self._only_old(high)
            if done_low and done_high:
                return
            if len(self._pages) == MOST_PAGES:
                self.cut_short = True
                return
            from_high = done_low or (not done_high and last + 1 - high < low)
            number = high - 1 if from_high else low + 1
            page = yield number
            self._pages[number] = page.records
            low, high = (low, number) if from_high else (number, high)

    def _only_old(self, number: int) -> bool:
        return all(map(self._is_old, self._pages[number]))

    def _is_old(self, record: BillingRecord) -> bool:
        day = _day(record)
        return day is not None and day < self._first_day

    def _days(self) -> list[int]:
        records = (each for _, page in sorted(self._pages.items()) for each in page)
        return [day.toordinal() for day in map(_day, records) if day is not None]


class EndWatch:
    """Tells when one end of a list of tasks has only tasks from before the wanted time.

    Args:
        since: The Unix time of the oldest wanted task.
    """

    def __init__(self, since: float) -> None:
        self._since = since
        self._run: list[float] = []

    def note(self, created: float | None) -> None:
        """Take in the next task from this end."""
        if created is None or created >= self._since:
            self._run = []
        else:
            self._run = [*self._run, created][-_ENOUGH:]

    @property
    def over(self) -> bool:
        """Whether the last tasks were all from before, and in order of their times."""
        return len(self._run) >= _ENOUGH and _in_order(self._run)


def _in_order(values: Sequence[float]) -> bool:
    pairs = list(pairwise(values))
    return all(a <= b for a, b in pairs) or all(a >= b for a, b in pairs)


def _day(record: BillingRecord) -> date | None:
    try:
        return date.fromisoformat((record.date or "")[:10])
    except ValueError:
        return None
