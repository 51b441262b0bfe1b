"""Write the pages of all models, with their pictures, on all cores."""

import os
import re
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from get3w_codegen.catalogue.page import models_page
from get3w_codegen.jsonschema.boundary import boundary
from get3w_codegen.model.lock import read_lock
from get3w_codegen.model.names import assign_names
from get3w_codegen.problems import Problem
from get3w_emulator.media.outputs import output_spec
from get3w_emulator.schemas.catalogue import Model, load

from website.model_page import example_input, model_page
from website.pictures import picture_of

_WORTH_PROCESSES = 20
_ROW = re.compile(r"^\| `([^`]+)` \| [^|]+ \|", re.MULTILINE)


@dataclass(frozen=True)
class Task:
    """One page to write.

    Attributes:
        model: The model.
        name: What it is called in Python.
        package: The import name of the package that its function is in.
        folder: The folder of the pages of all models.
    """

    model: Model
    name: str
    package: str
    folder: Path


def write_model_pages(schemas: Path, folder: Path, package: str) -> list[str]:
    """Write a page for each model below *folder*, and the list of all of them beside it.

    Args:
        schemas: The folder of schemas.
        folder: Where the pages go; the list is `folder.md`.
        package: The import name of the package that the functions are in.

    Returns:
        A line for each model that has no page, with the reason.

    Raises:
        SetupError: There are no schemas, or none that can be used.
    """
    catalogue = load(schemas)
    names = assign_names(catalogue, read_lock(schemas))
    tasks = [Task(model, names[model.id], package, folder) for model in catalogue.values()]
    left_out = [*catalogue.left_out, *_written(tasks)]
    folder.with_suffix(".md").write_text(_with_links(schemas, folder, package), encoding="utf-8")
    return left_out


def _written(tasks: list[Task]) -> Iterator[str]:
    cores = os.cpu_count() or 1
    if len(tasks) < _WORTH_PROCESSES or cores == 1:
        found = [*map(write_page, tasks)]
    else:
        with ProcessPoolExecutor(cores) as pool:
            found = [*pool.map(write_page, tasks, chunksize=8)]
    for problems in found:
        yield from (f"{each.file}: {each.message}" for each in problems)


def write_page(task: Task) -> list[Problem]:
    """Write the page of one model, and return why it could not be written."""
    model = task.model
    page = task.folder / f"{model.id}.md"
    page.parent.mkdir(parents=True, exist_ok=True)
    problems: list[Problem] = []
    # A schema that cannot be read to its end costs its own page alone.
    with boundary(f"{model.id}.json", problems):
        given = example_input(model)
        spec = None if given is None else output_spec(model, given)
        drawn = None if given is None or spec is None else picture_of(model, given, spec)
        picture = None if drawn is None else page.parent / f"{page.stem}.webp"
        text = model_page(
            model, task.name, task.package, given, spec, picture.name if picture else None
        )
        page.write_text(text, encoding="utf-8", newline="\n")
        if picture is not None and drawn is not None:
            picture.write_bytes(drawn)
    return problems


def _with_links(schemas: Path, folder: Path, package: str) -> str:
    """Return the list of models with a link to each page, in place of the name of its function."""

    def linked(row: re.Match[str]) -> str:
        there = (folder / f"{row[1]}.md").is_file()
        return f"| [`{row[1]}`]({folder.name}/{row[1]}.md) |" if there else f"| `{row[1]}` |"

    text = (
        models_page(schemas, package)
        .replace("| Model | Function |", "| Model |")
        .replace("|---|---|", "|---|", 1)
    )
    return _ROW.sub(linked, text)
