"""Words after a change of the folder of schemas: where it is, and what is to be run next."""

import shlex
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from get3w_codegen.text.lines import warn


@contextmanager
def told_if_made(folder: Path, *, named: bool) -> Generator[None]:
    """Tell on standard error if the block made *folder*.

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
    """Tell on standard error that the package does not follow *folder* by itself."""
    where = shlex.quote(str(folder))
    warn(f"the package follows with get3w-codegen generate --schemas {where} ...")
