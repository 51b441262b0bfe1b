"""`get3w-codegen diff`: report what changed between two sets of schemas."""

import argparse
from pathlib import Path

from get3w_codegen.text.lines import say

NAME = "diff"
HELP = "report what a change of schemas means for callers"
_TEXT = (
    "Tell what changed between two states of the schemas, by meaning, and what it does to callers."
    " Exit status: 0 when nothing is breaking, 1 when something is, or cannot be decided; 2 when"
    " a side cannot be read."
)


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.description = _TEXT
    command.add_argument("old", metavar="OLD", help="a folder, a schema, or a git revision of NEW")
    command.add_argument(
        "new", metavar="NEW", nargs="?", default="schemas", help="a folder or a schema"
    )
    command.add_argument("--format", choices=("text", "markdown", "json"), default="text")
    command.add_argument(
        "--changelog",
        type=Path,
        nargs="?",
        const=Path("CHANGELOG.md"),
        metavar="FILE",
        help="also write the entry of the change (default: CHANGELOG.md)",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command; return its exit status."""
    from get3w_codegen.diff import reports
    from get3w_codegen.diff.catalogues import compare_catalogues
    from get3w_codegen.diff.changelog import add_entry
    from get3w_codegen.diff.changes import Weight
    from get3w_codegen.diff.revisions import two_catalogues

    found = compare_catalogues(*two_catalogues(options.old, options.new))
    writers = {
        "text": reports.as_text,
        "markdown": reports.as_markdown,
        "json": reports.as_json,
    }
    say(writers[options.format](found).removesuffix("\n"))
    if options.changelog is not None:
        add_entry(options.changelog, reports.changelog_lines(found))
    return 1 if reports.weight_of(found) is Weight.BREAKING else 0
