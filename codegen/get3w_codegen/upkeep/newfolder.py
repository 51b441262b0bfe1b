"""A folder of schemas that was not there before is told: it may have been meant elsewhere."""

import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def told_if_made(folder: Path) -> Generator[None]:
    """Tell on standard error if the block made *folder*."""
    was_there = folder.is_dir()
    yield
    if folder.is_dir() and not was_there:
        sys.stderr.write(f"made the folder {folder.resolve()}; --schemas names another\n")
