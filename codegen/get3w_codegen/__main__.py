"""Run the command `get3w-codegen`: parse its arguments, call a subcommand, print its errors."""

import argparse
import sys
from collections.abc import Sequence
from importlib.metadata import version

from get3w_codegen.cli import add, diff, generate, page, pull, remove
from get3w_codegen.problems import GenerateError, MisuseError, tell
from get3w_codegen.text.lines import warn

_COMMANDS = (generate, pull, diff, add, remove, page)
_EXTRA = {"datamodel-code-generator", "datamodel_code_generator", "jinja2", "ruff"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; return its exit status: 0 done, 1 a problem was found, 2 misused."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        warn('get3w-codegen needs its extra: pip install "get3w-models[codegen]"')
        return 2
    except GenerateError as error:
        tell(error)
        return 2 if isinstance(error, MisuseError) else 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="get3w-codegen",
        description="Typed Python clients from per-model JSON Schemas.",
        epilog="Exit status: 0 done, 1 a problem was found, 2 wrong use.",
    )
    parser.add_argument(
        "--version", action="version", version=f"%(prog)s {version('get3w-models')}"
    )
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for module in _COMMANDS:
        command = commands.add_parser(module.NAME, help=module.HELP)
        module.configure(command)
        command.set_defaults(run=module.run)
    return parser


if __name__ == "__main__":
    sys.exit(main())
