"""`get3w-codegen generate`: write a package from a folder of schemas, or check it."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from get3w_codegen.text.lines import say, warn

if TYPE_CHECKING:
    from get3w_codegen.build.pipeline import Outcome

NAME = "generate"
HELP = "write a package from a folder of schemas"


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.description = (
        "Write a package from a folder of schemas. The output folder is the"
        " generator's alone: whatever it wrote there before and no longer needs is removed."
    )
    command.add_argument(
        "--schemas", type=Path, required=True, metavar="DIR", help="one schema per model"
    )
    command.add_argument(
        "--output", type=Path, required=True, metavar="DIR", help="the package's folder"
    )
    command.add_argument(
        "--package", required=True, metavar="NAME", help="the package's import name"
    )
    command.add_argument(
        "--check", action="store_true", help="write nothing; show a diff and exit 1 when stale"
    )
    command.add_argument(
        "--rebuild",
        action="store_true",
        help="make everything anew, also what the package's manifest calls up to date",
    )
    command.add_argument(
        "--keep-going",
        action="store_true",
        help="exit 0 even if a schema cannot be used and its model is left out",
    )
    command.add_argument(
        "--open",
        action="store_true",
        help="let objects that say nothing of additionalProperties take any name",
    )
    command.add_argument(
        "--watch",
        action="store_true",
        help="keep running, and write again whenever a schema changes",
    )


def run(options: argparse.Namespace) -> int:
    """Run the command; return its exit status."""
    if not options.watch:
        return _once(options)
    from get3w_codegen.build.watch import changes_of
    from get3w_codegen.problems import GenerateError, MisuseError, tell

    if options.check:
        raise MisuseError("--check writes nothing, so it does not go with --watch.")
    try:
        for _ in changes_of(options.schemas):
            try:
                _once(options)
            except GenerateError as error:
                tell(error)
            sys.stdout.flush()
    except KeyboardInterrupt:
        return 0
    return 0


def _once(options: argparse.Namespace) -> int:
    from get3w_codegen.build.pipeline import Job, generate

    job = Job(options.schemas, options.output, options.package, open=options.open)
    outcome = generate(job, check=options.check, rebuild=options.rebuild)
    for problem in outcome.problems:
        warn(str(problem))
    status = _report(outcome, options.output, check=options.check)
    return max(status, _report_left_out(outcome, keep_going=options.keep_going))


def _report(outcome: "Outcome", output: Path, *, check: bool) -> int:
    models = "1 model" if outcome.models == 1 else f"{outcome.models} models"
    if not outcome.changes:
        say(f"{output}: {models}, up to date")
        return 0
    files = "1 file" if len(outcome.changes) == 1 else f"{len(outcome.changes)} files"
    if not check:
        say(f"{output}: {models}, {files} changed")
        for change in outcome.changes:
            if change.new is None and change.path.suffix == ".py":
                say(f"{output}: submit_{change.path.stem} is gone, as its schema is")
        return 0
    from get3w_codegen.build.writing import diff

    for line in diff(outcome.changes):
        say(line.removesuffix("\n"))
    warn(f"{output}: {files} out of date; run get3w-codegen generate, with --rebuild if need be")
    return 1


def _report_left_out(outcome: "Outcome", *, keep_going: bool) -> int:
    for model_id, kept in outcome.left_out.items():
        still = "; the package keeps what it had of it" if kept else ""
        warn(f"left out: {model_id}{still}")
    return int(bool(outcome.left_out) and not keep_going)
