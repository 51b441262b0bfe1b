"""Read the answers of models, balance, usage and billings into dataclasses; page the billings.

Fields are read leniently: what is missing or has another type is None (or empty). Only an amount or
a count that is there and is no number is an error, since somebody adds these up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeVar

from get3w_core._common.json import JsonValue, as_integer, as_number, as_object, as_text
from get3w_core.errors.base import ResponseFormatError
from get3w_core.errors.printable import printable

N = TypeVar("N", int, float)

# A server that never comes to an end is not believed beyond this.
_MOST_PAGES: Final = 10_000


@dataclass(frozen=True, slots=True)
class ModelListing:
    """One entry of the list of models.

    Attributes:
        model_id: The model id.
        name: The name to show.
        description: What it does.
        type: The kind, such as `text-to-image`.
        base_price: The price in USD, before what the input adds.
        request_schema: The JSON Schema of its input.
    """

    model_id: str
    name: str | None
    description: str | None
    type: str | None
    base_price: float | None
    request_schema: dict[str, JsonValue] | None


@dataclass(frozen=True, slots=True)
class UsageItem:
    """Tasks and cost of one kind of model."""

    tasks: int | None
    cost: float | None


@dataclass(frozen=True, slots=True)
class Usage:
    """Tasks and cost of a period; `breakdown` is by kind of model."""

    total_tasks: int | None
    total_cost: float | None
    period: str | None
    breakdown: dict[str, UsageItem]


@dataclass(frozen=True, slots=True)
class BillingRecord:
    """One movement of the balance; the amount of usage is negative."""

    id: str | None
    date: str | None
    type: str | None
    amount: float | None
    balance_after: float | None
    model: str | None
    task_id: str | None


@dataclass(frozen=True, slots=True)
class Billings:
    """One page of billing records."""

    records: tuple[BillingRecord, ...]
    total: int | None
    page: int | None
    per_page: int | None


def read_models(data: JsonValue) -> list[ModelListing] | None:
    """Read the list of models; entries without an id are left out."""
    if not isinstance(data, list):
        return None
    listings = (_listing(as_object(entry)) for entry in data)
    return [listing for listing in listings if listing is not None]


def _listing(entry: dict[str, JsonValue]) -> ModelListing | None:
    model_id = as_text(entry.get("model_id")) or as_text(entry.get("name"))
    if model_id is None:
        return None
    schemas = as_object(entry.get("api_schema")).get("api_schemas")
    runs = [
        as_object(schema)
        for schema in (schemas if isinstance(schemas, list) else [])
        if as_object(schema).get("type") == "model_run"
    ]
    schema = runs[0].get("request_schema") if runs else None
    return ModelListing(
        model_id=model_id,
        name=as_text(entry.get("name")),
        description=as_text(entry.get("description")),
        type=as_text(entry.get("type")),
        base_price=as_number(entry.get("base_price")),
        request_schema=schema if isinstance(schema, dict) else None,
    )


def read_balance(data: JsonValue) -> float | None:
    """Read the balance in USD.

    Raises:
        ValueError: It is no number.
    """
    return _number(as_object(data), "balance")


def read_usage(data: JsonValue) -> Usage | None:
    """Read a usage report.

    Raises:
        ValueError: An amount or a count is no number.
    """
    if not isinstance(data, dict):
        return None
    return Usage(
        total_tasks=_count(data, "total_tasks"),
        total_cost=_number(data, "total_cost"),
        period=as_text(data.get("period")),
        breakdown={
            kind: UsageItem(
                tasks=_count(as_object(item), "tasks"),
                cost=_number(as_object(item), "cost"),
            )
            for kind, item in as_object(data.get("breakdown")).items()
        },
    )


def read_billings(data: JsonValue, page: int | None = None) -> Billings | None:
    """Read one page of billing records, which is *page* if that was asked for.

    Raises:
        ValueError: An amount or a count is no number, or it is another page.
    """
    if not isinstance(data, dict):
        return None
    records = data.get("records")
    shown = _count(data, "page")
    if page is not None and shown not in {None, page}:
        raise ValueError(f"it is page {shown}, and page {page} was asked for")
    return Billings(
        records=tuple(_record(as_object(entry)) for entry in records)
        if isinstance(records, list)
        else (),
        total=_count(data, "total"),
        page=shown,
        per_page=_count(data, "per_page"),
    )


def _record(entry: dict[str, JsonValue]) -> BillingRecord:
    return BillingRecord(
        id=as_text(entry.get("id")),
        date=as_text(entry.get("date")),
        type=as_text(entry.get("type")),
        amount=_number(entry, "amount"),
        balance_after=_number(entry, "balance_after"),
        model=as_text(entry.get("model")),
        task_id=as_text(entry.get("task_id")),
    )


def _number(fields: dict[str, JsonValue], name: str) -> float | None:
    return _checked(name, fields.get(name), as_number(fields.get(name)))


def _count(fields: dict[str, JsonValue], name: str) -> int | None:
    return _checked(name, fields.get(name), as_integer(fields.get(name)))


def _checked(name: str, value: JsonValue, number: N | None) -> N | None:
    if number is None and value is not None:
        raise ValueError(f"its {name} is no number, but {printable(repr(value), 80)}")
    return number


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
