"""Format all rendered modules in one run of ruff, ignoring any configuration around it."""

import os
import subprocess
import tempfile
from pathlib import Path

from ruff import find_ruff_bin  # pyright: ignore[reportMissingTypeStubs] - it has none

from get3w_codegen.problems import GenerateError

_OPTIONS = ("--isolated", "--no-cache", "--line-length=100", "--target-version=py311")


def formatted(sources: dict[str, str]) -> dict[str, str]:
    """Return every source formatted; the version of ruff is pinned because it decides the bytes.

    Raises:
        GenerateError: A source is not Python, which is a defect of the generator, or the disk
            refused.
    """
    ruff = find_ruff_bin()
    try:
        with tempfile.TemporaryDirectory(prefix="get3w-codegen-") as scratch:
            return _formatted(sources, Path(scratch), ruff)
    except OSError as error:
        where = error.filename or tempfile.gettempdir()
        raise GenerateError(
            f"Cannot use {where}: {error.strerror}; nothing was written."
        ) from error


def _formatted(sources: dict[str, str], folder: Path, ruff: str) -> dict[str, str]:
    for name, source in sources.items():
        (folder / name).write_text(source, encoding="utf-8", newline="\n")
    run = subprocess.run(  # noqa: S603 - our own pinned formatter on our own files
        [ruff, "format", *_OPTIONS, "."],
        cwd=folder,
        env={key: value for key, value in os.environ.items() if not key.startswith("RUFF_")},
        capture_output=True,
        text=True,
        check=False,
    )
    if run.returncode:
        raise GenerateError(f"The formatter refused the generated code:\n{run.stderr.strip()}")
    return {name: (folder / name).read_text(encoding="utf-8") for name in sources}
