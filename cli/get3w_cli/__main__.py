"""The command `get3w`: finds the command, runs it, and says why it ended."""

from __future__ import annotations

import os
import sys

from get3w_cli._common import exits

TYPE_CHECKING = False  # typing and collections are slow to load
if TYPE_CHECKING:
    from collections.abc import Sequence

    from get3w_cli.output.printer import Printer


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line, and return the exit status; see `get3w --help`.

    Args:
        arguments: The words after `get3w`; by default those of the process.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        if words[:1] == ["_complete"]:
            return _complete(words[1:])
        return _run(words)
    except BrokenPipeError:
        # Whoever read the results has gone; what Python would still write has nowhere to go.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.CLOSED


def _complete(words: list[str]) -> int:
    from get3w_cli._common.exits import CommandError
    from get3w_cli.completion.words import complete

    try:
        found = complete(words)
    except CommandError:
        return exits.MISUSED
    sys.stdout.write("".join(f"{each}\n" for each in found))
    sys.stdout.flush()
    return exits.DONE


def _run(words: list[str]) -> int:
    from get3w_cli.output.printer import Printer

    words = _command_first(words)
    printer = Printer(as_json="--json" in words or os.environ.get("GET3W_OUTPUT") == "json")
    if not words or words[0] in {"-h", "--help", "help"}:
        from get3w_cli.arguments.overview import overview

        printer.result({"help": overview()}, overview())
        return exits.DONE
    if words[0] == "--version":
        from get3w_core import __version__

        printer.result({"version": __version__}, f"get3w {__version__}")
        return exits.DONE
    try:
        return _run_command(words, printer)
    except BrokenPipeError:
        raise
    except (Exception, KeyboardInterrupt) as error:
        from get3w_cli.output.failures import failure_of

        failure = failure_of(error)
        if failure is None:
            raise
        printer.error(failure.data)
        return failure.status


def _run_command(words: list[str], printer: Printer) -> int:
    from get3w_cli._common.exits import UsageError
    from get3w_cli._common.nearest import did_you_mean
    from get3w_cli.arguments.table import BY_NAME
    from get3w_cli.commands.context import Context
    from get3w_cli.commands.registry import run_command

    command = BY_NAME.get(words[0])
    if command is None:
        hint = did_you_mean(words[0], BY_NAME) or " `get3w --help` lists them"
        raise UsageError(f"There is no command {words[0]!r}.{hint}")
    context = Context(command, words[1:], printer)
    try:
        return run_command(context)
    finally:
        context.close()


def _command_first(words: list[str]) -> list[str]:
    """Put options of every command that stand before the command behind it."""
    moved: list[str] = []
    rest = list(words)
    while rest and rest[0].partition("=")[0] in {"--json", "--package"}:
        moved.append(rest.pop(0))
        if moved[-1] == "--package" and rest:
            moved.append(rest.pop(0))
    return [*rest[:1], *moved, *rest[1:]] if rest else moved


if __name__ == "__main__":
    sys.exit(main())
