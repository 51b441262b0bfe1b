"""`get3w-codegen pull`: update the schemas from a list of models."""

import argparse
from pathlib import Path

from get3w_codegen.text.lines import say, warn

NAME = "pull"
HELP = "update a folder of schemas from the list of models"
_TEXT = (
    "Read the list of models, and write the schemas that are new or changed. What was written into"
    " a schema by hand (provenance, notes, x- facts) stays. The folder changes whole or not at all."
)


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.description = _TEXT
    command.add_argument(
        "--from",
        dest="source",
        metavar="URL|FILE",
        help="where the list is: an origin, an address, or a saved answer"
        " (default: GET3W_BASE_URL, else https://api.get3w.com)",
    )
    command.add_argument("--schemas", type=Path, metavar="DIR", help="(default: schemas)")
    command.add_argument("--only", default="*", metavar="GLOB", help="pull only ids that match")
    command.add_argument(
        "--prune", action="store_true", help="remove the schemas of models that are not listed"
    )
    command.add_argument(
        "--keep-going", action="store_true", help="skip entries that cannot be used"
    )
    command.add_argument("--dry-run", action="store_true", help="write nothing, only report")


def run(options: argparse.Namespace) -> int:
    """Run the command; return its exit status."""
    from get3w_codegen.catalogue.fetch import read_answer
    from get3w_codegen.catalogue.pull import Pull, pull
    from get3w_codegen.cli.next_steps import told_if_made

    folder = options.schemas or Path("schemas")
    job = Pull(folder, options.only, options.prune, options.keep_going)
    with told_if_made(folder, named=options.schemas is not None):
        pulled = pull(job, read_answer(options.source), write=not options.dry_run)
    for problem in pulled.passed_over:
        warn(str(problem))
    for model_id in pulled.unconfirmed:
        warn(f"not taken: {model_id} is called confirmed by Get3W, and this list is not Get3W's")
    stays = "" if options.prune else " (its schema stays; --prune removes it)"
    for model_id, fate in pulled.fates.items():
        say(f"{fate:<9}  {model_id}{stays if fate == 'removed' else ''}")
    fates = [*pulled.fates.values()]
    counts = ", ".join(
        f"{fates.count(fate)} {fate}" for fate in ("added", "changed", "removed", "unchanged")
    )
    over = f", {len(pulled.passed_over)} passed over" if pulled.passed_over else ""
    dry = " (nothing was written)" if options.dry_run else ""
    say(f"{folder}: {counts}{over}{dry}")
    return 0
