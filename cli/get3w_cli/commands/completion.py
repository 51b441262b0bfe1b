"""`completion`: print the script that a shell reads."""

from __future__ import annotations

from get3w_cli._common import exits
from get3w_cli.commands.context import Context
from get3w_cli.completion.scripts import SCRIPTS


def completion(context: Context) -> int:
    """Print the completion script of a shell."""
    shell = context.parse().operand
    context.printer.result({"shell": shell, "script": SCRIPTS[shell]}, SCRIPTS[shell].rstrip("\n"))
    return exits.DONE
