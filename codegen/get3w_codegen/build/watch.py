"""Watch a folder of schemas for changes by polling it."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

_SECONDS = 0.3

State = dict[str, tuple[int, int]]


def changes_of(folder: Path) -> Iterator[None]:
    """Yield once at the start, and then whenever a schema was written, added or removed.

    A change is reported once the folder has been unchanged for one interval, so that many files
    written in a row count as one change.
    """
    told: State | None = None
    seen = _state(folder)
    while True:
        if seen != told:
            told = seen
            yield
        time.sleep(_SECONDS)
        now = _state(folder)
        while now != seen:
            seen = now
            time.sleep(_SECONDS)
            now = _state(folder)


def _state(folder: Path) -> State:
    """Return a snapshot of the folder for comparison, without the lock, which `generate` writes."""
    found: State = {}
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".json") and not name.startswith((".", "names.lock")):
                path = Path(parent, name)
                try:
                    state = path.stat()
                except OSError:  # gone between the listing and the look
                    continue
                found[str(path)] = (state.st_mtime_ns, state.st_size)
    return found
