"""Time what importing a generated package costs, small and large.

Every import runs in a process of its own, byte code present, and times itself there, so that the
bare interpreter is not counted. Contestants take turns, and ratios are those of neighbouring turns.

    python bench/imports.py [--models 2000] [--rounds 30] [FOLDER ...]

Each FOLDER holds schemas to add to this project's own; without any, ours are repeated.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from catalogue import OWN, generate, write_catalogue
from surroundings import show_surroundings

# The same fields as submit_flux_dev's, by hand.
BY_HAND = '''
from pydantic import BaseModel, ConfigDict

class FluxDevRequest(BaseModel):
    """The input of get3w/flux-dev."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    prompt: str
    width: int | None = None
    height: int | None = None
    seed: int | None = None
'''


def milliseconds(code: str, root: Path) -> float:
    """Run *code* in a fresh interpreter; return how long it took there."""
    program = (
        f"import sys, time; sys.path.insert(0, {str(root)!r}); code = compile({code!r}, '', 'exec')"
        "; start = time.perf_counter(); exec(code, {'__name__': 'bench'})"
        "; print((time.perf_counter() - start) * 1000)"
    )
    command = [sys.executable, "-I", "-c", program]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def main() -> None:
    """Run everything in turn, and print the table."""
    parser = argparse.ArgumentParser(description="Time the import of generated packages.")
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--models", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=30)
    chosen = parser.parse_args()
    show_surroundings("pydantic", "pydantic-core", "typing-extensions")
    with tempfile.TemporaryDirectory() as scratch:
        roots = {}
        for size in (sum(1 for _ in OWN.rglob("*.json")) - 1, chosen.models):
            roots[size] = Path(scratch) / str(size)
            write_catalogue(roots[size] / "schemas", size, chosen.folders)
            generate(roots[size] / "schemas", roots[size] / "many_models")
        measure(roots, chosen.rounds)


def measure(roots: dict[int, Path], rounds: int) -> None:
    """Fill and print the table."""
    codes = {
        "import of the package": "import many_models",
        "from it import submit_flux_dev": "from many_models import submit_flux_dev",
        "pydantic and a class by hand": BY_HAND,
    }
    times: dict[tuple[str, int], list[float]] = {}
    for turn in range(rounds + 1):
        for size, root in roots.items():
            for name, code in codes.items():
                value = milliseconds(code, root)
                if turn:  # the first one writes the byte code
                    times.setdefault((name, size), []).append(value)
    print(f"{'':50}{'aim':>12}{'min':>9}{'median':>9}{'max':>9}")
    bare, first, by_hand = codes
    small, large = roots
    for size, aim in ((small, "<= 2 ms"), (large, "<= 5 ms")):
        show(f"{size} models: {bare}, ms", aim, times[bare, size])
        show(f"{size} models: {first}, ms", "", times[first, size])
        show(f"{by_hand}, ms", "", times[by_hand, size])
        pairs = zip(times[first, size], times[by_hand, size], strict=True)
        show("ratio of the last two", "<= 1.3", [ours / theirs for ours, theirs in pairs])


def show(title: str, aim: str, values: list[float]) -> None:
    """Print minimum, median and maximum beside the aim."""
    figures = "".join(f"{value:9.2f}" for value in (min(values), median(values), max(values)))
    print(f"{title:50}{aim:>12}{figures}")


if __name__ == "__main__":
    main()
