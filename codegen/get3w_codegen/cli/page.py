"""`get3w-codegen page`: write the list of models in `docs/models.md`, or check it."""

import argparse
from pathlib import Path

from get3w_codegen.text.lines import say, warn

NAME = "page"
HELP = "write the page that lists all models"


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.description = "Write a Markdown page that lists the models of a folder of schemas."
    command.add_argument(
        "--schemas", type=Path, default=Path("schemas"), metavar="DIR", help="(default: schemas)"
    )
    command.add_argument(
        "--output",
        type=Path,
        default=Path("docs/models.md"),
        metavar="FILE",
        help="(default: docs/models.md)",
    )
    command.add_argument("--package", default="get3w_models", metavar="NAME")
    command.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 when the page is stale"
    )


def run(options: argparse.Namespace) -> int:
    """Run the command; return its exit status."""
    from get3w_codegen.build.writing import replace_text
    from get3w_codegen.catalogue.page import models_page
    from get3w_codegen.problems import GenerateError

    text = models_page(options.schemas, options.package)
    path: Path = options.output
    try:
        current = path.read_text(encoding="utf-8") if path.exists() else None
        if current == text:
            say(f"{path}: up to date")
        elif options.check:
            warn(f"{path}: out of date; run get3w-codegen page")
            return 1
        else:
            replace_text(path, text)
            say(f"{path}: written")
    except (OSError, UnicodeDecodeError) as error:
        raise GenerateError(f"Cannot write {path}: {error}; it is as it was.") from error
    return 0
