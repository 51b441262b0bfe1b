"""Add, update and (on request) remove schema files in a folder, from a fetched model list."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, cast

from get3w_codegen.catalogue.convert import claims, in_form
from get3w_codegen.catalogue.entries import Entry, UnusableError, entries_of
from get3w_codegen.catalogue.fetch import Answer
from get3w_codegen.catalogue.folder import replace_files, tidy
from get3w_codegen.catalogue.media import with_media
from get3w_codegen.catalogue.preserve import kept
from get3w_codegen.jsonschema.documents import canonical, parsed, written
from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.jsonschema.wrapped import plain_schema
from get3w_codegen.model.lock import LOCK_NAME
from get3w_codegen.problems import GenerateError, Problem
from get3w_codegen.text.names import twins

Fate = Literal["added", "changed", "removed", "unchanged"]


@dataclass(frozen=True, slots=True)
class Pull:
    """One pull.

    Attributes:
        folder: The folder of schemas.
        only: Models whose id does not match this glob are left out of it.
        prune: Whether models that are not listed are removed.
        keep_going: Whether entries that cannot be used are passed over, not refused.
    """

    folder: Path
    only: str = "*"
    prune: bool = False
    keep_going: bool = False


@dataclass(slots=True)
class Pulled:
    """The result of a pull.

    Attributes:
        fates: What becomes of each model, by id.
        files: The files to write, and those to remove.
        passed_over: The entries that could not be used.
        unconfirmed: The models that the list calls confirmed by Get3W, which it cannot be.
    """

    fates: dict[str, Fate] = field(default_factory=dict[str, Fate])
    files: dict[str, str | None] = field(default_factory=dict[str, str | None])
    passed_over: list[Problem] = field(default_factory=list[Problem])
    unconfirmed: list[str] = field(default_factory=list[str])


def pull(job: Pull, answer: Answer, *, write: bool = True) -> Pulled:
    """Add, update and (on request) remove schema files in a folder, from a fetched model list.

    Raises:
        GenerateError: The answer or the folder cannot be used; the folder is as it was.
    """
    tidy(job.folder)
    entries, problems = entries_of(answer.value, answer.where)
    chosen = [entry for entry in entries if fnmatchcase(entry.model_id, job.only)]
    result = Pulled()
    stays: set[str] = set() if job.prune else {*stored_ids(job.folder)}
    for one, other in twins(f"{name}.json" for name in {each.model_id for each in chosen} | stays):
        both = f"{one} and {other} cannot exist side by side on every system"
        name = other.removesuffix(".json")
        problems.append(Problem(answer.where, name, both, _PASS_OVER))
        chosen = [entry for entry in chosen if entry.model_id != name]
    for entry in chosen:
        try:
            _take(result, job.folder, entry, answer)
        except UnusableError as error:
            problems.append(Problem(answer.where, entry.model_id, str(error), _PASS_OVER))
    if problems and not job.keep_going:
        models = "1 model" if len(problems) == 1 else f"{len(problems)} models"
        raise GenerateError(
            f"{models} of {answer.where} cannot be used; nothing was changed.", tuple(problems)
        )
    if not chosen:
        raise GenerateError(f"{answer.where} lists no model that fits --only {job.only!r}.")
    result.passed_over = problems
    listed = {entry.model_id for entry in entries} | {problem.place for problem in problems}
    for model_id in stored_ids(job.folder):
        if model_id not in listed and fnmatchcase(model_id, job.only):
            result.fates[model_id] = "removed"
            if job.prune:
                result.files[f"{model_id}.json"] = None
    result.fates = dict(sorted(result.fates.items()))
    if result.files and write:
        replace_files(job.folder, result.files)
    return result


_PASS_OVER = "Leave it out with --only GLOB, or skip what cannot be used with --keep-going."  # noqa: S105 - no password


def stored_ids(folder: Path) -> Iterator[str]:
    """Yield the id of every schema in a folder."""
    for parent, _, names in os.walk(folder):
        for name in names:
            if name.endswith(".json") and name != LOCK_NAME:
                path = Path(parent, name).relative_to(folder)
                yield path.as_posix().removesuffix(".json")


def stored(folder: Path, model_id: str) -> JsonObject | None:
    """Return the schema that a folder holds, or None where it holds none.

    Raises:
        GenerateError: The file cannot be read.
    """
    path = folder / f"{model_id}.json"
    try:
        document = parsed(path.read_bytes(), str(path))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise GenerateError(f"Cannot read {path}: {error.strerror}.") from error
    document = plain_schema(document)
    if not isinstance(document, dict):
        raise GenerateError(f"{path} is not a schema. Correct or remove it.")
    return cast("JsonObject", document)


def merged(old: JsonObject | None, new: JsonObject) -> JsonObject:
    """Return the schema to store in place of *old*."""
    return with_media(kept(old, new) if old else new, old)


def _take(result: Pulled, folder: Path, entry: Entry, answer: Answer) -> None:
    new = in_form(entry, answer.address, trusted=answer.trusted)
    if set(claims(entry.schema)) - set(claims(new)):
        result.unconfirmed.append(entry.model_id)
    old = stored(folder, entry.model_id)
    if "x-model-id" not in entry.schema or old is not None:
        new = merged(old, new)
    if old is None:
        fate: Fate = "added"
    else:
        fate = "unchanged" if canonical(old) == canonical(new) else "changed"
    result.fates[entry.model_id] = fate
    if fate != "unchanged":
        result.files[f"{entry.model_id}.json"] = written(new)
