"""Problems found in schemas, collected as values and reported together."""

import difflib
import json
from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from get3w_codegen.text.lines import warn
from get3w_codegen.text.visible import escaped


class Level(Enum):
    """How much a problem stops."""

    WARNING = "warning"
    """The model is generated; a part of its schema is passed over."""
    ERROR = "error"
    """The model cannot be generated."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a schema file.

    Attributes:
        file: The file, relative to the schema folder.
        place: Where in the file: a JSON pointer, or line and column.
        message: What is wrong.
        remedy: What to do about it.
        level: How much it stops.
    """

    file: str
    place: str
    message: str
    remedy: str
    level: Level = Level.ERROR

    def __str__(self) -> str:
        place = f" at {self.place}" if self.place else ""
        return f"{self.level.value}: {self.file}{place}: {self.message}\n    {self.remedy}"


class GenerateError(Exception):
    """Generation stopped before anything was written.

    Attributes:
        problems: What was wrong with the schemas, empty where the cause lies elsewhere.
    """

    def __init__(self, message: str, problems: tuple[Problem, ...] = ()) -> None:
        super().__init__(message)
        self.problems = problems


class MisuseError(GenerateError):
    """The command was used wrongly, for example with a file in place of a folder."""


def shown(value: object) -> str:
    """Return a JSON value as it stands in a file, cut where it is long."""
    text = json.dumps(value, ensure_ascii=False)
    visible = escaped(text[:80])
    return visible if len(text) <= 80 else f"{visible}..."


def no_such_property(name: str, names: Collection[str]) -> str:
    """Return that *name* is not among the *names* of properties, and which is most like it."""
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean {shown(near[0])}?" if near else ""
    return f"no property is called that{hint}"


def tell(error: GenerateError) -> None:
    """Print an error and its problems on standard error."""
    for problem in error.problems:
        warn(str(problem))
    warn(f"get3w-codegen: {error}")
