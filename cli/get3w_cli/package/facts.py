"""What a model does and costs: as the index of its package says, else as its module does."""

from __future__ import annotations

import re

from get3w_cli.package.index import Model
from get3w_cli.package.source import ModelSource, read_source

_PRICE = re.compile(r"^Base price: (?P<usd>[0-9.e+-]+) USD per run", re.MULTILINE)
_SOURCE = re.compile(r"^Source:\s+(?P<where>\S+)", re.MULTILINE)
_KIND = re.compile(r"^Make (?:an? )?(?P<to>\w+) from (?:an? )?(?P<of>[\w ]+)$")


class Facts:
    """What is known of a model beside its parameters.

    Attributes:
        summary: What it does, in a line.
        kind: What it makes of what, such as `text-to-image`; empty where that is not said.
        price: The base price of a run in US dollars, if it is known.
        source: Where the facts come from, if that is said.
    """

    __slots__ = ("kind", "price", "source", "summary")

    def __init__(self, summary: str, kind: str, price: float | None, source: str | None) -> None:
        self.summary = summary
        self.kind = kind
        self.price = price
        self.source = source


def facts_of(model: Model, source: ModelSource | None = None) -> Facts:
    """Return what is known of a model; *source* is its module, if that was read already.

    Raises:
        UsageError: The index does not say, and the module cannot be read.
    """
    if model.facts:
        summary, kind, price, where = model.facts
        return Facts(str(summary), str(kind), price, str(where) or None)
    source = source or read_source(model)
    summary = source.summary.removesuffix(".").removesuffix(f" with {model.id}")
    kind, price, where = (
        _KIND.match(summary),
        _PRICE.search(source.words),
        _SOURCE.search(source.words),
    )
    return Facts(
        summary,
        f"{kind['of']}-to-{kind['to']}".replace(" ", "-") if kind else "",
        float(price["usd"]) if price else None,
        where["where"] if where else None,
    )
