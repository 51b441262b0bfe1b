"""Ask for the models, the balance, the usage and the billings of an account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar

from get3w_core.api.account import read_balance, read_billings, read_models, read_usage
from get3w_core.api.read import read
from get3w_core.api.surface import v3_url
from get3w_core.flow.effects import HttpRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from get3w_core._common.json import JsonValue
    from get3w_core.api.account import Billings, ModelListing, Usage
    from get3w_core.api.answers import Answer
    from get3w_core.flow.context import Context
    from get3w_core.flow.effects import Flow

T = TypeVar("T")


def models(ctx: Context) -> Flow[list[ModelListing]]:
    """Fetch the live list of models."""
    return _fetch(ctx, "models", read_models)


def balance(ctx: Context) -> Flow[float]:
    """Fetch the account's balance in USD."""
    return _fetch(ctx, "balance", read_balance)


def usage(
    ctx: Context, period: str | None, start_date: str | None, end_date: str | None
) -> Flow[Usage]:
    """Fetch tasks and costs of a month or between two days."""

    def read_checked(data: JsonValue) -> Usage | None:
        found = read_usage(data)
        shown = None if found is None else found.period
        dated = start_date is not None or end_date is not None
        if period is not None and not dated and shown not in {None, period}:
            raise ValueError(f"it is about the period {shown!r}, and {period!r} was asked for")
        return found

    return _fetch(
        ctx, "usage", read_checked, period=period, start_date=start_date, end_date=end_date
    )


def billings(
    ctx: Context,
    page: int | None,
    per_page: int | None,
    type_: Literal["top-up", "usage"] | None,
) -> Flow[Billings]:
    """Fetch one page of billing records."""

    def read_page(data: JsonValue) -> Billings | None:
        return read_billings(data, page)

    return _fetch(ctx, "billings", read_page, page=page, per_page=per_page, type=type_)


def _fetch(
    ctx: Context, path: str, reader: Callable[[JsonValue], T | None], **query: str | int | None
) -> Flow[T]:
    request = HttpRequest("GET", v3_url(ctx.options.origin, path, **query))

    def check(answer: Answer) -> str | None:
        if answer.problem is not None:
            return None
        try:
            missing = reader(answer.data) is None
        except ValueError as error:
            return str(error)
        return "it does not hold what was asked for" if missing else None

    answer, _ = yield from read(ctx, request, check=check)
    result = reader(answer.data)
    assert result is not None, "an answer without it does not pass the check"
    return result
