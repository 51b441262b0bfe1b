"""The four stages in a row: load, normalise, render, write."""

import keyword
from dataclasses import dataclass
from pathlib import Path

from get3w_codegen.formatting import formatted
from get3w_codegen.load import LOCK_NAME, SchemaFile, load_schemas
from get3w_codegen.lock import lock_text, read_lock
from get3w_codegen.model import Model
from get3w_codegen.names import ModelName, assign_names
from get3w_codegen.normalise import Normaliser
from get3w_codegen.problems import GenerateError, Level, Problem
from get3w_codegen.render import Renderer
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
    schemas, problems = load_schemas(job.schemas)
    lock = read_lock(job.schemas)
    names = assign_names((schema.model_id for schema in schemas), lock)
    models, found = _models(schemas, names, job)
    problems += found
    if any(problem.level is Level.ERROR for problem in problems):
        count = sum(problem.level is Level.ERROR for problem in problems)
        text = "1 problem" if count == 1 else f"{count} problems"
        raise GenerateError(f"{text} in {job.schemas}; nothing was written.", tuple(problems))
    pending = changes(job.output, _files(models))
    if names != lock:
        path = job.schemas / LOCK_NAME
        # The lock goes first: a name must not be out in the world before it is written down.
        pending.insert(0, Change(path, lock_text(lock) if lock else None, lock_text(names)))
    if not check:
        apply(pending)
    return Outcome(len(models), pending, problems)


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


def _models(
    schemas: list[SchemaFile], names: dict[str, str], job: Job
) -> tuple[list[Model], list[Problem]]:
    models: list[Model] = []
    problems: list[Problem] = []
    for schema in schemas:
        normaliser = Normaliser(schema, ModelName(names[schema.model_id]), open=job.open)
        model = normaliser.model()
        problems += normaliser.problems
        if model is not None:
            models.append(model)
    return models, problems


def _files(models: list[Model]) -> dict[str, str]:
    renderer = Renderer()
    modules = formatted({f"{model.name}.py": renderer.module(model) for model in models})
    return {
        **modules,
        "__init__.py": renderer.facade(models),
        "_index.py": renderer.index(models),
        "py.typed": "",
    }
