"""Time the generator on a large catalogue, beside one run of datamodel-codegen per schema.

All figures are of whole processes. datamodel-codegen runs on a sample of the catalogue, one process
after the other, and its time is scaled up; samples and cold runs take turns, and what counts are
the ratios of neighbouring turns.

    python bench/generate.py [--models 2000] [--rounds 3] [--sample 50] [FOLDER ...]

Each FOLDER holds schemas to add to this project's own; without any, ours are repeated.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from catalogue import OWN, generate, write_catalogue
from surroundings import show_surroundings

NEWCOMER = OWN / "get3w" / "flux-dev.json"


class Clock:
    """Seconds since it was made, by the clock and of the processors of processes that ended."""

    def __init__(self) -> None:
        self._start, self._before = time.perf_counter(), os.times()

    def read(self) -> tuple[float, float]:
        """Return both."""
        seconds, now = time.perf_counter() - self._start, os.times()
        used = now.children_user + now.children_system
        return seconds, used - self._before.children_user - self._before.children_system


def timed(schemas: Path, package: Path, said: str, *options: str) -> tuple[float, float]:
    """Generate; return what it took."""
    clock = Clock()
    answer = generate(schemas, package, *options)
    if said not in answer:
        raise SystemExit(f"The generator was expected to say {said!r}, but said: {answer}")
    return clock.read()


def one_by_one(sample: list[Path], count: int, scratch: Path, *options: str) -> tuple[float, float]:
    """Return what *count* runs of datamodel-codegen would take, from those for a sample."""
    command = [str(Path(sys.executable).parent / "datamodel-codegen"), *options]
    command += ["--input-file-type", "jsonschema", "--output-model-type"]
    command += ["pydantic_v2.BaseModel", "--output", str(scratch / "one.py"), "--input"]
    clock = Clock()
    for path in sample:
        # It gives up on some schemas of real platforms; that takes its time as well.
        subprocess.run([*command, str(path)], check=False, capture_output=True)
    seconds, used = clock.read()
    return seconds * count / len(sample), used * count / len(sample)


def show(title: str, aim: str, values: list[float], unit: str = " s") -> None:
    """Print minimum, median and maximum beside the aim."""
    figures = "".join(f"{value:9.2f}{unit}" for value in (min(values), median(values), max(values)))
    print(f"{title:44}{aim:>10}{figures}")


def main() -> None:
    """Run everything in turn, and print the table."""
    parser = argparse.ArgumentParser(description="Time the generator on a large catalogue.")
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--models", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--sample", type=int, default=50, help="schemas for datamodel-codegen")
    chosen = parser.parse_args()
    show_surroundings("datamodel-code-generator", "ruff", "jinja2", "pydantic", "black", "isort")
    with tempfile.TemporaryDirectory() as scratch:
        measure(chosen, Path(scratch))


def measure(chosen: argparse.Namespace, scratch: Path) -> None:
    """Fill and print the table."""
    schemas, package = scratch / "schemas", scratch / "models"
    written = write_catalogue(schemas, chosen.models, chosen.folders)
    count = len(written)
    each = chosen.sample // chosen.rounds + 1
    cold, black, builtin = [], [], []
    for turn in range(chosen.rounds):
        print(f"round {turn + 1} of {chosen.rounds}", file=sys.stderr)
        sample = written[turn :: count // each][:each]
        black.append(one_by_one(sample, count, scratch))
        builtin.append(one_by_one(sample, count, scratch, "--formatters", "builtin"))
        shutil.rmtree(package, ignore_errors=True)
        cold.append(timed(schemas, package, f"{count} models, "))
    nothing, more = [], []
    checked = [timed(schemas, package, "up to date", "--check") for _ in range(chosen.rounds)]
    newcomer = schemas / "newcomer.json"
    for _ in range(5 * chosen.rounds):
        nothing.append(timed(schemas, package, "up to date"))
        text = NEWCOMER.read_text(encoding="utf-8")
        newcomer.write_text(text.replace('"x-model-id"', '"x-from"'), encoding="utf-8")
        more.append(timed(schemas, package, f"{count + 1} models, "))
        newcomer.unlink()
        generate(schemas, package)
    print(f"{f'{count} models':44}{'aim':>10}{'min':>11}{'median':>11}{'max':>11}")
    rows = (
        ("datamodel-codegen, one run each, scaled", "", black),
        ("the same with --formatters builtin", "", builtin),
        ("cold", "", cold),
        ("check", "<= 15 s", checked),
        ("one more", "<= 1.0 s", more),
        ("no change", "<= 0.3 s", nothing),
    )
    for name, aim, runs in rows:
        show(name, aim, [seconds for seconds, _ in runs])
        show("    time of all processors", "", [used for _, used in runs])
    for name, aim, others in (("it", ">= 40", black), ("it with builtin", "", builtin)):
        pairs = list(zip(others, cold, strict=True))
        show(f"times as fast as {name}", aim, [them[0] / us[0] for them, us in pairs], "  ")
        show("    by time of all processors", "", [them[1] / us[1] for them, us in pairs], "  ")


if __name__ == "__main__":
    main()
