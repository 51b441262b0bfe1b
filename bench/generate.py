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


def timed(schemas: Path, package: Path, said: str) -> tuple[float, float]:
    """Generate; return seconds by the clock and of the processors."""
    before, start = os.times(), time.perf_counter()
    answer = generate(schemas, package)
    seconds, after = time.perf_counter() - start, os.times()
    if said not in answer:
        raise SystemExit(f"The generator was expected to say {said!r}, but said: {answer}")
    used = after.children_user + after.children_system
    return seconds, used - before.children_user - before.children_system


def one_by_one(sample: list[Path], scratch: Path, *options: str) -> float:
    """Return the mean time of a run of datamodel-codegen."""
    command = [str(Path(sys.executable).parent / "datamodel-codegen"), *options]
    command += ["--input-file-type", "jsonschema", "--output-model-type"]
    command += ["pydantic_v2.BaseModel", "--output", str(scratch / "one.py"), "--input"]
    start = time.perf_counter()
    for path in sample:
        # It gives up on some schemas of real platforms; that takes its time as well.
        subprocess.run([*command, str(path)], check=False, capture_output=True)
    return (time.perf_counter() - start) / len(sample)


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
    cold, used, black, builtin = [], [], [], []
    for turn in range(chosen.rounds):
        print(f"round {turn + 1} of {chosen.rounds}", file=sys.stderr)
        sample = written[turn :: count // each][:each]
        black.append(one_by_one(sample, scratch) * count)
        builtin.append(one_by_one(sample, scratch, "--formatters", "builtin") * count)
        shutil.rmtree(package, ignore_errors=True)
        seconds, processor = timed(schemas, package, f"{count} models, ")
        cold.append(seconds)
        used.append(processor)
    nothing, more = [], []
    newcomer = schemas / "newcomer.json"
    for _ in range(5 * chosen.rounds):
        nothing.append(timed(schemas, package, "up to date"))
        text = NEWCOMER.read_text(encoding="utf-8")
        newcomer.write_text(text.replace('"x-model-id"', '"x-from"'), encoding="utf-8")
        more.append(timed(schemas, package, f"{count + 1} models, "))
        newcomer.unlink()
        generate(schemas, package)
    print(f"{f'{count} models':44}{'aim':>10}{'min':>11}{'median':>11}{'max':>11}")
    show("datamodel-codegen, one run each, scaled", "", black)
    show("the same with --formatters builtin", "", builtin)
    show("cold", "", cold)
    show("cold, time of all processors", "", used)
    for name, others in (("datamodel-codegen", black), ("the same, builtin", builtin)):
        ratios = [theirs / ours for theirs, ours in zip(others, cold, strict=True)]
        show(f"times as fast as {name}", ">= 40" if others is black else "", ratios, "  ")
    for name, aim, runs in (("one more", "<= 1.0 s", more), ("no change", "<= 0.3 s", nothing)):
        show(name, aim, [seconds for seconds, _ in runs])
        show(f"{name}, time of all processors", "", [processor for _, processor in runs])


if __name__ == "__main__":
    main()
