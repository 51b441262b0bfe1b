"""What the parts of the engine share: the settings of a run, and whether it goes on sending."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from get3w_core import AsyncClient, ModelRequest
from get3w_models import request_class

from get3w_batch.engine.limiter import Limiter
from get3w_batch.journal.journal import Journal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from get3w_batch.engine.webhooks import BatchWebhooks


@dataclass(frozen=True)
class Settings:
    """How a batch is run.

    Attributes:
        out: The folder of the results, or None.
        download: Whether the outputs are saved there.
        concurrency: How many tasks run at once at most, over all processes of the batch.
        downloads: How many rows are downloaded at once.
        reconcile_timeout: Seconds in which the task of an unknown row is looked for.
        outage_timeout: Seconds for which a server that cannot be reached is tried.
    """

    out: Path | None = None
    download: bool = True
    concurrency: int = 64
    downloads: int = 8
    reconcile_timeout: float = 30.0
    outage_timeout: float = 120.0


@dataclass
class Shared:
    """The state of a run in this process.

    Attributes:
        settings: How it is run.
        client: Makes one attempt at each submit; the journal and the limiter do the rest.
        journal: The journal.
        folder: The name of the folder of results in the journal.
        limiter: Room on the account.
        types: Request classes by model, for models that `get3w_models` does not have.
        webhooks: Says when tasks ended; without it, they are asked for.
        stopped: Why nothing more is sent, or None.
        finished: Set when a row was settled.
        done: How many rows this process settled, by state.
        began: When the run began, in Unix time.
    """

    settings: Settings
    client: AsyncClient
    journal: Journal
    folder: str
    limiter: Limiter
    types: Mapping[str, type[ModelRequest]]
    webhooks: BatchWebhooks | None = None
    stopped: str | None = None
    finished: asyncio.Event = field(default_factory=asyncio.Event)
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    done: dict[str, int] = field(default_factory=dict[str, int])
    began: float = field(default_factory=time.time)

    def stop(self, reason: str) -> None:
        """Send nothing more; what is paid for is still waited for."""
        if self.stopped is None:
            self.stopped = reason
        self.stopping.set()

    def count(self, state: str) -> None:
        """Count a row that was settled."""
        self.done[state] = self.done.get(state, 0) + 1
        self.finished.set()

    def request(self, model: str, body: Mapping[str, object]) -> ModelRequest:
        """Return the typed request of a row."""
        return self.kind(model).model_validate(body)

    def kind(self, model: str) -> type[ModelRequest]:
        """Return the request class of a model."""
        return self.types.get(model) or request_class(model)


def words_of(error: object) -> str:
    """Return the message of an error, on a few lines at most."""
    message = str(error) or type(error).__name__
    # What no journal can hold: PostgreSQL takes no NUL, and nothing takes half a character.
    message = message.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()
    return message if len(message) <= _LONGEST else f"{message[:_LONGEST]} ..."


_LONGEST = 1000


def code_of(error: Exception) -> str:
    """Return what names the kind of an error in results: a status, or a word."""
    status = getattr(error, "status_code", None)
    return str(status) if status is not None else type(error).__name__
