"""Many paid submits as one batch that survives crashes: each row is paid for at most once.

`Batch(requests, journal=...)` runs typed requests; `python -m get3w_batch MODEL ROWS --out DIR`
runs the rows of a file. A journal (SQLite, or PostgreSQL for several machines) holds what became
of each row, and `sending` is on disk before the first byte of a submit leaves. The package uses
the public names of get3w_core and get3w_models alone. Names are loaded at first use, so that the
command can name the extra that is missing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from get3w_batch.batch import Batch as Batch
    from get3w_batch.engine.webhooks import BatchWebhooks as BatchWebhooks
    from get3w_batch.errors import BatchError as BatchError
    from get3w_batch.errors import JournalError as JournalError
    from get3w_batch.errors import RowsError as RowsError
    from get3w_batch.on_ray.options import RayCluster as RayCluster
    from get3w_batch.options import RowFile as RowFile
    from get3w_batch.results import Result as Result
    from get3w_batch.results import Summary as Summary
    from get3w_batch.rows.bodies import Columns as Columns
else:
    _MODULES = {
        "Batch": "batch",
        "BatchError": "errors",
        "BatchWebhooks": "engine.webhooks",
        "Columns": "rows.bodies",
        "JournalError": "errors",
        "RayCluster": "on_ray.options",
        "Result": "results",
        "RowFile": "options",
        "RowsError": "errors",
        "Summary": "results",
    }
    __all__ = sorted(_MODULES)

    def __getattr__(name: str) -> object:
        """Load a public name from its module."""
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        from importlib import import_module

        return getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
