"""`Context`: one command line, its printer, and its client and history, made at first use."""

from __future__ import annotations

import logging
import warnings
from argparse import Namespace
from collections.abc import Callable
from typing import TYPE_CHECKING

from get3w_cli._common.exits import CommandError
from get3w_cli.arguments.parser import parse
from get3w_cli.arguments.table import Command
from get3w_cli.output.printer import Printer

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

    def client(self, on_event: Callable[[Event], object] | None = None) -> Client:
        """Return the client of this command, made from the environment at first use."""
        if self._client is None:
            from get3w_core import Client

            # What the core would log or warn of goes through the printer, which may speak JSON.
            logging.getLogger("get3w_core").addHandler(logging.NullHandler())
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                self._client = Client(on_event=lambda event: self._note(event, on_event))
            for each in caught:
                self.printer.note("warning", str(each.message))
        return self._client

    def _note(self, event: Event, on_event: Callable[[Event], object] | None) -> None:
        """Say that a call is repeated, and tell the command what happens."""
        from get3w_core import Retried

        if isinstance(event, Retried) and event.attempt == 1:
            what = f"{event.method} {event.url}: {event.reason}"
            self.printer.note("retry", f"{what}; trying again, {event.limit}")
        if on_event is not None:
            on_event(event)

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
