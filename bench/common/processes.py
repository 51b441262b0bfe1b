"""Other processes: Python programs and servers, what they took of processor time and memory."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PEERS = ROOT / "build/bench-venv"
"""The environment that holds the packages that ours is compared with; `make bench` makes it."""


def peers_python() -> str:
    """Return the Python of the peers' environment, or this one where there is none."""
    python = PEERS / "bin/python"
    return str(python) if python.exists() else sys.executable


class Clock:
    """Seconds since it was made, by the clock and of the processors of processes that ended."""

    def __init__(self) -> None:
        self._start, self._before = time.perf_counter(), os.times()

    def read(self) -> tuple[float, float]:
        """Return both."""
        seconds, now = time.perf_counter() - self._start, os.times()
        used = now.children_user + now.children_system
        return seconds, used - self._before.children_user - self._before.children_system


def processor_seconds(pid: int) -> float:
    """Return the processor time of a running process so far."""
    after_name = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")


def megabytes(pid: int | str = "self", kind: str = "VmRSS") -> float:
    """Return the memory that a process holds, or held at most with *kind* VmHWM."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    found = re.search(rf"{kind}:\s+(\d+)", status)
    return int(found[1]) / 1024 if found else 0.0


@contextmanager
def printing_server(command: list[str]) -> Iterator[tuple[str, subprocess.Popen[Any]]]:
    """Run a server that prints its origin first; yield the origin, and the process."""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None, "it was asked for"
            found = re.search(r"https?://\S+:\d+", process.stdout.readline())
            if found is None:
                raise SystemExit(f"It names no address: {' '.join(command)}")
            yield found[0], process
        finally:
            process.terminate()
