"""First stage: read a folder of schema files and report all problems in them."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from get3w_codegen.jsonschema.dialect import modern, with_nulls
from get3w_codegen.jsonschema.json_file import read_json
from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.jsonschema.references import is_dynamic, localised
from get3w_codegen.model.lock import LOCK_NAME
from get3w_codegen.problems import Level, MisuseError, Problem

# The ids of 483 real models hold nothing else; a stricter rule keeps paths and URLs safe.
_SEGMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")

_LIKE_SCHEMA = re.compile(r"\.(?:json[5c]?|ya?ml)\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """One model's schema as it was read.

    Attributes:
        model_id: The model's id: the file's path without its ending.
        file: The file, relative to the schema folder, with forward slashes.
        document: The parsed schema, in the form that the generator works on.
        rule: The schema as it stands, where only a rule can hold it.
        stated: The file's document as it was written, or the part that was taken out of it, for the
            places of problems.
    """

    model_id: str
    file: str
    document: JsonObject
    rule: JsonObject | None = None
    stated: object = None


@dataclass(frozen=True, slots=True)
class Found:
    """A schema file that has not been read yet.

    Attributes:
        model_id: The model's id: the file's path without its ending.
        file: The file, relative to the schema folder, with forward slashes.
        path: The file.
    """

    model_id: str
    file: str
    path: Path


def look_through(folder: Path) -> tuple[list[Found], list[Problem]]:
    """Find every schema below *folder*, by model id, and report unread files that look like one.

    Raises:
        MisuseError: The folder is missing or holds no schema at all.
    """
    if folder.is_file():
        raise MisuseError(f"{folder} is a file; name the folder that it is in: one file per model.")
    if not folder.is_dir():
        raise MisuseError(f"No schema folder at {folder}. Name it with --schemas DIR.")
    top = len(str(folder)) + 1
    found: list[Found] = []
    unread: list[Problem] = []
    for parent, _, names in os.walk(folder):
        for name in names:
            if name == LOCK_NAME or not _LIKE_SCHEMA.search(name):
                continue
            file = f"{parent}/{name}".replace(os.sep, "/")[top:]
            if name.endswith(".json"):
                found.append(Found(file.removesuffix(".json"), file, Path(parent, name)))
            else:
                remedy = 'Write it as JSON, in a file that ends in ".json".'
                unread.append(Problem(file, "", "Not read", remedy, Level.WARNING))
    if not found:
        raise MisuseError(
            f"No schema in {folder}. Put one JSON Schema per model there; the path is the model"
            " id: get3w/flux-dev.json.",
            tuple(unread),
        )
    found.sort(key=lambda schema: schema.model_id)
    return found, sorted(unread, key=lambda problem: problem.file)


def read_schema(found: Found, *, opened: bool = False) -> tuple[SchemaFile | None, list[Problem]]:
    """Read the usable part of one schema file, and return all problems in it.

    Args:
        found: The file.
        opened: Whether it will be read as open.
    """
    if not all(_SEGMENT.fullmatch(segment) for segment in found.model_id.split("/")):
        return None, [
            Problem(
                found.file,
                "",
                f"The path is not a model id: {found.model_id!r}",
                "Name the file after the model id, of letters, digits, '-', '_', '.' and '/'.",
            )
        ]
    document, unread = read_json(found.path, found.file)
    if any(problem.level is Level.ERROR for problem in unread):
        return None, unread
    from get3w_codegen.jsonschema.boundary import boundary
    from get3w_codegen.jsonschema.located import in_order, located
    from get3w_codegen.jsonschema.wrapped import unwrapped

    schema: SchemaFile | None = None
    problems: list[Problem] = []
    stated = document
    with boundary(found.file, problems):
        stated = unwrapped(document) or document
        schema = _read(found, stated, problems, opened=opened)
    return schema, in_order([*unread, *located(problems, stated)])


def _read(
    found: Found, file: object, problems: list[Problem], *, opened: bool
) -> SchemaFile | None:
    """Return the usable schema in a file, and add its problems to *problems*."""
    from get3w_codegen.analysis.unfolding import repeated
    from get3w_codegen.jsonschema.taken import Taken
    from get3w_codegen.lint.not_a_schema import stranger
    from get3w_codegen.lint.run import mistakes
    from get3w_codegen.lint.salvage import drop_dangling, repaired

    document = file.schema if isinstance(file, Taken) else file
    other = stranger(document)
    if other is not None:
        problems.append(Problem(found.file, "", *other))
        return None
    stated = modern(cast("JsonObject", document))
    # Only a rule can follow a reference that depends on how one got there.
    verbatim = with_nulls(stated) if opened and is_dynamic(stated) else None
    local = localised(stated, static=verbatim is None)
    problems += repeated(local, found.file)
    if problems and problems[-1].level is Level.ERROR:
        return None
    usable, repairs = repaired(local, found.file, opened=opened)
    problems += repairs
    if any(problem.level is Level.ERROR for problem in repairs):
        drop_dangling(usable)  # the checks that follow would fail there
    problems += _is_body(usable, found.file)
    problems += mistakes(usable, found.file, found.model_id, opened=opened)
    if any(problem.level is Level.ERROR for problem in problems):
        return None
    plain = with_nulls(usable)
    return SchemaFile(found.model_id, found.file, plain, verbatim, file)


def _is_body(root: JsonObject, file: str) -> Iterator[Problem]:
    kinds = root.get("type", "object")
    if isinstance(kinds, str | list) and "object" not in (
        [kinds] if isinstance(kinds, str) else kinds
    ):
        yield Problem(
            file,
            "/type",
            f"A request body is an object, not {kinds!r}",
            'Write "type": "object".',
        )
