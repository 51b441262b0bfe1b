"""`batch` and `completion`: commands that another package or room does."""

from __future__ import annotations

from importlib.util import find_spec

from get3w_cli._common import exits
from get3w_cli._common.exits import UsageError
from get3w_cli.commands.context import Context
from get3w_cli.package.index import open_package


def batch(context: Context) -> int:
    """Run the command of `get3w_batch`, which reads its own arguments.

    Raises:
        UsageError: The extra `batch` is not installed, or there is no such model.
    """
    if find_spec("sqlalchemy") is None:
        raise UsageError('get3w batch needs its extra: pip install "get3w-models[batch]"')
    from get3w_batch.command import main

    model, *rest = context.words or ["--help"]
    if not model.startswith("-"):
        model = open_package(None).find(model).id
    return main([model, *rest], program="get3w batch")


def completion(context: Context) -> int:
    """Print the completion script of a shell."""
    from get3w_cli.completion.scripts import SCRIPTS

    shell = context.parse().operand
    context.printer.result({"shell": shell, "script": SCRIPTS[shell]}, SCRIPTS[shell].rstrip("\n"))
    return exits.DONE
