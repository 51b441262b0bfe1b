"""Where the history is."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def state_folder() -> Path:
    """Return the folder for what `get3w` keeps on this machine; it is made by whoever writes."""
    given = os.environ.get("XDG_STATE_HOME", "")
    if os.path.isabs(given):  # noqa: PTH117 - the specification ignores other values
        return Path(given) / "get3w"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData/Local") / "get3w"
    return Path.home() / ".local/state/get3w"
