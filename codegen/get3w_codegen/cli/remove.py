"""`get3w-codegen remove`: remove the schemas of models."""

import argparse
from pathlib import Path

from get3w_codegen.text.lines import say

NAME = "remove"
HELP = "remove models"


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.description = (
        "Remove the schemas of models. Their names in Python stay written down, so that no other"
        " model ever gets them."
    )
    command.add_argument("models", nargs="+", metavar="MODEL-ID")
    command.add_argument("--schemas", type=Path, metavar="DIR", help="(default: schemas)")


def run(options: argparse.Namespace) -> int:
    """Run the command; return its exit status."""
    from get3w_codegen.catalogue.add import remove
    from get3w_codegen.cli.next_steps import tell_next

    folder = options.schemas or Path("schemas")
    for model_id in remove(folder, options.models).fates:
        say(f"removed    {model_id}")
    tell_next(folder)
    return 0
