"""Read and write `names.lock.json`, the names that models have been given; it only grows."""

import json
import keyword
import re
from pathlib import Path
from typing import cast

from get3w_codegen.model.names import ModelName, clashes
from get3w_codegen.problems import GenerateError
from get3w_codegen.text.names import file_name

LOCK_NAME = "names.lock.json"

# As `model_name` gives them: none begins with an underscore, as the package's own modules do.
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)


def read_lock(folder: Path) -> dict[str, str]:
    """Return the names in the lock of a schema folder; empty if there is no lock.

    Raises:
        GenerateError: The lock is damaged; names given once must not change by accident.
    """
    path = folder / LOCK_NAME
    try:
        content: object = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (ValueError, OSError) as error:
        raise GenerateError(_damaged(path, str(error))) from error
    if not isinstance(content, dict):
        raise GenerateError(_damaged(path, "not a JSON object"))
    names = cast("dict[str, object]", content)
    for model_id, name in names.items():
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise GenerateError(_damaged(path, f"{model_id!r} has no usable name"))
        try:
            file_name(f"{name}.py")
        except ValueError as error:
            raise GenerateError(_damaged(path, f"{model_id!r}: {error}")) from error
    taken: set[str] = set()
    for model_id, name in names.items():
        model = ModelName(name)
        if keyword.iskeyword(model) or clashes(model, set()):
            raise GenerateError(_damaged(path, f"{model_id!r} has the reserved name {name!r}"))
        if clashes(model, taken):
            raise GenerateError(_damaged(path, f"{name!r} is given to two models"))
        taken |= {export.lower() for export in model.exports}
    return cast("dict[str, str]", names)


def _damaged(path: Path, reason: str) -> str:
    return f"{path} is damaged: {reason}. Restore it from version control; names must not change."
