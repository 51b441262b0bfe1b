"""Make the parser of one command, with the parameters of one model, and read a command line."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from get3w_cli._common.exits import UsageError
from get3w_cli._common.nearest import did_you_mean
from get3w_cli.arguments.parameters import ModelOption
from get3w_cli.arguments.table import SHELLS, Command, Option
from get3w_cli.package.shapes import LIST, written
from get3w_cli.package.source import REQUIRED

_UNLIMITED_CHOICES = 12


class _Parser(argparse.ArgumentParser):
    """Raises instead of printing and leaving, so that an error can be JSON."""

    def error(self, message: str) -> NoReturn:
        """Raise what is wrong."""
        raise UsageError(f"{message}\n{self.format_usage().strip()}")


def operand_of(command: Command, words: list[str]) -> str | None:
    """Return the first operand among *words*, before the parameters of its model are known.

    Raises:
        UsageError: An option that may be a parameter stands before it.
    """
    arity = {each.name: each for each in command.options}
    rest = iter(words)
    for word in rest:
        if not word.startswith("-") or word == "-":
            return word
        name, equals, _ = word.partition("=")
        if name in {"-h", "--help"}:
            return None
        option = arity.get(name)
        if option is None:
            raise UsageError(
                f"Name the model before its parameters: get3w {command.name} {command.operand}"
                f" {name} ..."
            )
        if option.metavar and not equals and not option.value_may_miss:
            next(rest, None)
    return None


def parse(
    command: Command, words: list[str], parameters: list[ModelOption] | None = None, title: str = ""
) -> argparse.Namespace:
    """Read the words after a command.

    The values of parameters stand in `given`, pairs of a `ModelOption` and the text of its value.

    Raises:
        UsageError: Something is wrong with them; the message says what may have been meant.
    """
    parameters = parameters or []
    parser = _parser(command, parameters, title)
    joined = _joined(words, command, parameters)
    options, unknown = parser.parse_known_args(joined)
    if unknown:
        raise UsageError(_unknown_words(command, parameters, unknown))
    return options


def _parser(command: Command, parameters: list[ModelOption], title: str) -> _Parser:
    parser = _Parser(
        prog=f"get3w {command.name}",
        usage=_usage(command),
        description=title or f"{command.words[0].upper()}{command.words[1:]}.",
        formatter_class=_Help,
        allow_abbrev=False,
    )
    parser.set_defaults(given=[])
    if command.operand:
        how = command.several or None
        if command.operand == "SHELL":
            parser.add_argument("operand", metavar="SHELL", choices=SHELLS)
        else:
            parser.add_argument("operand", metavar=command.operand, nargs=how)
    if parameters:
        group = parser.add_argument_group("parameters of the model")
        for each in parameters:
            _add_parameter(group, each)
    own = parser.add_argument_group("options of the command") if parameters else parser
    for option in command.options:
        _add_option(own, option)
    return parser


def _usage(command: Command) -> str:
    operand = "{" + ",".join(SHELLS) + "}" if command.operand == "SHELL" else command.operand
    shown = {"+": f"{operand} ... ", "*": f"[{operand} ...] "}.get(command.several, f"{operand} ")
    return f"get3w {command.name} {shown if operand else ''}[OPTIONS]"


class _Help(argparse.HelpFormatter):
    """Fits the terminal."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog, max_help_position=30, width=min(_width(), 100))


def _width() -> int:
    try:
        return max(os.get_terminal_size(sys.stdout.fileno()).columns, 40)
    except (OSError, ValueError):
        return 80


class _Give(argparse.Action):
    """Keeps a parameter and its text, in the order of the command line."""

    def __call__(
        self,
        parser: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: str | Sequence[Any] | None,
        option_string: str | None = None,
    ) -> None:
        """Add the parameter to those that are given."""
        del parser
        option: ModelOption = self.const
        if option_string == option.negation:
            text = "false"
        else:
            text = values if isinstance(values, str) else "true"  # a flag that stands alone
        namespace.given = [*namespace.given, (option, text)]


