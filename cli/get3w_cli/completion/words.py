"""Which words may stand where the cursor is."""

from __future__ import annotations

from get3w_cli._common.exits import UsageError
from get3w_cli.arguments.table import BY_NAME, SHELLS, Command

TYPE_CHECKING = False  # loaded for a model's options alone
if TYPE_CHECKING:
    from get3w_cli.arguments.parameters import ModelOption

FILES = "\tfiles"
FOLDERS = "\tfolders"
"""Stand for what the shell itself completes."""


def complete(words: list[str]) -> list[str]:
    """Return the words that may take the place of the last one, or a mark for files."""
    *before, current = words or [""]
    if not before:
        return _starting(current, [*BY_NAME, "--help", "--version"])
    command = BY_NAME.get(before[0])
    if command is None:
        return []
    name, equals, value = current.partition("=")
    if equals and name.startswith("--"):
        return [f"{name}={each}" for each in _values(command, before, name, value)]
    if before[1:] and before[-1].startswith("--") and _takes_value(command, before, before[-1]):
        return _values(command, before, before[-1], current)
    if current.startswith("-"):
        return _starting(current, _option_names(command, before))
    return _operands(command, before, current)


def _operands(command: Command, before: list[str], current: str) -> list[str]:
    if command.operand == "SHELL":
        return _starting(current, list(SHELLS))
    if command.operand == "FILE":
        return [FILES]
    if command.operand == "MODEL" and _model_word(command, before) is None:
        from get3w_cli.package.index import open_package, package_in

        package = open_package(package_in(before))
        # A Python name is typed by whoever does not know the owner.
        return _starting(current, package.ids) or _starting(current, list(package.names()))
    if command.takes_parameters and not current:
        return _option_names(command, before)
    return []


def _option_names(command: Command, before: list[str]) -> list[str]:
    names = [each.name for each in command.options]
    options = _parameters(command, before)
    shown = [name for each in options for name in (each.name, each.negation) if name]
    return [*shown, *names, "--help"]


def _values(command: Command, before: list[str], name: str, current: str) -> list[str]:
    for option in command.options:
        if option.name == name:
            if option.metavar in {"FILE", "DIR"}:
                return [FOLDERS if option.metavar == "DIR" else FILES]
            if name == "--type" and command.name == "models":
                return []
            return _starting(current, list(option.choices))
    for each in _parameters(command, before):
        if name in {each.name, *each.aliases}:
            from get3w_cli.package.shapes import LIST, MEDIA, written

            shape = each.parameter.shape
            choices = [written(value) for value in shape.all_choices]
            inner = shape.of_kind(LIST)
            media = shape.of_kind(MEDIA) or (inner and inner.item and inner.item.of_kind(MEDIA))
            return [FILES] if media else _starting(current, choices)
    return []


def _takes_value(command: Command, before: list[str], name: str) -> bool:
    for option in command.options:
        if option.name == name:
            return bool(option.metavar) and not option.value_may_miss
    for each in _parameters(command, before):
        if name in {each.name, *each.aliases}:
            return not each.parameter.shape.is_flag
    return False


def _parameters(command: Command, before: list[str]) -> list[ModelOption]:
    word = _model_word(command, before) if command.takes_parameters else None
    if word is None:
        return []
    from get3w_cli.arguments.parameters import model_options
    from get3w_cli.package.index import open_package, package_in
    from get3w_cli.package.source import read_source

    try:
        model = open_package(package_in(before)).find(word)
    except UsageError:
        return []
    return model_options(read_source(model).parameters)


def _model_word(command: Command, before: list[str]) -> str | None:
    """Return the model among the words, where there is one already."""
    valued = {each.name for each in command.options if each.metavar and not each.value_may_miss}
    rest = iter(before[1:])
    for word in rest:
        if not word.startswith("-"):
            return word
        if word in valued:
            next(rest, None)
    return None


def _starting(current: str, words: list[str]) -> list[str]:
    return [each for each in words if each.startswith(current)]
