"""Generate a package: load, normalise, render and write only what has changed.

`--check` guards against unreviewed changes, so it rebuilds every module and compares bytes. Only
`generate` trusts the manifest and skips the modules that it lists as up to date.
"""

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from get3w_codegen.build.writing import Change, apply, changes, left_behind, refuse_hidden_code
from get3w_codegen.jsonschema.documents import written
from get3w_codegen.model.lock import LOCK_NAME, read_lock
from get3w_codegen.model.names import assign_names
from get3w_codegen.parse.load import Found, look_through
from get3w_codegen.problems import GenerateError, Level, MisuseError, Problem
from get3w_codegen.render.indexes import facade, index
from get3w_codegen.render.manifest import (
    MANIFEST_NAME,
    Entry,
    digest,
    generator_digest,
    manifest_text,
    read_manifest,
)
from get3w_codegen.text.names import file_name

if TYPE_CHECKING:
    from get3w_codegen.build.workers import Built

# No digest: a module whose schema cannot be used now is looked at again by the next run.
_STALE = "-"


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
    """The result of a run.

    Attributes:
        models: How many models there are.
        changes: The files that were, or would be, changed.
        problems: What is wrong with the schemas.
        left_out: The models whose schema cannot be used, and whether the package still holds what
            was made of an earlier one.
    """

    models: int
    changes: list[Change]
    problems: list[Problem]
    left_out: dict[str, bool]


def generate(job: Job, *, check: bool = False, rebuild: bool = False) -> Outcome:
    """Update a package to match its schemas.

    Args:
        job: What to do.
        check: Whether only to say what would change. Everything is made anew for it: neither the
            manifest nor any other file of the package is believed.
        rebuild: Whether to make everything anew, as for a check, and write it.

    Raises:
        GenerateError: Nothing can be generated at all, or the disk refused. Wrong input is told
            before a file is touched; where what was asked for makes no sense, as a `MisuseError`.
    """
    _check_package(job)
    found, unread = look_through(job.schemas)
    lock = read_lock(job.schemas)
    generator = generator_digest(job.open)
    made_by, before = ("", {}) if check or rebuild else read_manifest(job.output)
    digests = {schema.model_id: _file_digest(schema.path) for schema in found}
    names = assign_names(digests, lock)
    current = {
        entry.model_id: entry
        for entry in before.values()
        if made_by == generator and _is_current(job.output, entry, names, digests)
    }
    todo = [schema for schema in found if schema.model_id not in current]
    built = _built(todo, names, job)
    problems = unread + [
        problem
        for schema in found
        for problem in _problems(schema, current.get(schema.model_id), built)
    ]
    unusable = [model_id for model_id, made in built.items() if not made.source]
    usable = digests.keys() - unusable
    if unusable and names != (names := assign_names(usable, lock)):
        # A name that a model was refused for the sake of one that is left out after all.
        built = _built([schema for schema in todo if schema.model_id in usable], names, job)
    kept = {
        model_id: replace(before[model_id], schema=_STALE, warnings=())
        for model_id in unusable
        if model_id in before and _is_intact(job.output, before[model_id], names)
    }
    entries = [
        kept.get(model_id) or current.get(model_id) or _entry(built[model_id], names, digests)
        for model_id in digests
        if model_id in usable or model_id in kept
    ]
    if not entries:
        text = "No schema can be used" if len(unusable) > 1 else "The schema cannot be used"
        raise GenerateError(f"{text} in {job.schemas}; nothing was written.", tuple(problems))
    files: dict[str, str | None] = {file_name(f"{entry.name}.py"): None for entry in entries}
    files |= {
        file_name(f"{names[model_id]}.py"): each.source
        for model_id, each in built.items()
        if each.source
    }
    files |= {
        "__init__.py": facade(entries, job.package),
        "_index.py": index(entries),
        "py.typed": "",
        MANIFEST_NAME: manifest_text(generator, entries),
    }
    if check:
        refuse_hidden_code(job.output)
    pending = changes(job.output, files) + left_behind(job.schemas)
    if names != lock:
        path = job.schemas / LOCK_NAME
        # The lock goes first: a name must not be out in the world before it is written down.
        pending.insert(0, Change(path, written(lock) if lock else None, written(names)))
    if not check:
        apply(pending)
    left_out = {model_id: model_id in kept for model_id in unusable}
    return Outcome(len(entries), pending, problems, left_out)


def _entry(made: "Built", names: dict[str, str], digests: dict[str, str]) -> Entry:
    return Entry(
        made.model_id,
        names[made.model_id],
        made.facts,
        digests[made.model_id],
        digest(made.source.encode()),
        # The weight is not kept: with an error there is no module.
        tuple((each.place, each.message, each.remedy) for each in made.problems),
    )


def _problems(schema: Found, entry: Entry | None, built: "dict[str, Built]") -> Iterable[Problem]:
    """Return the problems of a schema, from the manifest if the schema has not changed."""
    if entry is None:
        return built[schema.model_id].problems
    return (Problem(schema.file, *warned, Level.WARNING) for warned in entry.warnings)


def _file_digest(path: Path) -> str:
    try:
        return digest(path.read_bytes())
    except OSError:
        return ""


def _is_current(output: Path, entry: Entry, names: dict[str, str], digests: dict[str, str]) -> bool:
    """Return whether a module and its schema are unchanged since the module was generated."""
    return entry.schema == digests.get(entry.model_id, "") != "" and _is_intact(
        output, entry, names
    )


def _is_intact(output: Path, entry: Entry, names: dict[str, str]) -> bool:
    return entry.name == names.get(entry.model_id) and entry.module == _file_digest(
        output / f"{entry.name}.py"
    )


def _built(todo: list[Found], names: dict[str, str], job: Job) -> "dict[str, Built]":
    """Build and format the modules in *todo*; an unusable schema gets an empty source."""
    if not todo:
        return {}
    # Loads datamodel-code-generator, which a run with nothing to do has no use for.
    from get3w_codegen.build.workers import build_all
    from get3w_codegen.render.ruff import formatted

    built = build_all(todo, [names[schema.model_id] for schema in todo], opened=job.open)
    # Under their own names, by which the formatter tells what it could not read.
    sources = formatted(
        {f"{names[made.model_id]}.py": made.source for made in built if made.source}
    )
    return {
        made.model_id: replace(made, source=sources.get(f"{names[made.model_id]}.py", ""))
        for made in built
    }


def _check_package(job: Job) -> None:
    if not all(
        part.isidentifier() and not keyword.iskeyword(part) for part in job.package.split(".")
    ):
        meant = re.sub(r"[^\w.]+", "_", job.package)
        usable = meant != job.package and all(map(str.isidentifier, meant.split(".")))
        advice = f" Write {meant}." if usable else ""
        raise MisuseError(f"{job.package!r} is not a valid package name.{advice}")
    if job.output.absolute().name != job.package.split(".")[-1]:
        raise MisuseError(
            f"The folder {job.output} would be imported as {job.output.absolute().name!r}, not as"
            f" {job.package!r}. End --output with the package's name."
        )
