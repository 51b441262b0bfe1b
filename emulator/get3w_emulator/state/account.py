"""The account: balance, usage and billings, all from one list of records.

Every accepted task costs its model's list price, and a failure that is the platform's own brings
the money back when it happens. The books are kept in any case; that a call is refused for want
of money happens only where a balance was given.
"""

import heapq
import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal

from get3w_emulator._common.clock import now_ms, timestamp
from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator._common.problems import Problem
from get3w_emulator._common.responses import ApiError
from get3w_emulator.settings import Settings
from get3w_emulator.state.predictions import Prediction

OPENING_BALANCE = Decimal(1_000)
"""What the account holds where nothing is said of it, in USD."""

_PERIOD = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_MAX_PER_PAGE = 100


@dataclass(frozen=True, slots=True)
class _Record:
    """One line of the books; without a task it is the top-up at the start."""

    at_ms: int
    amount: Decimal
    balance: Decimal
    task: Prediction | None = None
    refund: bool = False


class Account:
    """The account that all calls are made on.

    Args:
        settings: Holds the balance and the clock.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._records: list[_Record] = []
        self._refunds: list[tuple[int, int, Prediction]] = []
        opening = settings.balance
        self.open(now_ms(settings.clock), OPENING_BALANCE if opening is None else opening)

    def open(self, at_ms: int, opening: Decimal) -> None:
        """Begin the books anew, with the top-up."""
        self._records = [_Record(at_ms, opening, opening)]
        self._refunds = []

    @property
    def balance(self) -> Decimal:
        """What is left, in USD."""
        self._settle(now_ms(self._settings.clock))
        return self._records[-1].balance

    def check_affordable(self, price: float) -> None:
        """Make sure that a task can be paid for, if that matters.

        Raises:
            ApiError: 403 if not.
        """
        if self._settings.balance is not None and self.balance < Decimal(repr(price)):
            raise ApiError(403)

    def charge(self, task: Prediction) -> None:
        """Take the price of an accepted task."""
        self._settle(task.accepted_ms)
        self._write(task.accepted_ms, -_price(task), task)
        if task.outcome.refunded:
            heapq.heappush(self._refunds, (task.ends_ms, len(self._records), task))

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
        now = now_ms(self._settings.clock)
        self._settle(now)
        if first or last:
            shown = f"{first or ''}/{last or ''}"
            earliest, latest = (first or date.min).isoformat(), (last or date.max).isoformat()
        else:
            shown = period or _day(now)[:7]
            earliest, latest = f"{shown}-01", f"{shown}-31"
        tasks: dict[str, int] = {}
        costs: dict[str, Decimal] = {}
        for each in self._records:
            if each.task is not None and earliest <= _day(each.at_ms) <= latest:
                kind = each.task.model.kind
                tasks[kind] = tasks.get(kind, 0) + (not each.refund)
                costs[kind] = costs.get(kind, Decimal(0)) - each.amount
        breakdown: JSONObject = {
            kind: {"tasks": tasks[kind], "cost": float(costs[kind])} for kind in sorted(tasks)
        }
        return {
            "total_tasks": sum(tasks.values()),
            "total_cost": float(sum(costs.values(), Decimal(0))),
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
        now = now_ms(self._settings.clock)
        self._settle(now)
        lag_ms = round(self._settings.billing_lag * 1000)
        # They are in order of time, and a page of many is wanted: none is looked at for another.
        booked = bisect_right(self._records, now - lag_ms, key=lambda each: each.at_ms)
        booked = max(1, booked)  # the top-up was there before anything else
        chosen = {None: range(booked), "top-up": range(1), "usage": range(1, booked)}[kind]
        places = chosen[(number - 1) * size : number * size]
        shown: list[JSON] = [_shown(place + 1, self._records[place]) for place in places]
        return {"records": shown, "total": len(chosen), "page": number, "per_page": size}

    def _settle(self, at_ms: int) -> None:
        """Write the refunds that are due, each at the moment when its task failed."""
        while self._refunds and self._refunds[0][0] <= at_ms:
            ended_ms, _, task = heapq.heappop(self._refunds)
            self._write(ended_ms, _price(task), task, refund=True)

    def _write(
        self, at_ms: int, amount: Decimal, task: Prediction, *, refund: bool = False
    ) -> None:
        balance = self._records[-1].balance + amount
        self._records.append(_Record(at_ms, amount, balance, task, refund))


def _shown(number: int, record: _Record) -> JSONObject:
    shown: JSONObject = {
        "id": f"bill_{number:03d}",
        "date": _day(record.at_ms),
        "type": "usage" if record.task else "top-up",
        "amount": float(record.amount),
        "balance_after": float(record.balance),
    }
    if record.task is not None:
        shown |= {"model": record.task.model.id, "task_id": record.task.id}
    return shown


def _price(prediction: Prediction) -> Decimal:
    return Decimal(repr(prediction.model.price))


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
