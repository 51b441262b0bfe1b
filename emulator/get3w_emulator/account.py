"""Money: balance, usage and billings, all computed from the ledger.

Every accepted task costs its model's list price. The books are kept in any case; that a call is
refused for want of money happens only where a balance was given.
"""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal

from get3w_emulator.answers import ApiError
from get3w_emulator.clock import now_ms, timestamp
from get3w_emulator.jsontypes import JSON, JSONObject
from get3w_emulator.predictions import Prediction
from get3w_emulator.settings import Settings
from get3w_emulator.validation import Problem

_OPENING_BALANCE = Decimal(1_000)
_PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_MAX_PER_PAGE = 100


class Account:
    """The account that all calls are made on.

    Args:
        settings: Holds the balance and the clock.
        accepted: Every accepted task, oldest first; it grows.
    """

    def __init__(self, settings: Settings, accepted: Sequence[Prediction]) -> None:
        self._settings = settings
        self._accepted = accepted
        self._opened_on = _day(now_ms(settings.clock))

    @property
    def balance(self) -> Decimal:
        """What is left, in USD."""
        return self._opening - sum((_price(each) for each in self._accepted), Decimal(0))

    def check_affordable(self, price: float) -> None:
        """Make sure that a task can be paid for, if that matters.

        Raises:
            ApiError: 403 if not.
        """
        if self._settings.balance is not None and self.balance < Decimal(repr(price)):
            raise ApiError(403)

    def usage(self, period: str | None, start: str | None, end: str | None) -> JSONObject:
        """Return what was used in a month, or between two days.

        Args:
            period: `YYYY-MM`; None is the current month. Days count before it.
            start: The first day, `YYYY-MM-DD`.
            end: The last day.

        Raises:
            ApiError: 400 if one of them is not such a text.
        """
        if period is not None and not _PERIOD.fullmatch(period):
            raise _bad_query("period", "is not YYYY-MM")
        first, last = _parsed_day("start_date", start), _parsed_day("end_date", end)
        if first or last:
            shown = f"{first or ''}/{last or ''}"
            chosen = [
                each
                for each in self._accepted
                if (first or date.min).isoformat()
                <= _day(each.accepted_ms)
                <= (last or date.max).isoformat()
            ]
        else:
            shown = period or _day(now_ms(self._settings.clock))[:7]
            chosen = [each for each in self._accepted if _day(each.accepted_ms)[:7] == shown]
        kinds = sorted({each.model.kind for each in chosen})
        breakdown: JSONObject = {
            kind: _sums([each for each in chosen if each.model.kind == kind]) for kind in kinds
        }
        return {
            "total_tasks": len(chosen),
            "total_cost": _cost(chosen),
            "period": shown,
            "breakdown": breakdown,
        }

    def billings(self, page: str | None, per_page: str | None, kind: str | None) -> JSONObject:
        """Return one page of the records, oldest first.

        Args:
            page: Which page, from 1; None is the first.
            per_page: How many records on a page, 1 to 100; None is 20.
            kind: `top-up`, `usage` or None for both.

        Raises:
            ApiError: 400 if one of them is something else.
        """
        if kind not in (None, "top-up", "usage"):
            raise _bad_query("type", "is neither 'top-up' nor 'usage'")
        number = _parsed_count("page", page, 1, None)
        size = _parsed_count("per_page", per_page, 20, _MAX_PER_PAGE)
        records = [each for each in self._records() if kind in (None, each["type"])]
        shown: list[JSON] = [*records[(number - 1) * size : number * size]]
        return {"records": shown, "total": len(records), "page": number, "per_page": size}

    @property
    def _opening(self) -> Decimal:
        given = self._settings.balance
        return _OPENING_BALANCE if given is None else given

    def _records(self) -> list[JSONObject]:
        balance = self._opening
        records: list[JSONObject] = [
            {
                "id": "bill_001",
                "date": self._opened_on,
                "type": "top-up",
                "amount": float(balance),
                "balance_after": float(balance),
            }
        ]
        for number, each in enumerate(self._accepted, start=2):
            balance -= _price(each)
            records.append(
                {
                    "id": f"bill_{number:03d}",
                    "date": _day(each.accepted_ms),
                    "type": "usage",
                    "amount": -each.model.price,
                    "balance_after": float(balance),
                    "model": each.model.id,
                    "task_id": each.id,
                }
            )
        return records


def _price(prediction: Prediction) -> Decimal:
    return Decimal(repr(prediction.model.price))


def _cost(predictions: Sequence[Prediction]) -> float:
    return float(sum((_price(each) for each in predictions), Decimal(0)))


def _sums(predictions: Sequence[Prediction]) -> JSONObject:
    return {"tasks": len(predictions), "cost": _cost(predictions)}


def _day(milliseconds: int) -> str:
    return timestamp(milliseconds)[:10]


def _parsed_day(name: str, value: str | None) -> date | None:
    if value is None:
        return None
    try:
        return datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise _bad_query(name, "is not YYYY-MM-DD") from None


def _parsed_count(name: str, value: str | None, default: int, most: int | None) -> int:
    if value is None:
        return default
    if not re.fullmatch(r"[0-9]{1,9}", value) or int(value) < 1:
        raise _bad_query(name, "is not a number from 1")
    if most is not None and int(value) > most:
        raise _bad_query(name, f"is greater than {most}")
    return int(value)


def _bad_query(name: str, message: str) -> ApiError:
    return ApiError(400, problems=[Problem(f"?{name}", message)])
