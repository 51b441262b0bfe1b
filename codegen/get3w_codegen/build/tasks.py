"""What is handed to another process to build, and what comes back."""

from dataclasses import dataclass

from get3w_codegen.model.model import Facts
from get3w_codegen.parse.load import Found
from get3w_codegen.problems import Problem


@dataclass(frozen=True, slots=True)
class Task:
    """One module to make.

    Attributes:
        found: The schema file.
        name: The model's name in Python.
        open: Whether a silent `additionalProperties` allows more.
    """

    found: Found
    name: str
    open: bool


@dataclass(frozen=True, slots=True)
class Built:
    """What a schema came to.

    Attributes:
        model_id: The model.
        source: The module's source, before formatting; empty where there is none.
        facts: What the package's index says of the model.
        problems: What is wrong with the schema.
    """

    model_id: str
    source: str
    facts: Facts
    problems: tuple[Problem, ...]