def _add_parameter(
    group: argparse._ArgumentGroup,  # pyright: ignore[reportPrivateUsage] - as below
    option: ModelOption,
) -> None:
    parameter = option.parameter
    shape = parameter.shape
    shown = "true|false" if shape.is_flag else str(shape).upper().replace(" ", "_")
    if shape.all_choices and not shape.is_flag:
        values = [written(each) for each in shape.all_choices]
        more = ["..."] if len(values) > _UNLIMITED_CHOICES else []
        shown = "{" + ",".join(values[:_UNLIMITED_CHOICES] + more) + "}"
    words = parameter.words.replace("%", "%%")
    if parameter.default is REQUIRED:
        words = f"Required. {words}"
    if shape.of_kind(LIST):
        words += " May be repeated."
    flag = "?" if shape.is_flag else None
    shown = shown.replace("%", "%%")
    _give(group, option, option.name, nargs=flag, metavar=shown, help=words)
    for alias in option.aliases:
        _give(group, option, alias, nargs=flag, metavar=shown, help=argparse.SUPPRESS)
    if option.negation:
        _give(group, option, option.negation, nargs=0, help=argparse.SUPPRESS)


def _give(
    group: argparse._ArgumentGroup,  # pyright: ignore[reportPrivateUsage] - it has no other name
    option: ModelOption,
    name: str,
    *,
    nargs: str | int | None,
    metavar: str | None = None,
    help: str,  # noqa: A002 - argparse's own name
) -> None:
    group.add_argument(
        name,
        action=_Give,
        const=option,
        dest="given",
        default=argparse.SUPPRESS,
        nargs=nargs,
        metavar=metavar,
        help=help,
    )


def _add_option(
    group: argparse._ActionsContainer,  # pyright: ignore[reportPrivateUsage] - as above
    option: Option,
) -> None:
    name = option.name[2:].replace("-", "_")
    dest = {"from": "from_", "input": "input_file"}.get(name, name)
    words = option.words.replace("%", "%%")
    if not option.metavar:
        group.add_argument(option.name, action="store_true", dest=dest, help=words)
        return
    group.add_argument(
        option.name,
        metavar="{" + ",".join(option.choices) + "}" if option.choices else option.metavar,
        dest=dest,
        choices=option.choices or None,
        type=_READERS[option.kind],
        nargs="?" if option.value_may_miss else None,
        const="" if option.value_may_miss else None,
        help=words,
    )


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number < float("inf"):
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 0 on")
    return number


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number from 1 on")
    return int(text)


_READERS: dict[str, Callable[[str], object]] = {
    "text": str,
    "seconds": _number,
    "amount": _number,
    "count": _count,
}


def _joined(words: list[str], command: Command, parameters: list[ModelOption]) -> list[str]:
    """Write each option that takes a value as one word with it, whatever the value begins with."""
    valued = {each.name for each in command.options if each.metavar and not each.value_may_miss}
    valued |= {
        name
        for each in parameters
        if not each.parameter.shape.is_flag
        for name in (each.name, *each.aliases)
    }
    joined: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "--":
            return [*joined, word, *rest]
        value = next(rest, None) if word in valued else None
        joined.append(word if value is None else f"{word}={value}")
    return joined


def _unknown_words(command: Command, parameters: list[ModelOption], unknown: list[str]) -> str:
    first = unknown[0].partition("=")[0]
    if not first.startswith("-"):
        return f"Unexpected {first!r}: a value follows its option, as in --prompt {first!r}"
    known = [each.name for each in command.options]
    known += [name for each in parameters for name in (each.name, each.negation) if name]
    hint = did_you_mean(first, known)
    way_out = ""
    if parameters and not hint:
        way_out = (
            " The parameters are " + ", ".join(each.name for each in parameters) + "."
            " --extra-body sends what the schema does not know yet"
        )
    return f"Unknown option {first}.{hint}{way_out}"
