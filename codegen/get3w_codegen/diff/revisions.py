"""Read the schemas of a folder from disk or from a git revision."""

import io
import subprocess
import tarfile
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from get3w_codegen.jsonschema.documents import parsed
from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.jsonschema.wrapped import plain_schema
from get3w_codegen.model.lock import LOCK_NAME
from get3w_codegen.problems import GenerateError, MisuseError

Catalogue = dict[str, JsonObject]


def two_catalogues(old: str, new: str) -> tuple[Catalogue, Catalogue]:
    """Return the schemas of both sides of a comparison, by model id.

    Args:
        old: A folder, a file, or a git revision of *new*.
        new: A folder or a file.

    Raises:
        MisuseError: One of them cannot be read.
    """
    after = Path(new)
    if not after.exists():
        raise MisuseError(f"There is no {new}. Name a folder of schemas, or one schema.")
    before = Path(old)
    if not before.exists():
        return _of_revision(old, after), _of_folder(after)
    if before.is_dir() != after.is_dir():
        raise MisuseError(f"One of {old} and {new} is a file, the other a folder.")
    if after.is_dir():
        return _of_folder(before), _of_folder(after)
    # Two files are two states of one model, whatever they are called.
    one, other = (_document(path.read_bytes(), str(path)) for path in (before, after))
    model_id = str(other.get("x-model-id") or after.stem)
    return {model_id: one}, {model_id: other}


def _of_folder(folder: Path) -> Catalogue:
    if not folder.is_dir():
        raise MisuseError(f"{folder} is a file; a git revision is compared with a folder.")
    return _catalogue(
        (path.relative_to(folder).as_posix(), path.read_bytes(), str(path))
        for path in sorted(folder.rglob("*.json"))
        if path.is_file()
    )


def _of_revision(revision: str, folder: Path) -> Catalogue:
    command = ["git", "archive", "--format=tar", revision, "--", "."]
    if revision.startswith("-"):
        raise MisuseError(f"{revision!r} is neither a folder nor a git revision.")
    try:
        run = subprocess.run(  # noqa: S603 - git with a revision, which cannot be an option
            command,
            cwd=folder if folder.is_dir() else folder.parent,
            capture_output=True,
            check=False,
        )
    except OSError as error:
        raise MisuseError(f"There is no {revision}, and git cannot be run: {error}.") from error
    if run.returncode:
        reason = run.stderr.decode(errors="replace").strip().splitlines()[-1:]
        raise MisuseError(
            f"{revision} is neither a folder nor a git revision that has {folder}"
            f" ({''.join(reason)})."
        )
    with tarfile.open(fileobj=io.BytesIO(run.stdout)) as archive:
        return _catalogue(
            (member.name.removeprefix("./"), content.read(), f"{revision}:{member.name}")
            for member in archive
            if member.name.endswith(".json") and (content := archive.extractfile(member))
        )


def _catalogue(files: Iterable[tuple[str, bytes, str]]) -> Catalogue:

    return {
        name.removesuffix(".json"): _document(data, where)
        for name, data, where in files
        if name != LOCK_NAME
    }


def _document(data: bytes, where: str) -> JsonObject:
    try:
        document = plain_schema(parsed(data, where))
    except GenerateError as error:
        raise MisuseError(str(error)) from error
    if not isinstance(document, dict):
        raise MisuseError(f"{where} is not a schema but {type(document).__name__}.")
    return cast("JsonObject", document)
