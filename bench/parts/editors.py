"""Time language servers and mypy on packages of several sizes, in one run.

The packages stand in an environment as an installed wheel does. All sizes of a server run at once
and take turns, so that what counts, how the times grow, does not depend on how busy the machine is.

    python -m bench.parts.editors [--sizes 50 2000] [--rounds 7] [--layout grouped]

tries other sizes and other forms of a package.
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
from typing import TYPE_CHECKING, Any

from bench.common.catalogue import KEPT, made_package
from bench.common.catalogue import PACKAGE as NAME
from bench.common.effort import Effort
from bench.common.figures import Recorder
from bench.common.page import Measure, Page
from bench.common.processes import ROOT, megabytes
from bench.common.statistics import ratio, spread
from bench.parts.layouts import LAYOUTS
from tests.editors.lsp import ServerError
from tests.editors.servers import BIN, SERVERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

PAGE = Page(
    "Editors",
    (
        Measure("warm", "ms after an edit"),
        Measure("first", "ms of the first answer", digits=0, plotted=False),
        Measure("memory", "memory, MB", digits=0, plotted=False),
    ),
    ours="",
    axis="models",
    compared=(),
)
VERSIONS = ("jedi-language-server", "mypy", "pyrefly", "pyright", "ty")
FEATURES = {
    "signature": "signature help",
    "hover": "hover",
    "parameters": "parameters inside a call",
    "importing": "from ... import submit_fl",
    "diagnostics": "edit to diagnostics",
}
FUNCTION = "submit_flux_dev"


@dataclass(frozen=True)
class Environment:
    """An environment that holds a generated package."""

    size: int
    folder: Path
    python: Path


def environment(size: int, made: Path, folder: Path, layout: str) -> Environment:
    """Put a package of *size* models, that is made in a folder, into a new environment."""
    venv.create(folder / "venv", with_pip=False, symlinks=True)
    python = folder / "venv/bin/python"
    show = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(subprocess.check_output([python, "-c", show], text=True).strip())
    shutil.copytree(made / NAME, packages / NAME, dirs_exist_ok=True)
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
        return sum(map(megabytes, _family(self.server.process.pid)))


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


def take(
    recorder: Recorder,
    environments: list[Environment],
    rounds: int,
    names: list[str],
    features: Iterable[str] = FEATURES,
) -> None:
    """Take all features of each server in turn on all sizes."""
    for server in (each for each in SERVERS if each.name in names):
        with ExitStack() as stack:
            benches = [Bench(server, on, stack) for on in environments]
            for feature in features:
                if feature == "diagnostics" and server.name.startswith("jedi"):
                    continue
                try:
                    times = turns([getattr(bench, feature) for bench in benches], rounds)
                except ServerError as error:
                    recorder.leave_out(f"{server.name}, {FEATURES[feature]}", str(error))
                else:
                    _add(recorder, FEATURES[feature], server.name, times, environments)
            for bench in benches:
                recorder.add("memory", "memory", server.name, bench.megabytes(), bench.on.size)
    if "mypy" in names:
        times = turns([mypy(on) for on in environments], rounds)
        _add(recorder, "a program of ten lines", "mypy", times, environments)


def _add(
    recorder: Recorder, setting: str, name: str, times: list[list[float]], on: list[Environment]
) -> None:
    for number, row in enumerate(times):
        for environment_, seconds in zip(on, row, strict=True):
            kind = "warm" if number else "first"
            recorder.add(kind, setting, name, seconds * 1000, environment_.size)


def measure(recorder: Recorder, effort: Effort) -> None:
    """Take the servers that are installed, on all sizes."""
    rounds, sizes = effort.rounds(3), effort.sizes((54, 500, 2000, 5000), (54,))
    found = {server.name: shutil.which(BIN / server.command[0]) for server in SERVERS}
    names = [*(each for each in found if found[each]), "mypy"]
    for name in (each for each in found if not found[each]):
        recorder.leave_out(name, "not installed")
    features = ("signature", "importing", "diagnostics")
    with tempfile.TemporaryDirectory() as folder:
        environments = [
            environment(
                size,
                made_package(size, effort.pick(KEPT, Path(folder) / "made")),
                Path(folder) / f"{size}",
                "as_generated",
            )
            for size in sizes
        ]
        if effort.quick:
            take(recorder, environments, rounds, ["jedi-language-server"], features[:1])
        else:
            take(recorder, environments, rounds, names, features)


def _family(pid: int) -> list[int]:
    done = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True)
    children = [int(child) for child in done.stdout.split()]
    return [pid, *(each for child in children for each in _family(child))]


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[50, 2000])
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--work", type=Path, help="a folder to keep the packages in, for a rerun")
    parser.add_argument("--layout", default="as_generated", choices=LAYOUTS)
    names = [*(server.name for server in SERVERS), "mypy"]
    parser.add_argument("--tools", nargs="*", default=names, choices=names)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        work = options.work or Path(folder)
        environments = [
            environment(size, made_package(size), work / f"{size}", options.layout)
            for size in options.sizes
        ]
        recorder = Recorder()
        take(recorder, environments, options.rounds, options.tools)
    columns = [options.layout, *(f"{size:,} models" for size in options.sizes), "ratio"]
    print(f"| {' | '.join(columns)} |\n|{' --- |' * len(columns)}")
    for row in rows(recorder):
        print(f"| {' | '.join(row)} |")


def rows(recorder: Recorder) -> Iterator[list[str]]:
    """Yield the rows of a table: medians, first answers, and the ratio of largest to smallest."""
    found = recorder.figures
    for measure_, setting, name in dict.fromkeys(key[:3] for key in found):
        if measure_ != "first":
            sizes = [key[3] for key in found if key[:3] == (measure_, setting, name)]
            values = [found[measure_, setting, name, size].values for size in sizes]
            cells = [f"{spread(each).median:.1f}" for each in values]
            if measure_ == "warm":
                first = [found["first", setting, name, size].values[0] for size in sizes]
                cells = [f"{at} ms (first {ms:.0f})" for at, ms in zip(cells, first, strict=True)]
            ratio_ = ratio(values[-1], values[0]).median
            yield [f"{name}: {setting}", *cells, f"{ratio_:.2f} x"]


if __name__ == "__main__":
    main()
