"""`upload`, `balance`, `usage` and `billings`."""

from __future__ import annotations

from dataclasses import asdict
from itertools import islice
from pathlib import Path

from get3w_cli._common import exits
from get3w_cli._common.exits import UsageError
from get3w_cli.commands.context import Context
from get3w_cli.output.progress import waiting


def upload(context: Context) -> int:
    """Upload files, and print the URL of each."""
    options = context.parse()
    missing = [each for each in options.operand if not Path(each).is_file()]
    if missing:
        raise UsageError(f"There is no file {missing[0]!r}; nothing was uploaded")
    for name in options.operand:
        size = Path(name).stat().st_size
        with waiting(context.printer, f"Uploading {name} ({size:,} bytes)"):
            url = context.client().upload(Path(name))
        context.printer.result({"path": name, "url": url, "bytes": size}, url)
    return exits.DONE


def balance(context: Context) -> int:
    """Print what the account holds, in US dollars."""
    context.parse()
    amount = context.client().balance()
    context.printer.result({"balance_usd": amount}, f"{amount:.2f} USD")
    return exits.DONE


def usage(context: Context) -> int:
    """Print tasks and costs of a period."""
    options = context.parse()
    found = context.client().usage(options.period, options.from_, options.to)
    rows = [
        {"kind": kind, "tasks": each.tasks, "cost_usd": each.cost}
        for kind, each in found.breakdown.items()
    ]
    total = {"kind": "all", "tasks": found.total_tasks, "cost_usd": found.total_cost}
    if context.printer.as_json:
        context.printer.result(asdict(found))
    else:
        context.printer.table([*rows, total], ["kind", "tasks", "cost_usd"])
    return exits.DONE


def billings(context: Context) -> int:
    """Print the movements of the balance, as the server lists them."""
    options = context.parse()
    records = context.client().iter_billings(options.type)
    rows = [asdict(each) for each in islice(records, options.limit or 100)]
    columns = ["date", "type", "amount", "balance_after", "model", "task_id"]
    context.printer.table(rows, columns, empty="There are no billing records.")
    return exits.DONE
