"""How a batch runs on Ray, and what its workers are told."""

from __future__ import annotations

import hashlib
import os
import secrets
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TYPE_CHECKING

from get3w_core import __version__

from get3w_batch.errors import BatchError
from get3w_batch.journal.database import is_shared

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from get3w_core import ModelRequest

    from get3w_batch.engine.shared import Settings


@dataclass(frozen=True, slots=True)
class RayCluster:
    """Lets the workers of a batch run on a Ray cluster.

    Attributes:
        workers: How many workers there are. They share one limit on what runs at once.
        address: The address of the cluster, as `ray.init` takes it. By default the one that the
            program is connected to, else that of RAY_ADDRESS, else Ray is started on this machine.
    """

    workers: int = 2
    address: str | None = None

    def check(self, journal: str | Path) -> None:
        """Refuse what cannot work, before anything happens; Ray is not loaded.

        Raises:
            BatchError: Ray is missing, or the journal is for one machine.
        """
        if self.workers < 1:
            raise BatchError("A batch on Ray needs at least one worker")
        if not is_shared(journal):
            raise BatchError(
                "A batch on Ray needs a PostgreSQL journal, which all workers can reach; SQLite is"
                " for one machine: --journal postgresql://user@host/name"
            )
        if find_spec("ray") is None:
            raise BatchError('Ray is missing: pip install "get3w-models[batch-ray]"')


@dataclass(frozen=True)
class Orders:
    """What a worker is told, over Ray's own connections; the API key is not in it.

    Attributes:
        journal: The address of the journal.
        base_url: The server that the batch is sent to.
        settings: How the batch is run.
        folder: The name of the folder of results in the journal.
        types: Request classes that `get3w_models` does not have.
        needs_folder: Whether the worker reads or writes files in the folder of results.
        version: The driver's version of this distribution.
        salt: What `key_digest` is made with.
        key_digest: Tells whether a worker has the driver's API key.
    """

    journal: str = field(repr=False)
    base_url: str
    settings: Settings
    folder: str
    types: Mapping[str, type[ModelRequest]]
    needs_folder: bool
    version: str = __version__
    salt: str = field(default_factory=lambda: secrets.token_hex(16))
    key_digest: str = ""

    def digest_of_own_key(self) -> str:
        """Return a digest of the API key in this process's environment."""
        key = os.environ.get("GET3W_API_KEY", "")
        return hashlib.scrypt(key.encode(), salt=self.salt.encode(), n=2**12, r=8, p=1).hex()
