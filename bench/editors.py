"""Time language servers and mypy on a package of 50 models beside one of 2,000, in one run.

The packages stand in an environment as an installed wheel does. All sizes of a server run at once
and take turns, so that what counts, the ratio, does not depend on how busy the machine is.

    python -m bench.editors [--sizes 50 2000] [--rounds 7] [--layout grouped] [FOLDER ...]

Each FOLDER holds schemas to add to this project's own; without any, ours are repeated.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
import venv
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from get3w_codegen.build.pipeline import Job, generate

from bench.catalogue import write_catalogue
from bench.layouts import LAYOUTS
from bench.surroundings import show_surroundings
from tests.editors.lsp import ServerError
from tests.editors.servers import SERVERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).parents[1]
NAME = "bench_models"
FUNCTION = "submit_flux_dev"


@dataclass(frozen=True)
class Environment:
    """An environment that holds a generated package."""

    size: int
    folder: Path
    python: Path


def environment(folders: list[Path], size: int, folder: Path, layout: str) -> Environment:
    """Generate a package of *size* models into a new environment."""
    schemas = folder / "schemas"
    write_catalogue(schemas, size, folders)
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv/bin/python"
    show = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.check_output([python, "-c", show], text=True).strip())
    generate(Job(schemas, packages / NAME, NAME))
    shutil.copytree(ROOT / "core/get3w_core", packages / "get3w_core", dirs_exist_ok=True)
    path = sysconfig.get_path("purelib")
    (packages / "zz_dependencies.pth").write_text(f"{path}\n", encoding="utf-8")
    LAYOUTS[layout](packages / NAME)
    return Environment(size, folder, python)


class Bench:
    """One server on one environment."""

    def __init__(self, server: Any, on: Environment, stack: ExitStack) -> None:
        self.on = on
        self.server = stack.enter_context(server.start(on, on.folder / f"on-{server.name}"))
        self.edits = 0

    def use(self, call: str) -> tuple[str, int]:
        """Show a program anew, so that the server has to look again; return where it is."""
        self.edits += 1
        text = f"from {NAME} import {FUNCTION}\n\nn = {self.edits}\n{call}\n"
        return self.server.show("use.py", text), 3

    def ask(self, feature: str, call: str, character: int) -> float:
        """Return the seconds for one answer after an edit."""
        uri, line = self.use(call)
        start = time.perf_counter()
        self.server.ask(feature, uri, line, character)
        return time.perf_counter() - start

    def signature(self) -> float:
        """Time signature help inside a call."""
        call = f"{FUNCTION}()"
        return self.ask("signatureHelp", call, len(call) - 1)

    def hover(self) -> float:
        """Time a hover over the function."""
        return self.ask("hover", f"{FUNCTION}()", 2)

    def parameters(self) -> float:
        """Time completion inside a call."""
        call = f"{FUNCTION}()"
        return self.ask("completion", call, len(call) - 1)

    def importing(self) -> float:
        """Time completing an import by the beginning of its name."""
        self.edits += 1
        text = f"n = {self.edits}\nfrom {NAME} import submit_fl"
        uri = self.server.show("names.py", text)
        start = time.perf_counter()
        self.server.ask("completion", uri, 1, len(text.splitlines()[1]))
        return time.perf_counter() - start

    def diagnostics(self) -> float:
        """Time from an edit to the report of a misspelt name."""
        start = time.perf_counter()
        name = f"nonesuch_{self.edits}"
        uri, _ = self.use(f"{FUNCTION}({name}=1)")
        self.server.reported(uri, name, timeout=120)
        return time.perf_counter() - start

    def megabytes(self) -> float:
        """Return the memory of the server's processes."""
        return sum(map(_megabytes, _family(self.server.process.pid)))


def mypy(on: Environment) -> Callable[[], float]:
    """Return what times mypy on a ten-line program with a warm cache."""
    program = on.folder / "program.py"
    lines = [f"from {NAME} import {FUNCTION}", *(f"n{i} = {i}" for i in range(8))]
    program.write_text("\n".join([*lines, f"print({FUNCTION})", ""]), encoding="utf-8")
    command = [sys.executable, "-m", "mypy", "--python-executable", str(on.python)]
    command += ["--cache-dir", str(on.folder / "cache"), str(program)]

    def run() -> float:
        start = time.perf_counter()
        subprocess.run(command, cwd=on.folder, capture_output=True, check=True)
        return time.perf_counter() - start

    return run


def turns(contestants: list[Callable[[], float]], rounds: int) -> list[list[float]]:
    """Call each in turn; the first round is told apart from the others."""
    return [[contestant() for contestant in contestants] for _ in range(rounds + 1)]


def measured(environments: list[Environment], rounds: int, names: list[str]) -> Iterator[list[str]]:
    """Yield the rows of the table."""
    for server in (each for each in SERVERS if each.name in names):
        with ExitStack() as stack:
            benches = [Bench(server, on, stack) for on in environments]
            for feature in ("signature", "hover", "parameters", "importing", "diagnostics"):
                if feature == "diagnostics" and server.name.startswith("jedi"):
                    continue
                try:
                    times = turns([getattr(bench, feature) for bench in benches], rounds)
                except ServerError as error:
                    yield [server.name, feature, str(error)]
                else:
                    yield [server.name, feature, *_figures(times)]
            memory = [bench.megabytes() for bench in benches]
            yield [server.name, "memory, MB", *(f"{each:.0f}" for each in memory)]
    if "mypy" in names:
        yield ["mypy", "ten lines", *_figures(turns([mypy(on) for on in environments], rounds))]


def _figures(times: list[list[float]]) -> Iterator[str]:
    first, *warm = times
    typical = [median(column) for column in zip(*warm, strict=True)]
    for cold, each in zip(first, typical, strict=True):
        yield f"{each * 1000:.1f} ms (first {cold * 1000:.0f})"
    yield f"{median(row[-1] / row[0] for row in warm):.2f} x"


def _family(pid: int) -> list[int]:
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    children = [int(child) for child in done.stdout.split()]
    return [pid, *(each for child in children for each in _family(child))]


def _megabytes(pid: int) -> float:
    shown = subprocess.run(["ps", "-o", "rss=", "-p", str(pid)], capture_output=True, text=True)
    return int(shown.stdout or 0) / 1024


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="FOLDER")
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 2000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--work", type=Path, help="a folder to keep the packages in, for a rerun")
    parser.add_argument("--layout", default="as_generated", choices=LAYOUTS)
    names = [*(server.name for server in SERVERS), "mypy"]
    parser.add_argument("--tools", nargs="*", default=names, choices=names)
    options = parser.parse_args()
    show_surroundings("jedi-language-server", "mypy", "pyrefly", "pyright", "ty")
    with tempfile.TemporaryDirectory() as folder:
        work = options.work or Path(folder)
        environments = [
            environment(options.folders, size, work / f"{size}", options.layout)
            for size in options.sizes
        ]
        columns = [options.layout, "", *(f"{size:,} models" for size in options.sizes), "ratio"]
        print(f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
        for row in measured(environments, options.rounds, options.tools):
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
