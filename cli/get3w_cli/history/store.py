"""The history as a table: one row for each submission.

The states of a row:

    preparing   nothing was sent: files are uploaded, or the process ended before it could send
    sending     it is being sent, or the process was killed meanwhile; then the outcome is unknown
    accepted    the server has it, and its id is known
    unknown     it was sent, and no clear answer came back
    refused     it certainly was not accepted
    forgotten   somebody decided to give up an unknown one
"""

from __future__ import annotations

import os
import secrets
import sqlite3
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from get3w_cli._common.exits import CommandError, UsageError

PREPARING = "preparing"
SENDING = "sending"
ACCEPTED = "accepted"
UNKNOWN = "unknown"
REFUSED = "refused"
FORGOTTEN = "forgotten"

_VERSION = 1
_PATIENCE = 30.0  # seconds for another process to end its transaction
_TABLE = """
CREATE TABLE submissions (
    row INTEGER PRIMARY KEY,
    created REAL NOT NULL,
    origin TEXT NOT NULL,
    folder TEXT NOT NULL,
    name TEXT,
    digest TEXT NOT NULL,
    once INTEGER NOT NULL,
    owner TEXT NOT NULL,
    state TEXT NOT NULL,
    model TEXT NOT NULL,
    price REAL,
    saved TEXT,
    prediction_id TEXT,
    handle TEXT,
    status TEXT
);
CREATE INDEX by_input ON submissions (folder, digest);
CREATE INDEX by_id ON submissions (prediction_id);
"""


class HistoryError(CommandError):
    """The history cannot be read or written."""

    code = "history"


class Submission:
    """One row; its attributes are the columns of the table."""

    def __init__(self, columns: sqlite3.Row) -> None:
        self.row: int = columns["row"]
        self.created: float = columns["created"]
        self.origin: str = columns["origin"]
        self.folder: str = columns["folder"]
        self.name: str | None = columns["name"]
        self.digest: str = columns["digest"]
        self.owner: str = columns["owner"]
        self.state: str = columns["state"]
        self.model: str = columns["model"]
        self.price: float | None = columns["price"]
        self.saved: str | None = columns["saved"]
        self.prediction_id: str | None = columns["prediction_id"]
        self.handle: str | None = columns["handle"]
        self.status: str | None = columns["status"]


