"""All records of an answer that comes in pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from get3w_core.errors.base import ResponseFormatError

if TYPE_CHECKING:
    from get3w_core.api.account import BillingRecord, Billings

# A server that never comes to an end is not believed beyond this.
_MOST_PAGES: Final = 10_000


class Pager:
    """Decides which page comes next and when there is none.

    The total may change while pages are read, and records may move by a place when a new one comes
    in: what was on the page before is not given twice.

    Attributes:
        page: The number of the page to ask for.
        ended: Whether there is none.
    """

    def __init__(self, per_page: int) -> None:
        self._per_page = per_page
        self._seen = 0
        self._before: frozenset[BillingRecord] = frozenset()
        self.page: int = 1
        self.ended: bool = False

    def take(self, answer: Billings) -> list[BillingRecord]:
        """Take in the page that was asked for, and return what is new on it.

        Raises:
            ResponseFormatError: There is no end to the pages.
        """
        if self.page > _MOST_PAGES:
            raise ResponseFormatError(f"There are more than {_MOST_PAGES} pages of billings")
        new = [record for record in answer.records if record not in self._before]
        self._before = frozenset(answer.records)
        self._seen += len(answer.records)
        # A server that does not look at the number of the page gives the same one for ever; one
        # that says which page it gives is checked where it is asked.
        stuck = not new and answer.page is None
        self.ended = not answer.records or stuck or self._is_last(answer)
        self.page += 1
        return new

    def _is_last(self, answer: Billings) -> bool:
        if answer.total is not None:
            return self._seen >= answer.total
        return len(answer.records) < (answer.per_page or self._per_page)
