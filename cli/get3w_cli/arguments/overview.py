"""The help of `get3w` as a whole, made without a parser."""

from __future__ import annotations

from get3w_cli._common.exits import MEANINGS
from get3w_cli.arguments.table import COMMANDS


def overview() -> str:
    """Return the help of `get3w` as a whole."""
    width = max(len(each.name) for each in COMMANDS)
    lines = ["usage: get3w COMMAND [OPTIONS]", "", "Run Get3W's models from the command line.", ""]
    lines += [f"  {each.name:<{width}}  {each.words}" for each in COMMANDS]
    lines += ["", "`get3w COMMAND --help` says more; `get3w run MODEL --help` lists its options."]
    lines += ["The key is read from GET3W_API_KEY, another origin from GET3W_BASE_URL.", ""]
    lines += ["exit status:"]
    lines += [f"  {status:<{width}}  {meaning}" for status, meaning in MEANINGS]
    return "\n".join(lines)
