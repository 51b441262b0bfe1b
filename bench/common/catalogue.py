"""A catalogue of any size to generate from, and the command that does it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

ROOT = Path(__file__).parents[2]
OWN = ROOT / "schemas"
KEPT = ROOT / "build/bench/packages"
PACKAGE = "bench_models"
CORPUS = [ROOT.parent / "shared/corpus" / name for name in ("fal", "replicate")]


def write_catalogue(folder: Path, size: int, others: Iterable[Path]) -> list[Path]:
    """Write *size* schemas: ours, those of the folders *others*, then all of them over again."""
    written: list[Path] = []
    for name, document in _endless([*others]):
        if len(written) == size:
            break
        path = folder / f"{name}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2), encoding="utf-8")
        written.append(path)
    return written


def generate(schemas: Path, package: Path, *options: str) -> str:
    """Bring *package* in step with *schemas*, as a process of its own; return what it says."""
    command = [sys.executable, "-m", "get3w_codegen", "generate", "--schemas", str(schemas)]
    command += ["--output", str(package), "--package", package.name, *options]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def made_package(size: int, folder: Path = KEPT) -> Path:
    """Return a folder with `bench_models`, a package of *size* models, and its schemas.

    In the folder that is kept it is only brought in step, which takes little where nothing changed.
    """
    root = folder / str(size)
    shutil.rmtree(root / "schemas", ignore_errors=True)
    write_catalogue(root / "schemas", size, corpus())
    generate(root / "schemas", root / PACKAGE)
    return root


def corpus() -> list[Path]:
    """Return the folders of other platforms' schemas: named in BENCH_CORPUS, or those there are."""
    if named := os.environ.get("BENCH_CORPUS", "").split():
        return [*map(Path, named)]
    return [folder for folder in CORPUS if folder.is_dir()]


def _endless(folders: list[Path]) -> Iterator[tuple[str, dict[str, object]]]:
    for number in count(1):
        prefix = "" if number == 1 else f"copy-{number}/"
        for name, document in chain(_own(), *map(_foreign, folders)):
            yield prefix + name, document


def _own() -> Iterator[tuple[str, dict[str, object]]]:
    for path in sorted(OWN.rglob("*.json")):
        if path.name != "names.lock.json":
            document = json.loads(path.read_text(encoding="utf-8"))
            document.pop("x-model-id", None)
            yield path.relative_to(OWN).with_suffix("").as_posix(), document


def _foreign(folder: Path) -> Iterator[tuple[str, dict[str, object]]]:
    if not folder.is_dir():
        raise SystemExit(f"No folder {folder}")
    for path in sorted(folder.glob("*.json")):
        document = json.loads(path.read_text(encoding="utf-8"))
        if isinstance(document, dict) and "properties" in document:
            yield f"{folder.name}/{path.stem}", document
