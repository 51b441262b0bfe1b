"""`estimate`: print the base price of a run and which inputs may change it; check `--max-cost`."""

from __future__ import annotations

import re

from get3w_cli._common import exits
from get3w_cli._common.exits import UsageError
from get3w_cli.commands.context import Context
from get3w_cli.commands.prepared import Prepared
from get3w_cli.package.shapes import MEDIA, TEXT

# Names of inputs by which models of this kind are priced.
_PRICED = re.compile(
    r"duration|seconds|length|resolution|size|width|height|quality|steps|fps|frames|audio|sound"
    r"|(?:^|_)(?:n|num|count|images|outputs|tier|mode)(?:_|$)"
)


def estimate(context: Context) -> int:
    """Print what a run would cost, and what that leaves out; nothing is sent."""
    prepared = Prepared(context)
    prepared.request()
    not_included = price_inputs(prepared)
    price = prepared.facts.price
    data = {
        "model": prepared.model.id,
        "base_price_usd": price,
        "not_included": not_included,
        "source": prepared.facts.source,
    }
    if price is None:
        line = f"The price of {prepared.model.id} is not known"
    else:
        line = f"{price:g} USD at the least (the base price of {prepared.model.id})"
    notes = [f"May change the price, and is not included: {', '.join(not_included)}"]
    context.printer.result(data, line, *(notes if not_included else []))
    return exits.DONE


def price_inputs(prepared: Prepared) -> list[str]:
    """Return the options that may change the price: those that were given come first."""
    named = [
        each
        for each in prepared.parameters
        if _PRICED.search(each.parameter.wire_name)
        and each.parameter.shape.kind not in {TEXT, MEDIA}
    ]
    given = {*prepared.body}
    first = [each.name for each in named if each.parameter.wire_name in given]
    return [*first, *(each.name for each in named if each.parameter.wire_name not in given)]


def check_cost(context: Context, prepared: Prepared) -> None:
    """Refuse a run whose base price is above `--max-cost`, or not known.

    Raises:
        UsageError: It is; nothing was sent.
    """
    most: float | None = prepared.options.max_cost
    price = prepared.facts.price
    if most is None:
        return
    if price is None:
        raise UsageError(
            f"The price of {prepared.model.id} is not known, so --max-cost cannot be kept; nothing"
            " was sent"
        )
    if price > most:
        raise UsageError(
            f"{prepared.model.id} costs {price:g} USD a run at the least, which is above --max-cost"
            f" {most:g}; nothing was sent"
        )
    not_included = price_inputs(prepared)
    if not_included:
        context.printer.note(
            "warning",
            f"--max-cost knows the base price alone; not included: {', '.join(not_included)}",
        )
