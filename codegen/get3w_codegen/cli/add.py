"""`get3w-codegen add`: add one model from the list, a curl command or a schema file."""

import argparse
from pathlib import Path

from get3w_codegen.text.lines import say

NAME = "add"
HELP = "add one model, from a file or from the list of models"
_TEXT = (
    "Add the schema of one model. A file holds a schema, an entry of the list, a tool definition"
    " (MCP, OpenAI, Anthropic), an OpenAPI document, or an example: a JSON body, or a curl command"
    " with one, from which a draft is made that says what is not confirmed. A model id is looked up"
    " in the list of models."
)


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.description = _TEXT
    command.add_argument("model", metavar="FILE|MODEL-ID", help="a file, - or a model id")
    command.add_argument(
        "--model-id", metavar="ID", help="the model's id, where the file does not say it"
    )
    command.add_argument(
        "--pointer",
        metavar="PLACE",
        help="where in the file the schema stands, as a JSON pointer such as"
        " /components/schemas/Input; it is found by itself where there is one",
    )
    command.add_argument(
        "--from", dest="source", metavar="URL|FILE", help="where the list is, as for pull"
    )
    command.add_argument("--schemas", type=Path, metavar="DIR", help="(default: schemas)")


def run(options: argparse.Namespace) -> int:
    """Run the command; return its exit status."""
    from get3w_codegen.catalogue.add import add_file, add_listed
    from get3w_codegen.cli.next_steps import tell_next, told_if_made

    folder = options.schemas or Path("schemas")
    with told_if_made(folder, named=options.schemas is not None):
        if options.model == "-" or Path(options.model).is_file():
            done = add_file(folder, options.model, options.model_id, options.pointer)
        else:
            done = add_listed(folder, options.model, options.source)
    for model_id, fate in done.fates.items():
        if fate != "removed":
            say(f"{fate:<9}  {model_id}  {folder / model_id}.json")
    if done.files:
        tell_next(folder)
    return 0
