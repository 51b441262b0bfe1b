"""`names.lock.json`: the names once given. It only grows."""

import json
from pathlib import Path
from typing import cast

from get3w_codegen.load import LOCK_NAME
from get3w_codegen.problems import GenerateError


def read_lock(folder: Path) -> dict[str, str]:
    """Return the names that the lock of a schema folder holds; none where there is no lock.

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
        if not isinstance(name, str) or not (name.isascii() and name.isidentifier()):
            raise GenerateError(_damaged(path, f"{model_id!r} has no usable name"))
    given = list(names.values())
    twice = sorted({str(name) for name in given if given.count(name) > 1})
    if twice:
        raise GenerateError(_damaged(path, f"{twice[0]!r} is given to two models"))
    return cast("dict[str, str]", names)


def lock_text(names: dict[str, str]) -> str:
    """Return the content of a lock file."""
    return json.dumps(names, indent=2, ensure_ascii=False) + "\n"


def _damaged(path: Path, reason: str) -> str:
    return f"{path} is damaged: {reason}. Restore it from version control; names must not change."
