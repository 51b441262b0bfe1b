"""The options of a batch and whether they go together; read and check its rows beforehand."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, TypeAlias

from get3w_batch.engine.shared import Settings
from get3w_batch.errors import BatchError
from get3w_batch.rows.bodies import Columns
from get3w_batch.rows.checking import CheckedRows, check_file, check_requests

if TYPE_CHECKING:
    from collections.abc import Iterable

    from get3w_core import AsyncClient, ModelRequest

    from get3w_batch.engine.webhooks import BatchWebhooks
    from get3w_batch.journal.loading import Retry
    from get3w_batch.on_ray.options import RayCluster

_MOST: Final = 1e9  # of a number; neither is one that is none, nor infinity

ResultsFormat: TypeAlias = Literal["jsonl", "parquet"]
"""What the results are written as: `results.jsonl`, or `results.parquet` beside it."""


@dataclass(frozen=True)
class RowFile:
    """A file of rows, in place of requests.

    Attributes:
        source: A file of JSONL, CSV or Parquet, or `-` for standard input.
        columns: How its columns become parameters.
        given_format: The format, where the name does not say it.
    """

    source: str
    columns: Columns
    given_format: str | None = None


@dataclass(frozen=True)
class Options:
    """The options of a batch; `Batch` says what each means.

    Raises:
        BatchError: They do not go together.
    """

    journal: str | Path | None
    client: AsyncClient | None
    max_cost: float | None
    price: float | None
    retry: tuple[Retry, ...]
    skip_invalid: bool
    results: ResultsFormat
    webhooks: BatchWebhooks | None
    engine: RayCluster | None
    settings: Settings

    def __post_init__(self) -> None:
        settings = self.settings
        for name, value, least in (
            ("concurrency", settings.concurrency, 1),
            ("max_cost", self.max_cost, 0),
            ("price", self.price, 0),
            ("reconcile_timeout", settings.reconcile_timeout, 0),
            ("outage_timeout", settings.outage_timeout, 0),
        ):
            if value is not None and not least <= value <= _MOST:
                option = name.replace("_", "-")
                raise BatchError(f"{name} (--{option}) is a number from {least} on, not {value}")
        if self.journal is None and self.settings.out is None:
            raise BatchError("A batch needs journal= or out=: where what it does is written down")
        if self.engine is not None:
            self.engine.check(self.place)
            if self.client is not None:
                raise BatchError(
                    "On Ray each worker makes a client of its own: set GET3W_API_KEY and"
                    " GET3W_BASE_URL, and give no client="
                )
            if self.webhooks is not None:
                raise BatchError("On Ray each worker asks for its tasks: give no webhooks")
        if self.results == "parquet":
            if self.settings.out is None:
                raise BatchError("Results are written to a folder: give out= (--out)")
            if find_spec("pyarrow") is None:
                raise BatchError('Parquet needs pyarrow: pip install "get3w-models[batch-parquet]"')

    @property
    def place(self) -> str | Path:
        """Where the journal is."""
        return self.journal or Path(self.settings.out or "") / "journal.sqlite"


def check(requests: Iterable[ModelRequest] | RowFile) -> CheckedRows:
    """Return the rows of a batch, each checked.

    Raises:
        BatchError: A file of rows cannot be read, or an option names what is not there.
    """
    if isinstance(requests, RowFile):
        return check_file(requests.source, requests.columns, requests.given_format)
    return check_requests(requests)
