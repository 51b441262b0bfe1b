"""Print lines to a terminal or a CI log, without control characters or workflow commands."""

import re
import sys
from typing import TextIO

from get3w_codegen.text.forms import Line
from get3w_codegen.text.visible import escaped

# `::command::` at the start of a line, `##[command]` anywhere in it.
_COMMAND = re.compile(r"^(\s*):(?=:)|##(?=\[)")


def line(text: str) -> Line:
    """Return *text* as one line without control characters and commands of a workflow."""
    return Line(_COMMAND.sub(lambda found: f"{found[0]}\\", escaped(text)))


def say(text: str = "", *, to: TextIO | None = None) -> None:
    """Write *text* with a line feed at its end, each of its lines made safe.

    Args:
        text: What to write; only line feeds separate its lines.
        to: Where to write it; standard output if it is left out.
    """
    stream = sys.stdout if to is None else to
    stream.write("".join(f"{line(each)}\n" for each in text.split("\n")))


def warn(text: str) -> None:
    """Write *text* to standard error, as `say` does."""
    say(text, to=sys.stderr)
    sys.stderr.flush()
