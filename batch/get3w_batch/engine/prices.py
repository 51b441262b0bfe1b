"""What rows are estimated to cost, and what the billing records say that they cost."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import islice
from math import ceil
from typing import TYPE_CHECKING, Final

from get3w_core import ConfigurationError, Get3WError

from get3w_batch.journal.money import settle, unsettled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from get3w_core import AsyncClient

    from get3w_batch.journal.journal import Journal
    from get3w_batch.rows.checking import CheckedRows

# Words say what is made; anything else may say how much of it.
_WITHOUT_WEIGHT: Final = frozenset({"prompt", "negative_prompt", "seed", "text"})
_PER_PAGE: Final = 100
_SPARE_PAGES: Final = 20


@dataclass(frozen=True, slots=True)
class Estimate:
    """What a batch may cost.

    Attributes:
        prices: The price of a row in USD by model; None where nothing is known of it.
        total: The sum over all rows whose price is known, in USD.
        unknown: The models of which no price is known.
        not_weighed: Parameters that rows give and that a price may depend on, by model.
    """

    prices: Mapping[str, float | None]
    total: float
    unknown: list[str]
    not_weighed: Mapping[str, list[str]] = field(default_factory=dict[str, list[str]])

    def __str__(self) -> str:
        text = f"at least {self.total:.2f} USD by list prices"
        for model, names in self.not_weighed.items():
            if names:
                text += f"; {model}: {', '.join(names)} may change the price and is not weighed"
        if self.unknown:
            text += f"; no price is known of {', '.join(self.unknown)}"
        return text


async def estimate(client: AsyncClient, checked: CheckedRows, price: float | None) -> Estimate:
    """Return what the rows may cost, by the list of models unless *price* is given for each row.

    A server that does not answer leaves the prices unknown.

    Raises:
        ConfigurationError: The client has no key.
    """
    listed: dict[str, float | None] = {}
    if price is None:
        try:
            listed = {each.model_id: each.base_price for each in await client.models()}
        except ConfigurationError:  # without a key nothing could be sent either
            raise
        except Get3WError:
            listed = {}
    prices = {model: listed.get(model) if price is None else price for model in checked.sizes}
    return Estimate(
        prices=prices,
        total=sum(checked.sizes[model] * (each or 0) for model, each in prices.items()),
        unknown=sorted(model for model, each in prices.items() if each is None),
        not_weighed={
            model: sorted(names - _WITHOUT_WEIGHT)
            for model, names in checked.parameters.items()
            if price is None and prices[model] is not None
        },
    )


async def settle_costs(client: AsyncClient, journal: Journal) -> None:
    """Write what the billing records say of the batch's tasks.

    The order of the records is not documented, so both ends are read in turn, until every task was
    seen or twice as many records as there are tasks. Where tasks failed, all of these are read,
    since a refund is a record of its own.

    Raises:
        Get3WError: The records cannot be read.
    """
    waiting, failed = await journal.call(unsettled)
    if not waiting:
        return
    first = await client.billings(1, _PER_PAGE, "usage")
    last = max(1, ceil((first.total or len(first.records)) / _PER_PAGE))
    most = 2 * (waiting + failed) // _PER_PAGE + _SPARE_PAGES
    amounts: dict[str, float] = {}
    for number in islice(_from_both_ends(last), most):
        page = first if number == 1 else await client.billings(number, _PER_PAGE, "usage")
        for record in page.records:
            if record.task_id is not None and record.amount is not None:
                amounts[record.task_id] = amounts.get(record.task_id, 0.0) + record.amount
    await journal.call(lambda connection: settle(connection, amounts.items()))


def _from_both_ends(last: int) -> Iterator[int]:
    for turn in range(last):
        yield 1 + turn // 2 if turn % 2 else last - turn // 2
