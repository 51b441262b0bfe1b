"""The language servers, how each is started, and what is known to be missing in each."""

import json
import sys
from dataclasses import dataclass, field
from pathlib import Path

from .lsp import LanguageServer

BIN = Path(sys.executable).parent


@dataclass(frozen=True, eq=False)
class Server:
    """A language server.

    Attributes:
        name: Its name, also that of its distribution.
        command: Its command line.
        default: How it shows the default `{}` of a parameter.
        hidden: How it shows a default that it does not show, by the kind of parameter.
        strings: Whether it completes the values of a choice inside quotes.
        open_strings: Whether it does so where any other string is allowed as well.
        most: The longest choice that it keeps; a longer one it takes for any string.
        longest: The characters of a string that it shows in a type; longer ones it completes not.
        longest_default: The characters of a string that it shows as a default.
        words: What signature help shows of a parameter's words: "all", "first line", "nothing".
    """

    name: str
    command: tuple[str, ...]
    default: str
    hidden: dict = field(default_factory=dict)
    strings: bool = True
    open_strings: bool = False
    most: int = sys.maxsize
    longest: int = sys.maxsize
    longest_default: int = sys.maxsize
    words: str = "all"

    def start(self, installed, folder):
        """Start it on *folder*, a project for the environment in which the wheel is."""
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "pyproject.toml").write_text(
            f"[tool.pyright]\n"
            f"venvPath = {json.dumps(str(installed.folder))}\n"
            f'venv = "venv"\n'
            f"[tool.ty.environment]\n"
            f"python = {json.dumps(str(installed.folder / 'venv'))}\n"
            f"[tool.pyrefly]\n"
            f"python-interpreter-path = {json.dumps(str(installed.python))}\n",
            encoding="utf-8",
        )
        options = {"workspace": {"environmentPath": str(installed.python)}}
        command = (str(BIN / self.command[0]), *self.command[1:])
        return LanguageServer(command, folder, options=options if self.name == JEDI else None)


JEDI = "jedi-language-server"

SERVERS = (
    Server(
        "pyright",
        ("pyright-langserver", "--stdio"),
        "server_default({})",
        open_strings=True,
        longest=50,
        longest_default=32,
        words="first line",
    ),
    Server("ty", ("ty", "server"), "{}", hidden={"float": "..."}),
    Server(
        "pyrefly",
        ("pyrefly", "lsp"),
        "{}",
        # The default of a choice is shown, any other is not.
        hidden=dict.fromkeys(("str", "int", "float", "bool"), "..."),
        words="first line",
        most=256,
    ),
    Server(JEDI, ("jedi-language-server",), "server_default({})", strings=False, words="nothing"),
)
