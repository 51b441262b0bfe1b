"""Time how quickly `get3w` starts, on a package of 2,000 models.

Whole processes, in pairs, byte code present as after an installation: processor seconds as the
operating system counts them, and the ratios of neighbouring runs.

    python bench/cli.py [--models 2000] [--rounds 15]
"""

from __future__ import annotations

import argparse
import compileall
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from catalogue import generate, write_catalogue
from surroundings import show_surroundings

MODEL = "kwaivgi/kling-v2.6-pro/image-to-video"
BARE = ["-c", "pass"]
IMPORT = ["-c", "import big_models.kling_v2_6_pro_image_to_video"]
COMMAND = "import sys; from get3w_cli.__main__ import main; sys.exit(main())"
# What is asked, beside what, and the most that the ratio should be.
CASES = [
    ("get3w --help", ["--help"], BARE, 2.5),
    ("completion of a model", ["_complete", "run", "get3w/"], BARE, 3.0),
    ("completion of a choice", ["_complete", "run", MODEL, "--duration", ""], BARE, 3.0),
    ("get3w run MODEL --help", ["run", MODEL, "--help"], IMPORT, 1.3),
]


def seconds(arguments: list[str], environment: dict[str, str]) -> float:
    """Run Python with *arguments*; return the processor seconds that it took."""
    with subprocess.Popen(
        [sys.executable, *arguments], env=environment, stdout=subprocess.DEVNULL
    ) as process:
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    return used.ru_utime + used.ru_stime


def main() -> None:
    """Run everything in turn, and print the table."""
    parser = argparse.ArgumentParser(description="Time how quickly get3w starts.")
    parser.add_argument("--models", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=15)
    chosen = parser.parse_args()
    show_surroundings("pydantic", "rich")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        write_catalogue(folder / "schemas", chosen.models, [])
        generate(folder / "schemas", folder / "big_models")
        compileall.compile_dir(folder / "big_models", quiet=2)
        environment = {**os.environ, "GET3W_MODELS_PACKAGE": "big_models", "PYTHONPATH": scratch}
        environment.pop("PYTHONDONTWRITEBYTECODE", None)
        print(f"{'':28}{'ms':>8}{'beside':>8}{'ratio':>8}{'aim':>8}")
        for title, words, beside, aim in CASES:
            pairs = [
                (seconds(["-c", COMMAND, *words], environment), seconds(beside, environment))
                for _ in range(chosen.rounds + 1)
            ][1:]
            own, other = (1000 * median(each) for each in zip(*pairs, strict=True))
            ratio = median(mine / theirs for mine, theirs in pairs)
            print(f"{title:28}{own:8.0f}{other:8.0f}{ratio:8.2f}{aim:8.1f}")


if __name__ == "__main__":
    main()
