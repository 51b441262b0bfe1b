"""What every command works with."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from get3w_cli._common.exits import CommandError
from get3w_cli.arguments.parser import parse
from get3w_cli.arguments.table import Command
from get3w_cli.output.printer import Printer
from get3w_cli.package.index import Package, open_package

if TYPE_CHECKING:
    from get3w_core import Client, Event

    from get3w_cli.history.store import History


class Context:
    """A command line under way.

    Attributes:
        command: The command.
        words: The words after it.
        printer: Where to print.
    """

    def __init__(self, command: Command, words: list[str], printer: Printer) -> None:
        self.command = command
        self.words = words
        self.printer = printer
        self._client: Client | None = None
        self._history: History | None = None

    def parse(self) -> Namespace:
        """Read the words of a command that needs no model.

        Raises:
            UsageError: Something is wrong with them.
        """
        return parse(self.command, self.words)

    def package(self, options: Namespace) -> Package:
        """Return the package to work with."""
        return open_package(options.package)

    def client(self, on_event: Callable[[Event], object] | None = None) -> Client:
        """Return the client of this command, made from the environment at first use."""
        if self._client is None:
            from get3w_core import Client

            self._client = Client(on_event=on_event)
        return self._client

    def history(self) -> History:
        """Return the history of this machine.

        Raises:
            HistoryError: It cannot be used.
        """
        if self._history is None:
            from get3w_cli.history.folder import state_folder
            from get3w_cli.history.store import History

            self._history = History(state_folder())
        return self._history

    @property
    def opened_history(self) -> History | None:
        """The history, if this command has opened it."""
        return self._history

    def history_if_usable(self) -> History | None:
        """Return the history; None, with a note, where it cannot be used."""
        try:
            return self.history()
        except CommandError as error:
            self.printer.note("warning", error.message)
            return None

    def close(self) -> None:
        """Close what was opened."""
        if self._client is not None:
            self._client.close()
        if self._history is not None:
            self._history.close()
