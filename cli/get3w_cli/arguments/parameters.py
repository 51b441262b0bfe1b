"""How a model's parameters are called as options."""

from __future__ import annotations

from get3w_cli.arguments.table import RESERVED
from get3w_cli.package.source import Parameter


class ModelOption:
    """A parameter of a model as an option.

    Attributes:
        parameter: The parameter.
        name: The option to show.
        aliases: Other spellings that are taken.
        negation: The option that means false; empty where there is none.
    """

    __slots__ = ("aliases", "name", "negation", "parameter")

    def __init__(self, parameter: Parameter, name: str) -> None:
        self.parameter = parameter
        self.name = name
        self.aliases: tuple[str, ...] = ()
        self.negation = ""


def option_name(wire_name: str) -> str:
    """Return the option of a parameter: `--aspect-ratio` for `aspect_ratio`.

    One that is called as an option of the command itself gets a prefix.
    """
    name = f"--{wire_name.replace('_', '-')}"
    return f"--param-{name[2:]}" if name in RESERVED else name


def model_options(parameters: list[Parameter]) -> list[ModelOption]:
    """Return the options of a model, in the order of its parameters; no two are called the same."""
    taken: set[str] = set(RESERVED)
    options: list[ModelOption] = []
    for parameter in parameters:
        spellings = [
            option_name(parameter.wire_name),
            f"--{parameter.wire_name}",
            f"--{parameter.name.replace('_', '-')}",
            f"--{parameter.name}",
        ]
        usable = [each for each in spellings if _is_usable(each) and each not in taken]
        option = ModelOption(parameter, usable[0])
        taken.add(option.name)
        options.append(option)
    for option in options:
        parameter = option.parameter
        others = [f"--{parameter.wire_name}", f"--{parameter.name}"]
        option.aliases = tuple(
            sorted({each for each in others if _is_usable(each) and each not in taken})
        )
        taken.update(option.aliases)
    for option in options:
        negation = f"--no-{option.name[2:]}"
        if option.parameter.shape.is_flag and negation not in taken:
            option.negation = negation
            taken.add(negation)
    return options


def _is_usable(name: str) -> bool:
    inner = name[2:]
    return (
        bool(inner) and inner.isprintable() and not set(inner) & set(" =\"'\\") and inner[0] != "-"
    )
