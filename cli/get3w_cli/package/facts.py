"""What a model does and costs, as its generated module says."""

from __future__ import annotations

import re

from get3w_cli.package.source import ModelSource

_PRICE = re.compile(r"^Base price: (?P<usd>[0-9.e+-]+) USD per run", re.MULTILINE)
_SOURCE = re.compile(r"^Source:\s+(?P<where>\S+)", re.MULTILINE)
_KIND = re.compile(r"^Make (?:an? )?(?P<to>\w+) from (?:an? )?(?P<of>[\w ]+?) with ")


class Facts:
    """What is known of a model beside its parameters.

    Attributes:
        summary: What it does, in a line.
        kind: What it makes of what, such as `text-to-image`; empty where that is not said.
        price: The base price of a run in US dollars, if it is known.
        source: Where the facts come from, if that is said.
    """

    __slots__ = ("kind", "price", "source", "summary")

    def __init__(self, source: ModelSource) -> None:
        price, where = _PRICE.search(source.words), _SOURCE.search(source.words)
        kind = _KIND.match(source.summary)
        self.summary = source.summary
        self.kind = f"{kind['of']}-to-{kind['to']}".replace(" ", "-") if kind else ""
        self.price = float(price["usd"]) if price else None
        self.source = where["where"] if where else None
