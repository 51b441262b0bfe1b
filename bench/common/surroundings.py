"""What the figures of a benchmark depend on: the machine, its load, versions."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from contextlib import suppress
from pathlib import Path


def machine() -> str:
    """Return the system, the processor and how many of them there are."""
    model = platform.processor() or platform.machine()
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                model = line.partition(":")[2].strip()
                break
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors ({model})"


def load() -> float:
    """Return how many processes wanted a processor in the last minute, on average."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0


def versions(*packages: str) -> dict[str, str]:
    """Return the version of Python and of each package there is."""
    found = {"Python": platform.python_version()}
    for package in packages:
        with suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found
