"""First stage: read a folder of schema files, and say all that is wrong with them."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn, cast

from get3w_codegen.judging import SCHEMA_OF_SCHEMAS
from get3w_codegen.problems import GenerateError, Problem

LOCK_NAME = "names.lock.json"

# The ids of 483 real models hold nothing else; a stricter rule keeps paths and URLs safe.
_SEGMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")

JsonObject = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SchemaFile:
    """One model's schema as it was read.

    Attributes:
        model_id: The model's id: the file's path without its ending.
        file: The file, relative to the schema folder, with forward slashes.
        document: The parsed schema.
    """

    model_id: str
    file: str
    document: JsonObject


def load_schemas(folder: Path) -> tuple[list[SchemaFile], list[Problem]]:
    """Read every schema below *folder*, in the order of the model ids.

    Raises:
        GenerateError: The folder is missing or holds no schema at all.
    """
    if not folder.is_dir():
        raise GenerateError(f"No schema folder at {folder}. Name it with --schemas DIR.")
    files = sorted(
        path for path in folder.rglob("*.json") if path.name != LOCK_NAME and path.is_file()
    )
    if not files:
        raise GenerateError(
            f"No schema in {folder}. Put one JSON Schema per model there; the path is the model"
            " id: get3w/flux-dev.json."
        )
    schemas: list[SchemaFile] = []
    problems: list[Problem] = []
    for path in files:
        loaded = _load(path, path.relative_to(folder).as_posix())
        if isinstance(loaded, SchemaFile):
            schemas.append(loaded)
        else:
            problems.extend(loaded)
    schemas.sort(key=lambda schema: schema.model_id)
    return schemas, problems


def _load(path: Path, file: str) -> SchemaFile | list[Problem]:
    model_id = file.removesuffix(".json")
    if not all(_SEGMENT.fullmatch(segment) for segment in model_id.split("/")):
        return [
            Problem(
                file,
                "",
                f"The path is no model id: {model_id!r}",
                "Name the file after the model id, of letters, digits, '-', '_', '.' and '/'.",
            )
        ]
    document = _parse(path, file)
    if isinstance(document, Problem):
        return [document]
    problems = list(_check(document, file, model_id))
    return problems or SchemaFile(model_id, file, cast("JsonObject", document))


def _parse(path: Path, file: str) -> object:
    try:
        text = path.read_text(encoding="utf-8-sig")
        return json.loads(text, parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        return Problem(
            file,
            f"line {error.lineno}, column {error.colno}",
            f"Not JSON: {error.msg}",
            "Correct the file at that place.",
        )
    except (ValueError, RecursionError) as error:
        return Problem(file, "", f"Not JSON: {error}", "Write the file as UTF-8 encoded JSON.")
    except OSError as error:
        return Problem(file, "", f"Cannot be read: {error.strerror}", "Make the file readable.")


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _check(document: object, file: str, model_id: str) -> Iterator[Problem]:
    if not isinstance(document, dict):
        yield Problem(
            file,
            "",
            f"A schema is a JSON object, this is {_kind(document)}",
            'Write an object: {"type": "object", "properties": {...}}.',
        )
        return
    root = cast("JsonObject", document)
    stated = root.get("x-model-id", model_id)
    if stated != model_id:
        yield Problem(
            file,
            "/x-model-id",
            f"The id {stated!r} does not agree with the path, which says {model_id!r}",
            "Move the file or correct x-model-id.",
        )
    surface = root.get("x-surface", "v3")
    if surface not in ("v3", "v1"):
        yield Problem(
            file,
            "/x-surface",
            f"Unknown surface {surface!r}",
            'Write "v3" or "v1", or leave it out.',
        )
    for path, message in SCHEMA_OF_SCHEMAS.problems(root):
        yield Problem(
            file,
            "".join(f"/{_escaped(part)}" for part in path),
            f"Not a JSON Schema (2020-12): {_shortened(message)}",
            "Correct the keyword there.",
        )
    if root.get("type", "object") != "object":
        yield Problem(
            file,
            "/type",
            f"A request body is an object, not {root['type']!r}",
            'Write "type": "object".',
        )


def _escaped(part: object) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def _shortened(text: str) -> str:
    return text if len(text) <= 200 else text[:197] + "..."


def _kind(value: object) -> str:
    return "null" if value is None else f"a {type(value).__name__}"
