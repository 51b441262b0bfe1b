"""Tables and progress on a terminal; the only module that loads rich."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from get3w_cli.output.text import cell


def draw_table(rows: Sequence[Mapping[str, object]], columns: Sequence[str]) -> None:
    """Draw rows as a table that fits the terminal."""
    table = Table(box=None, pad_edge=False, header_style="bold", expand=False)
    for name in columns:
        table.add_column(name.replace("_", " "), overflow="fold")
    for row in rows:
        table.add_row(*(Text(cell(row.get(name))) for name in columns))
    Console(highlight=False).print(table)


def waiting_progress() -> Progress:
    """Return a line that shows a status and the seconds so far; it is gone at the end."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}", markup=False),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )


def transfer_progress() -> Progress:
    """Return bars with sizes; they are gone at the end."""
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        DownloadColumn(),
        console=Console(stderr=True),
        transient=True,
    )
