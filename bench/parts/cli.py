"""Time how quickly `get3w` starts, beside Python alone, on packages of several sizes.

Whole processes, in turn, byte code present as after an installation: processor time as the
operating system counts it.
"""

from __future__ import annotations

import compileall
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.common.catalogue import KEPT, PACKAGE, made_package
from bench.common.page import Measure, Page

if TYPE_CHECKING:
    from bench.common.effort import Effort
    from bench.common.figures import Recorder

PAGE = Page(
    "The command line",
    (Measure("cpu", "processor time, ms", digits=0),),
    ours="",
    axis="models",
    compared=(),
)
VERSIONS = ("pydantic", "rich")
MODEL = "kwaivgi/kling-v2.6-pro/image-to-video"
COMMAND = "import sys; from get3w_cli.__main__ import main; sys.exit(main())"
CASES = {
    "Python alone": ["-c", "pass"],
    "import of the model's module": ["-c", "import bench_models.kling_v2_6_pro_image_to_video"],
    "get3w --help": ["-c", COMMAND, "--help"],
    "completion of a model": ["-c", COMMAND, "_complete", "run", "get3w/"],
    "completion of a choice": ["-c", COMMAND, "_complete", "run", MODEL, "--duration", ""],
    "get3w run MODEL --help": ["-c", COMMAND, "run", MODEL, "--help"],
}


def seconds(arguments: list[str], environment: dict[str, str]) -> float:
    """Run Python with *arguments*; return the processor seconds that it took."""
    with subprocess.Popen(
        [sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    return used.ru_utime + used.ru_stime


def measure(recorder: Recorder, effort: Effort) -> None:
    """Take all commands in turn, on packages of all sizes."""
    rounds, sizes = effort.rounds(10), effort.sizes((54, 500, 2000), (54,))
    with tempfile.TemporaryDirectory() as scratch:
        environments = {}
        for size in sizes:
            folder = made_package(size, effort.pick(KEPT, Path(scratch)))
            compileall.compile_dir(folder / PACKAGE, quiet=2)
            changes = {"GET3W_MODELS_PACKAGE": PACKAGE, "PYTHONPATH": str(folder)}
            environments[size] = {**os.environ, **changes}
        for turn in range(rounds + 1):
            for size, environment in environments.items():
                for name, words in CASES.items():
                    took = seconds(words, environment)
                    if turn:  # the first one writes the byte code
                        recorder.add("cpu", "start", name, 1000 * took, size)
