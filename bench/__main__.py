"""Measure the parts and write docs/benchmarks/.

    python -m bench [PART ...] [--quick] [--share 1.0] [--most MODELS] [--only-pages]

Each part runs as a process of its own, leaves its raw figures in build/bench/PART.json and its page
in docs/benchmarks/PART.md. The index is made of all raw figures that there are.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from bench.common.effort import Effort
from bench.common.figures import RAW, Recorder, read_raw, write_raw
from bench.common.processes import ROOT, peers_python
from bench.common.surroundings import load, machine, versions

PARTS = (
    *("imports", "requests", "submit", "duplicates", "batch"),
    *("generate", "editors", "cli", "emulator"),
)
NO_BYTE_CODE = "PYTHONDONTWRITEBYTECODE"


def measure(name: str, raw: Path, effort: Effort) -> None:
    """Measure a part in this process, and leave its raw figures."""
    part = import_module(f"bench.parts.{name}")
    recorder = Recorder()
    before, began = load(), time.perf_counter()
    part.measure(recorder, effort)
    run = {
        "when": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": machine(),
        "versions": versions(*part.VERSIONS),
        "load": [before, load()],
        "effort": effort.words,
        "seconds": time.perf_counter() - began,
    }
    write_raw(raw / f"{name}.json", recorder, run)


def measure_apart(name: str, options: argparse.Namespace) -> bool:
    """Measure a part in a process of its own; return whether it went well."""
    page = import_module(f"bench.parts.{name}").PAGE
    python = peers_python() if page.environment == "peers" and not options.quick else sys.executable
    command = [python, "-m", "bench", "--here", name, "--raw", str(options.raw)]
    command += ["--share", str(options.share), "--most", str(options.most)]
    command += ["--quick"] * options.quick
    print(f"{name} ... (load {load():.1f})", flush=True)
    began = time.perf_counter()
    # As after an installation: programs find their byte code.
    environment = {name: text for name, text in os.environ.items() if name != NO_BYTE_CODE}
    done = subprocess.run(command, cwd=ROOT, env=environment)
    print(f"    {time.perf_counter() - began:.0f} s", flush=True)
    return not done.returncode


def write_pages(raw: Path, docs: Path) -> None:
    """Write the pages of all raw figures that there are."""
    # Drawing needs matplotlib, which the environment of the peers does not have.
    from bench.report.pages import write_index, write_page

    pages = {name: import_module(f"bench.parts.{name}").PAGE for name in PARTS}
    found = {name: raw / f"{name}.json" for name in PARTS if (raw / f"{name}.json").exists()}
    parts = {name: (pages.pop(name), read_raw(path)) for name, path in found.items()}
    for name, part in parts.items():
        write_page(docs, name, *part)
    write_index(docs, parts, pages)


def main() -> int:
    """Measure what was asked for, and write the pages; the exit status is 1 where a part failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="tiny sizes, to see that it works")
    parser.add_argument("--share", type=float, default=1.0, help="of the usual rounds")
    parser.add_argument("--most", type=int, default=Effort.most, help="of the numbers of models")
    parser.add_argument("--raw", type=Path, default=RAW, help="where the raw figures are kept")
    parser.add_argument("--docs", type=Path, default=ROOT / "docs/benchmarks")
    parser.add_argument("--only-pages", action="store_true", help="measure nothing")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if unknown := {*options.parts} - {*PARTS}:
        parser.error(
            f"no part is called {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}"
        )
    chosen = options.parts or PARTS
    if options.here:
        effort = Effort(options.quick, options.share, options.most)
        for name in chosen:
            measure(name, options.raw, effort)
        return 0
    asked = () if options.only_pages else chosen
    failed = [name for name in asked if not measure_apart(name, options)]
    write_pages(options.raw, options.docs)
    print(f"Read {options.docs}/index.md", *(f"{name} failed" for name in failed), sep="\n")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
