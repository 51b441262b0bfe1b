"""What can be wrong: the set-up of an emulator, a schema, a value in a body."""

from dataclasses import dataclass


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
