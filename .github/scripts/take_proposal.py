"""Copy a proposal of the job that pulled the list into a checkout; execute nothing of it.

The files come from a job that worked on foreign text, so their names and kinds are checked before
anything is written: schemas, generated modules, the page of all models and the changelog.
"""

import re
import shutil
import sys
from pathlib import Path

_ALLOWED = re.compile(
    r"schemas/(?:[\w.-]+/)*[\w.-]+\.json"
    r"|generated/get3w_models/(?:\w+\.py|py\.typed|_manifest\.txt)"
    r"|docs/models\.md|CHANGELOG\.md|body\.md|label",
    re.ASCII,
)
_LABELS = {"breaking", "compatible"}
_MOST_FILES = 20_000
_MOST_BYTES = 256 * 1024 * 1024
_OWN_FILES = {"body.md", "label"}


def problems(proposal: Path) -> list[str]:
    """Return what is wrong with a proposal; nothing of it may be used if there is anything."""
    found: list[str] = []
    size = count = 0
    for path in sorted(proposal.rglob("*")):
        name = path.relative_to(proposal).as_posix()
        if path.is_symlink():
            found.append(f"{name!r} is a link")
        elif path.is_file():
            count, size = count + 1, size + path.stat().st_size
            if not _ALLOWED.fullmatch(name) or ".." in name:
                found.append(f"{name!r} is not among the files that a proposal may hold")
        elif not path.is_dir():
            found.append(f"{name!r} is neither a file nor a folder")
    if count > _MOST_FILES or size > _MOST_BYTES:
        found.append(f"{count} files of {size} bytes are more than a proposal may hold")
    if not (proposal / "schemas/names.lock.json").is_file():
        found.append("schemas/names.lock.json is missing")
    label = proposal / "label"
    if not label.is_file() or label.read_text(encoding="utf-8").strip() not in _LABELS:
        found.append(f"the label is none of {', '.join(sorted(_LABELS))}")
    return found


def take(proposal: Path, checkout: Path) -> None:
    """Replace the files of *checkout* that a proposal holds by those of *proposal*."""
    for folder in ("schemas", "generated/get3w_models"):
        shutil.rmtree(checkout / folder)
    for path in sorted(proposal.rglob("*")):
        name = path.relative_to(proposal).as_posix()
        if path.is_file() and name not in _OWN_FILES:
            target = checkout / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


def main(proposal: Path, checkout: Path) -> int:
    """Take over a proposal, or say why not; return the exit status."""
    found = problems(proposal)
    for problem in found:
        print(problem, file=sys.stderr)
    if not found:
        take(proposal, checkout)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))
