"""What can be wrong: the set-up of an emulator, a schema, a value in a body."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from get3w_emulator._common.json import JSON


class SetupError(Exception):
    """The emulator cannot start; the message is one line that says why."""


class SchemaError(SetupError):
    """It cannot because a schema cannot be used."""


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with a value.

    Attributes:
        pointer: The JSON pointer of the value; the empty string is the whole document.
        message: What is wrong with it.
    """

    pointer: str
    message: str


class RulesError(ValueError):
    """Rules that cannot be followed.

    Attributes:
        problems: What is wrong with them.
    """

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = problems
        super().__init__("; ".join(f"{each.pointer}: {each.message}" for each in problems))


def checked_rules(rules: JSON, wrong: Callable[[int, JSON], Iterable[Problem]]) -> list[JSON]:
    """Return *rules*, or raise a `RulesError` with all that *wrong* finds in any of them."""
    if not isinstance(rules, list):
        raise RulesError([Problem("", "is not a list of rules")])
    found = [problem for index, rule in enumerate(rules) for problem in wrong(index, rule)]
    if found:
        raise RulesError(found)
    return rules
