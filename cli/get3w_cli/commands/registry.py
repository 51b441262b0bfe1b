"""Name the module of this folder that holds the function of each command."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import cast

from get3w_cli.commands.context import Context

_MODULES = {
    "models": "models",
    "show": "models",
    "run": "run",
    "submit": "run",
    "batch": "delegated",
    "estimate": "estimate",
    "result": "tasks",
    "wait": "tasks",
    "download": "tasks",
    "delete": "tasks",
    "upload": "account",
    "balance": "account",
    "usage": "account",
    "billings": "account",
    "history": "history",
    "reconcile": "history",
    "doctor": "doctor",
    "completion": "delegated",
}


def run_command(context: Context) -> int:
    """Run the command of *context*, and return its exit status."""
    name = context.command.name
    module = import_module(f"get3w_cli.commands.{_MODULES[name]}")
    function = cast("Callable[[Context], int]", getattr(module, name))
    return function(context)
