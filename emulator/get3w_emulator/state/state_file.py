"""Keep the state of an emulator in a file, so that it outlives the process.

SQLite writes each accepted task before the caller hears of it, and a kill leaves no half of one.
"""

import json
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import astuple
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

from get3w_emulator._common.problems import SetupError
from get3w_emulator._common.responses import Surface
from get3w_emulator.faults.outcomes import Outcome
from get3w_emulator.schemas.catalogue import Model
from get3w_emulator.state.predictions import Origin, Prediction
from get3w_emulator.state.uploads import Upload
from get3w_emulator.state.webhooks import Attempt

_VERSION = 2
_TABLES = """
CREATE TABLE books (opened_ms INTEGER, opening TEXT);
CREATE TABLE predictions (
    id TEXT PRIMARY KEY, model TEXT, input TEXT, accepted_ms INTEGER, takes_ms INTEGER,
    surface TEXT, base_url TEXT, webhook TEXT, code INTEGER, error TEXT, deleted INTEGER DEFAULT 0,
    fault TEXT
);
CREATE TABLE uploads (name TEXT PRIMARY KEY, content BLOB, media_type TEXT, at_ms INTEGER);
CREATE TABLE attempts (
    webhook_id TEXT, prediction_id TEXT, url TEXT, attempt INTEGER, sent_at TEXT, status INTEGER,
    error TEXT, last INTEGER
);
"""


class StateFile:
    """Writes down what happens, and tells it again.

    Args:
        path: The file; it is made where there is none.

    Raises:
        SetupError: If it cannot be used.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        with ExitStack() as on_error:
            try:
                # Made in one thread and used in another, never in two at once.
                self._file = sqlite3.connect(path, timeout=0.2, check_same_thread=False)
                on_error.callback(self._file.close)
                version = self._prepare()
            except sqlite3.Error as error:
                raise SetupError(f"{path}: cannot keep the state there: {error}") from error
            if version not in (0, 1, _VERSION):
                raise SetupError(f"{path}: is of another version of the emulator; name a new file")
            on_error.pop_all()

    def _prepare(self) -> int:
        """Lock the file, make or update its tables, and return the version that it had."""
        self._file.execute("PRAGMA locking_mode = EXCLUSIVE")
        self._file.execute("PRAGMA journal_mode = WAL")
        # What a kill leaves is whole; only a power cut may take the last lines.
        self._file.execute("PRAGMA synchronous = NORMAL")
        (version,) = self._file.execute("PRAGMA user_version").fetchone()
        if not version:
            self._file.executescript(_TABLES)
            self._file.execute(f"PRAGMA user_version = {_VERSION}")
            self._file.commit()
        elif version == 1:  # version 2 added the fault
            self._file.execute("ALTER TABLE predictions ADD COLUMN fault TEXT")
            self._file.execute(f"PRAGMA user_version = {_VERSION}")
            self._file.commit()
        return cast("int", version)

    def opened(self) -> tuple[int, Decimal] | None:
        """Return when the books were begun, and with how much; None for a new file."""
        row = self._file.execute("SELECT opened_ms, opening FROM books").fetchone()
        return (row[0], Decimal(row[1])) if row else None

    def open(self, at_ms: int, opening: Decimal) -> None:
        """Begin the books, with nothing else in the file."""
        for table in ("books", "predictions", "uploads", "attempts"):
            self._file.execute(f"DELETE FROM {table}")  # noqa: S608  # a name from just here
        self._write("books", (at_ms, str(opening)))

    def accepted(self, prediction: Prediction) -> None:
        """Write an accepted task."""
        origin, outcome = prediction.origin, prediction.outcome
        self._write(
            "predictions",
            (
                *(prediction.id, prediction.model.id, json.dumps(prediction.input)),
                *(prediction.accepted_ms, prediction.takes_ms),
                *(origin.surface, origin.base_url, origin.webhook),
                *(outcome.code, outcome.error, 0, origin.fault),
            ),
        )

    def deleted(self, prediction_id: str) -> None:
        """Write that a prediction was deleted."""
        self._file.execute("UPDATE predictions SET deleted = 1 WHERE id = ?", (prediction_id,))
        self._file.commit()

    def uploaded(self, name: str, upload: Upload) -> None:
        """Write an uploaded file."""
        self._write("uploads", (name, upload.content, upload.media_type, upload.at_ms))

    def expired(self, before_ms: int) -> None:
        """Drop the uploads that are older."""
        self._file.execute("DELETE FROM uploads WHERE at_ms <= ?", (before_ms,))
        self._file.commit()

    def attempted(self, attempt: Attempt) -> None:
        """Write an attempt to deliver a webhook."""
        self._write("attempts", astuple(attempt))

    def predictions(self, catalogue: Mapping[str, Model]) -> Iterator[tuple[Prediction, bool]]:
        """Yield every accepted task in order, and whether it was deleted.

        Raises:
            SetupError: If the model of one is not among the schemas.
        """
        for row in self._file.execute("SELECT * FROM predictions ORDER BY rowid"):
            id_, model, body, accepted, takes, surface, base_url, webhook, *rest = row
            code, error, gone, fault = rest
            if model not in catalogue:
                raise SetupError(
                    f"{self._path}: holds a task of {model}, which has no schema; "
                    "name a new file, or the schemas it was made with"
                )
            origin = Origin(cast("Surface", surface), base_url, webhook, fault)
            outcome = Outcome(code, error)
            found = Prediction(
                id_, catalogue[model], json.loads(body), accepted, takes, origin, outcome
            )
            yield found, bool(gone)

    def uploads(self) -> Iterator[tuple[str, Upload]]:
        """Yield every uploaded file."""
        query = "SELECT name, content, media_type, at_ms FROM uploads ORDER BY rowid"
        for name, *rest in self._file.execute(query):
            yield name, Upload(*rest)

    def attempts(self) -> Iterator[Attempt]:
        """Yield every attempt to deliver a webhook."""
        for row in self._file.execute("SELECT * FROM attempts ORDER BY rowid"):
            fields: list[Any] = [*row[:-1], bool(row[-1])]
            yield Attempt(*fields)

    def close(self) -> None:
        """Close the file."""
        self._file.close()

    def _write(self, table: str, row: tuple[Any, ...]) -> None:
        places = ", ".join("?" * len(row))
        self._file.execute(f"INSERT INTO {table} VALUES ({places})", row)  # noqa: S608  # as above
        self._file.commit()
