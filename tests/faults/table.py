"""The matrix as the table in `docs/faults.md`; run as a module it writes it there.

From the checkout: `python -m tests.faults.table`.
"""

from pathlib import Path

from .cases import CASES

DOCUMENT = Path(__file__).parents[2] / "docs/faults.md"
BEGIN = "<!-- the matrix, written by `python -m tests.faults.table` -->\n"
END = "<!-- end of the matrix -->\n"


def table():
    """Return the table: a row for each case, in their order."""
    lines = [
        "| What happens | Verdict | The call ends in | POSTs | Tasks |",
        "|---|---|---|---|---|",
    ]
    for case in CASES:
        ends = "success" if case.ends is None else f"`{case.ends.__name__}`"
        if case.named:
            ends += ", which names the task"
        if case.retry_after is not None:
            ends += f", `retry_after` {case.retry_after:g}"
        row = [case.what, case.verdict, ends, str(case.posts), str(case.tasks)]
        lines.append(f"| {' | '.join(row)} |")
    return "\n".join([*lines, ""])


def written(document):
    """Return *document* with the table in its place."""
    before, _, rest = document.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n{table()}\n{END}{after}"


if __name__ == "__main__":
    DOCUMENT.write_text(written(DOCUMENT.read_text(encoding="utf-8")), encoding="utf-8")
