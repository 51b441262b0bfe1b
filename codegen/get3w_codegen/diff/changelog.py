"""Add an entry about changed models to CHANGELOG.md."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from get3w_codegen.build.writing import replace_text
from get3w_codegen.problems import GenerateError
from get3w_codegen.text.forms import Markdown

_HEADING = "## Unreleased"
_SECTION = "### Models"


def add_entry(path: Path, lines: Iterable[Markdown]) -> None:
    """Add lines to the unreleased section on models, without those that it already has.

    Raises:
        GenerateError: The file cannot be read or written; it is as it was.
    """
    try:
        text = path.read_text(encoding="utf-8") if path.exists() else "# Changelog\n"
        replace_text(path, _with(text, list(lines)))
    except (OSError, UnicodeDecodeError) as error:
        raise GenerateError(f"Cannot change {path}: {error}; it is as it was.") from error


def _with(text: str, lines: Sequence[str]) -> str:
    rows = text.rstrip("\n").split("\n")
    new = [line for line in lines if line not in rows]
    if not new:
        return text
    start = _find(rows, (_HEADING, "## [Unreleased]"), 0, len(rows))
    if start is None:
        start = next((n for n, row in enumerate(rows) if row.startswith("## ")), len(rows))
        rows[start:start] = [_HEADING, ""] if start < len(rows) else ["", _HEADING]
        start += start == len(rows) - 2
    end = next((n for n in range(start + 1, len(rows)) if rows[n].startswith("## ")), len(rows))
    section = _find(rows, (_SECTION,), start, end)
    if section is None:
        rows[start + 1 : start + 1] = ["", _SECTION, "", *new]
    else:
        stop = next((n for n in range(section + 1, end) if rows[n].startswith("### ")), end)
        while not rows[stop - 1].strip():
            stop -= 1
        rows[stop:stop] = new if stop > section + 1 else ["", *new]
    return "\n".join(rows) + "\n"


def _find(rows: list[str], wanted: tuple[str, ...], start: int, end: int) -> int | None:
    return next((n for n in range(start, end) if rows[n].strip() in wanted), None)