class History:
    """The history of this machine.

    Raises:
        HistoryError: It cannot be opened, or a newer version has written it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / "history.sqlite3"
        with _readable_errors(self.path):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            # What was submitted is as confidential as the prompts are.
            os.close(os.open(self.path, os.O_CREAT | os.O_RDWR, 0o600))
            self._base = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
            self._base.row_factory = sqlite3.Row
            try:
                with self._writing():
                    self._prepare()
            except BaseException:
                self._base.close()
                raise

    def close(self) -> None:
        """Close the file."""
        self._base.close()

    def claim(
        self,
        *,
        origin: str,
        folder: str,
        model: str,
        digest: str,
        name: str | None,
        once: bool,
        price: float | None,
    ) -> tuple[Submission, bool]:
        """Return the row of a submission, and whether it is this process that has to submit.

        With *once*, the row of an equal submission to the same server is returned where there is
        one; what another process was still preparing is taken over from it.
        """
        owner = secrets.token_hex(8)
        with _readable_errors(self.path), self._writing():
            if once:
                found = self._equal(origin, folder, model, digest, name)
                if found is not None and found.state != PREPARING:
                    return found, False
                if found is not None:
                    self._base.execute(
                        "UPDATE submissions SET owner = ? WHERE row = ?", (owner, found.row)
                    )
                    return self._row(found.row), True
            added = self._base.execute(
                "INSERT INTO submissions"
                " (created, origin, folder, name, digest, once, owner, state, model, price)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (time.time(), origin, folder, name, digest, once, owner, PREPARING, model, price),
            )
            return self._row(int(added.lastrowid or 0)), True

    def begin_sending(self, submission: Submission, saved: str) -> None:
        """Note on disk that *submission* is being sent, before it is.

        Raises:
            HistoryError: It could not be written, or another process has taken it over.
        """
        with _readable_errors(self.path), self._writing():
            changed = self._base.execute(
                "UPDATE submissions SET state = ?, saved = ?"
                " WHERE row = ? AND owner = ? AND state = ?",
                (SENDING, saved, submission.row, submission.owner, PREPARING),
            )
        if changed.rowcount != 1:
            raise HistoryError(
                "Another process has taken this submission over; nothing was sent from here. Run"
                " the command again to take its task up"
            )

    def note(self, submission: Submission, state: str, **columns: str | None) -> None:
        """Note what became of a submission, unless another process has taken it over."""
        names = ["state", *columns]
        settings = ", ".join(f"{name} = ?" for name in names)
        values = [state, *columns.values(), submission.row, submission.owner]
        with _readable_errors(self.path), self._writing():
            self._base.execute(
                f"UPDATE submissions SET {settings} WHERE row = ? AND owner = ?",  # noqa: S608 - our own names
                values,
            )

    def note_status(self, prediction_id: str, status: str, handle: str | None = None) -> None:
        """Note the state in which a task was seen."""
        with _readable_errors(self.path), self._writing():
            self._base.execute(
                "UPDATE submissions SET status = ?, handle = coalesce(?, handle)"
                " WHERE prediction_id = ?",
                (status, handle, prediction_id),
            )

    def of_id(self, prediction_id: str) -> Submission | None:
        """Return the submission of a task, if it is one of this machine."""
        return self._one("prediction_id = ?", prediction_id)

    def of_row(self, row: str) -> Submission | None:
        """Return a submission by its number."""
        return self._one("row = ?", row)

    def unknown(self) -> list[Submission]:
        """Return the submissions whose outcome is unknown, oldest first."""
        return self._select("state IN (?, ?) ORDER BY row", SENDING, UNKNOWN)

    def latest(self, limit: int, folder: str | None = None) -> list[Submission]:
        """Return the latest submissions, newest first."""
        where = "1" if folder is None else "folder = ?"
        given: tuple[Any, ...] = () if folder is None else (folder,)
        return self._select(f"{where} ORDER BY row DESC LIMIT ?", *given, limit)

    def _equal(
        self, origin: str, folder: str, model: str, digest: str, name: str | None
    ) -> Submission | None:
        mark = "name = ?" if name is not None else "digest = ? AND model = ?"
        given = (name,) if name is not None else (digest, model)
        # An accepted one first, then one whose outcome is unknown.
        return self._one(
            f"origin = ? AND folder = ? AND {mark}"
            f" AND (state IN ('{ACCEPTED}', '{SENDING}', '{UNKNOWN}')"
            f" OR (state = '{PREPARING}' AND once))"
            f" ORDER BY state = '{ACCEPTED}' DESC, state != '{PREPARING}' DESC, row DESC",
            origin,
            folder,
            *given,
        )

    def _one(self, where: str, *values: Any) -> Submission | None:
        return next(iter(self._select(f"{where} LIMIT 1", *values)), None)

    def _select(self, where: str, *values: Any) -> list[Submission]:
        with _readable_errors(self.path):
            found = self._base.execute(f"SELECT * FROM submissions WHERE {where}", values)  # noqa: S608 - our own words
            return [Submission(each) for each in found]

    def _row(self, row: int) -> Submission:
        (found,) = self._select("row = ?", row)
        return found

    @contextmanager
    def _writing(self) -> Generator[None]:
        """Hold the lock for writing, and commit to disk at the end."""
        self._base.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._base.execute("ROLLBACK")
            raise
        self._base.execute("COMMIT")

    def _prepare(self) -> None:
        (version,) = self._base.execute("PRAGMA user_version").fetchone()
        if version > _VERSION:
            raise UsageError(
                f"{self.path} was written by a newer get3w; update this one, or name another folder"
                " with XDG_STATE_HOME"
            )
        if version < _VERSION:
            for statement in _TABLE.split(";"):
                self._base.execute(statement)
            self._base.execute(f"PRAGMA user_version = {_VERSION}")


@contextmanager
def _readable_errors(path: Path) -> Generator[None]:
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        raise HistoryError(
            f"The history in {path} cannot be used: {error}. XDG_STATE_HOME names another folder,"
            " and --no-history does without it"
        ) from None
