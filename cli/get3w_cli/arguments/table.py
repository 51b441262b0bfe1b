"""Every command with its options, as data."""

from __future__ import annotations


class Option:
    """An option of a command, not of a model.

    Attributes:
        name: The option, as in `--download`.
        metavar: What stands for its value; empty for one that takes none.
        words: What it does.
        choices: The values that it takes, if they can be listed.
        value_may_miss: Whether the option may stand without its value.
        kind: `text`, `seconds`, `count` or `amount`.
    """

    __slots__ = ("choices", "kind", "metavar", "name", "value_may_miss", "words")

    def __init__(
        self,
        name: str,
        metavar: str,
        words: str,
        *,
        choices: tuple[str, ...] = (),
        value_may_miss: bool = False,
        kind: str = "text",
    ) -> None:
        self.name = name
        self.metavar = metavar
        self.words = words
        self.choices = choices
        self.value_may_miss = value_may_miss
        self.kind = kind


class Command:
    """A command.

    Attributes:
        name: Its name.
        words: What it does, in a line.
        options: Its options.
        operand: What its operands are: `MODEL`, `ID`, `FILE`, `SHELL`, `ROW`, or empty for none.
        several: How many operands it takes: empty for one, `+` for some, `*` for any number.
    """

    __slots__ = ("name", "operand", "options", "several", "words")

    def __init__(
        self, name: str, words: str, *options: Option, operand: str = "", several: str = ""
    ) -> None:
        self.name = name
        self.words = words
        self.options: tuple[Option, ...] = (*options, *COMMON)
        self.operand = operand
        self.several = several

    @property
    def takes_parameters(self) -> bool:
        """Whether the parameters of a model are options of it."""
        return self.name in {"run", "submit", "estimate"}


COMMON: tuple[Option, ...] = (
    Option("--json", "", "print JSON; so does GET3W_OUTPUT=json"),
    Option("--package", "NAME", "the generated package (default: get3w_models)"),
)
_INPUT = (
    Option("--input", "FILE", "the input as a JSON object; - is stdin; options take precedence"),
    Option("--extra-body", "JSON", "input that the schema does not know; nothing checks it"),
)
_SUBMIT = (
    *_INPUT,
    Option("--webhook-url", "URL", "an address that is called when the task has ended"),
    Option(
        "--once",
        "NAME",
        "submit only if this folder has not submitted this input, or this NAME, yet",
        value_may_miss=True,
    ),
    Option(
        "--max-cost", "USD", "submit only if the base price is known and not above", kind="amount"
    ),
    Option("--no-history", "", "keep no record of the submission on this machine"),
)
_TIMEOUT = Option("--timeout", "SECONDS", "how long to wait (default: 3600)", kind="seconds")
_SURFACE = Option("--surface", "NAME", "where to ask (default: v3)", choices=("v3", "v1"))

COMMANDS = (
    Command(
        "models",
        "list the models",
        Option("--search", "WORDS", "those whose id or summary has all of these words"),
        Option("--type", "TYPE", "those of a type, such as text-to-image"),
        Option("--documented", "", "those that Get3W's own documentation names"),
    ),
    Command("show", "say what a model takes, makes and costs", operand="MODEL"),
    Command(
        "run",
        "submit a task, wait for its end, and print its outputs",
        *_SUBMIT,
        Option("--download", "DIR", "store the outputs there and print their paths"),
        _TIMEOUT,
        operand="MODEL",
    ),
    Command("submit", "submit a task and print its id", *_SUBMIT, operand="MODEL"),
    Command(
        "batch", "run a model for each row of a file, and pay for each row once", operand="MODEL"
    ),
    Command("estimate", "say what a run would cost", *_INPUT, operand="MODEL"),
    Command("result", "print the present state of tasks", _SURFACE, operand="ID", several="+"),
    Command("wait", "wait for the end of tasks", _TIMEOUT, _SURFACE, operand="ID", several="+"),
    Command(
        "download",
        "store the outputs of tasks",
        Option("--to", "DIR", "where to (default: here)"),
        _SURFACE,
        operand="ID",
        several="+",
    ),
    Command("delete", "delete tasks on the server", operand="ID", several="+"),
    Command("upload", "upload files and print their URLs", operand="FILE", several="+"),
    Command("balance", "print what the account holds"),
    Command(
        "usage",
        "print tasks and costs of a period",
        Option("--period", "MONTH", "a month, as YYYY-MM"),
        Option("--from", "DAY", "the first day, as YYYY-MM-DD"),
        Option("--to", "DAY", "the last day, as YYYY-MM-DD"),
    ),
    Command(
        "billings",
        "print the movements of the balance",
        Option("--type", "TYPE", "those of a type", choices=("top-up", "usage")),
        Option("--limit", "N", "how many at most (default: 100)", kind="count"),
    ),
    Command(
        "history",
        "list what this machine has submitted",
        Option("--here", "", "from this folder alone"),
        Option("--limit", "N", "how many at most (default: 50)", kind="count"),
    ),
    Command(
        "reconcile",
        "look for the tasks of submissions whose outcome is unknown",
        Option("--within", "SECONDS", "how long to look for each (default: 30)", kind="seconds"),
        Option("--forget", "", "give up those that are named and still unknown"),
        operand="ROW",
        several="*",
    ),
    Command("doctor", "check the key, the way to the server, and what is installed"),
    Command(
        "completion",
        "print the completion script of a shell",
        operand="SHELL",
    ),
)
BY_NAME = {command.name: command for command in COMMANDS}
SHELLS = ("bash", "zsh", "fish")

RESERVED = frozenset(
    option.name
    for command in COMMANDS
    if command.takes_parameters
    for option in (*command.options, Option("--help", "", ""))
)
"""Options that are not a model's, whatever its parameters are called."""
