"""The four stages in a row: load, normalise, render, write; only for what has changed."""

import keyword
from dataclasses import dataclass, replace
from pathlib import Path

from get3w_codegen.indexes import facade, index
from get3w_codegen.load import LOCK_NAME, find_schemas
from get3w_codegen.lock import lock_text, read_lock
from get3w_codegen.manifest import (
    MANIFEST_NAME,
    Entry,
    digest,
    generator_digest,
    manifest_text,
    read_manifest,
)
from get3w_codegen.names import assign_names
from get3w_codegen.problems import GenerateError, Level, Problem
from get3w_codegen.tasks import Built, Task
from get3w_codegen.writing import Change, apply, changes


@dataclass(frozen=True, slots=True)
class Job:
    """One run of the generator.

    Attributes:
        schemas: The folder of schemas.
        output: The folder of the package; the generator owns all of it.
        package: The package's import name, which the folder's name must agree with.
        open: Whether a silent `additionalProperties` allows more, as in JSON Schema itself.
    """

    schemas: Path
    output: Path
    package: str
    open: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run came to.

    Attributes:
        models: How many models there are.
        changes: The files that were, or would be, changed.
        warnings: What was passed over.
    """

    models: int
    changes: list[Change]
    warnings: list[Problem]


def generate(job: Job, *, check: bool = False) -> Outcome:
    """Bring a package in step with its schemas.

    Args:
        job: What to do.
        check: Whether only to say what would change.

    Raises:
        GenerateError: Something is wrong with the input or the disk. Wrong input is told before
            a file is touched.
    """
    _check_package(job)
    found = find_schemas(job.schemas)
    lock = read_lock(job.schemas)
    names = assign_names((schema.model_id for schema in found), lock)
    generator = generator_digest(job.open)
    known = read_manifest(job.output, generator)
    digests = {schema.model_id: _file_digest(schema.path) for schema in found}
    tasks = [
        Task(schema, names[schema.model_id], job.open)
        for schema in found
        if not _is_current(job.output, known.get(schema.model_id), names, digests)
    ]
    modules, problems = _modules(tasks, job.schemas)
    entries = [
        Entry(
            model_id,
            names[model_id],
            modules[model_id].documented if model_id in modules else known[model_id].documented,
            digests[model_id],
            digest(modules[model_id].source.encode())
            if model_id in modules
            else known[model_id].module,
        )
        for model_id in digests
    ]
    files: dict[str, str | None] = {f"{entry.name}.py": None for entry in entries}
    files |= {f"{names[model_id]}.py": built.source for model_id, built in modules.items()}
    files |= {
        "__init__.py": facade(entries),
        "_index.py": index(entries),
        "py.typed": "",
        MANIFEST_NAME: manifest_text(generator, entries),
    }
    pending = changes(job.output, files)
    if names != lock:
        path = job.schemas / LOCK_NAME
        # The lock goes first: a name must not be out in the world before it is written down.
        pending.insert(0, Change(path, lock_text(lock) if lock else None, lock_text(names)))
    if not check:
        apply(pending)
    return Outcome(len(entries), pending, problems)


def _file_digest(path: Path) -> str:
    try:
        return digest(path.read_bytes())
    except OSError:
        return ""


def _is_current(
    output: Path, entry: Entry | None, names: dict[str, str], digests: dict[str, str]
) -> bool:
    """Tell whether a module is what it was when it was made, and its schema too."""
    return (
        entry is not None
        and entry.name == names[entry.model_id]
        and entry.schema == digests[entry.model_id] != ""
        and entry.module == _file_digest(output / f"{entry.name}.py")
    )


def _modules(tasks: list[Task], folder: Path) -> tuple[dict[str, Built], list[Problem]]:
    """Build and format what has to be made anew.

    Raises:
        GenerateError: A schema cannot be used.
    """
    if not tasks:
        return {}, []
    # Loads datamodel-code-generator, which a run with nothing to do has no use for.
    from get3w_codegen.building import build_all
    from get3w_codegen.formatting import formatted

    built = build_all(tasks)
    problems = [problem for made in built for problem in made.problems]
    errors = sum(problem.level is Level.ERROR for problem in problems)
    if errors:
        text = "1 problem" if errors == 1 else f"{errors} problems"
        raise GenerateError(f"{text} in {folder}; nothing was written.", tuple(problems))
    # Under their own names, by which the formatter tells what it could not read.
    sources = formatted(
        {f"{task.name}.py": made.source for task, made in zip(tasks, built, strict=True)}
    )
    return {
        made.model_id: replace(made, source=source)
        for made, source in zip(built, sources.values(), strict=True)
    }, problems


def _check_package(job: Job) -> None:
    if not all(
        part.isidentifier() and not keyword.iskeyword(part) for part in job.package.split(".")
    ):
        raise GenerateError(f"{job.package!r} is no name for a package.")
    if job.output.absolute().name != job.package.split(".")[-1]:
        raise GenerateError(
            f"The folder {job.output} would be imported as {job.output.absolute().name!r}, not as"
            f" {job.package!r}. End --output with the package's name."
        )
