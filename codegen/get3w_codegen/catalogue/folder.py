"""Change the files of a schema folder all together or not at all, even if the process is killed.

The new state of the folder is built beside it, with hard links to unchanged files, and then the two
are swapped. A run that is killed before the swap has changed nothing; one that is killed after it
leaves only the old folder to delete, which the next run does. Writing file by file, as `generate`
does, would be shorter, and could leave a mix of two lists that looks like a finished pull.
"""

import os
import shutil
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

from get3w_codegen.catalogue.exchange import exchange, recover
from get3w_codegen.problems import GenerateError


def replace_files(folder: Path, files: Mapping[str, str | None]) -> None:
    """Write and remove files of *folder*, all of them or none.

    Args:
        folder: The folder; it is made where there is none.
        files: The new content by relative path with forward slashes; None removes the file.

    Raises:
        GenerateError: The disk refused, or somebody else changed the folder meanwhile; the folder
            is as it was.
    """
    folder = folder.resolve()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with _alone(folder):
            _replace(folder, files)
    except OSError as error:
        raise GenerateError(
            f"Cannot write {error.filename or folder}: {error.strerror}. {folder} is as it was."
        ) from error


def tidy(folder: Path) -> None:
    """Undo or finish what a killed run started in *folder*.

    Raises:
        GenerateError: Another run is at work.
    """
    folder = folder.resolve()
    if folder.parent.is_dir():
        with _alone(folder):
            pass


@contextmanager
def _alone(folder: Path) -> Generator[None]:
    """Lock *folder*, and delete what a killed run left beside it."""
    handle = _lock(folder.parent)
    try:
        recover(folder)
        shutil.rmtree(_staged(folder), ignore_errors=True)
        yield
    finally:
        shutil.rmtree(_staged(folder), ignore_errors=True)
        if handle is not None:
            os.close(handle)


def _lock(parent: Path) -> int | None:
    try:
        import fcntl
    except ModuleNotFoundError:  # Windows, which refuses the renaming of a folder in use anyway
        return None
    handle = os.open(parent, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(handle)
        raise GenerateError(
            f"Another get3w-codegen is running in {parent}. Try again when it is done."
        ) from None
    return handle


def _replace(folder: Path, files: Mapping[str, str | None]) -> None:
    staged = _staged(folder)
    before = _prints(folder)
    if folder.is_dir():
        shutil.copytree(folder, staged, copy_function=_linked, symlinks=True)
    else:
        staged.mkdir()
    for name, text in files.items():
        path = staged / name
        _refuse_links(path.parent, staged, folder)
        path.unlink(missing_ok=True)  # never through a link to the file in use
        if text is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8", newline="\n")
        else:
            _prune_empty(path.parent, staged)
    if not folder.exists():
        staged.rename(folder)
        return
    exchange(staged, folder)
    if _prints(staged) != before:
        exchange(staged, folder)
        raise GenerateError(f"{folder} was changed meanwhile, so it was left alone. Try again.")


def _refuse_links(parent: Path, top: Path, folder: Path) -> None:
    """Refuse to write through a symbolic link into another folder."""
    while parent != top:
        if parent.is_symlink():
            raise GenerateError(
                f"{folder / parent.relative_to(top)} is a link to another folder, in which nothing"
                f" is written. Put a folder in its place. {folder} is as it was."
            )
        parent = parent.parent


def _linked(source: str, target: str) -> str:
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError:  # a file system without links
        shutil.copy2(source, target, follow_symlinks=False)
    return target


def _prune_empty(parent: Path, top: Path) -> None:
    while parent != top and not any(parent.iterdir()):
        parent.rmdir()
        parent = parent.parent


def _prints(folder: Path) -> dict[str, tuple[int, int]]:
    """Return size and time of each file, to see whether the folder changes."""
    return {
        str(path.relative_to(folder)): (state.st_size, state.st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
        for state in [path.stat()]
    }


def _staged(folder: Path) -> Path:
    return folder.with_name(f".{folder.name}.get3w-staged")
