"""What the figures of a benchmark depend on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from contextlib import suppress


def show_surroundings(*packages: str) -> None:
    """Print the machine, its load, and the versions of Python and of each package there is."""
    versions = [f"Python {platform.python_version()}"]
    for package in packages:
        with suppress(importlib.metadata.PackageNotFoundError):
            versions.append(f"{package} {importlib.metadata.version(package)}")
    load = f", load {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else ""
    print(f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors{load}")
    print(", ".join(versions), end="\n\n")
