"""Print where the changed schema folder is, and which command to run next."""

import shlex
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from get3w_codegen.text.lines import warn


@contextmanager
def told_if_made(folder: Path, *, named: bool) -> Generator[None]:
    """Print a note on standard error if the block created *folder*.

    Args:
        folder: The folder of schemas.
        named: Whether it was asked for; otherwise it may have been meant elsewhere.
    """
    was_there = folder.is_dir()
    yield
    if folder.is_dir() and not was_there:
        other = "" if named else "; --schemas names another"
        warn(f"made the folder {folder.resolve()}{other}")


def tell_next(folder: Path) -> None:
    """Print on standard error which command brings the package up to date with *folder*."""
    where = shlex.quote(str(folder))
    warn(f"the package follows with get3w-codegen generate --schemas {where} ...")
