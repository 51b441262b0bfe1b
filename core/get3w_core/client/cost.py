"""What a finished task has cost, as far as the account's billing records tell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from get3w_core._common.prediction_data import COMPLETED
from get3w_core.api.account import Pager
from get3w_core.api.account_calls import billings

if TYPE_CHECKING:
    from get3w_core._common.prediction_data import PredictionData
    from get3w_core.client.session import BaseSession
    from get3w_core.flow.effects import Flow

_PER_PAGE: Final = 100


def cost(session: BaseSession, data: PredictionData) -> Flow[float | None]:
    """Return what was charged for a task in USD, less what was refunded; None if it is not told."""
    pager, charged = Pager(_PER_PAGE), None
    while not pager.ended:
        page = yield from billings(session.context(), pager.page, _PER_PAGE, "usage")
        for record in pager.take(page):
            if record.task_id == data.id and record.amount is not None:
                charged = (charged or 0.0) - record.amount  # [G] usage is negative
        if charged is not None and data.status.lower() == COMPLETED:
            break  # only failures are refunded [G]
    return charged
