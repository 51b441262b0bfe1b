"""A model and its input as a command line gave them, read and checked."""

from __future__ import annotations

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from get3w_cli._common.exits import UsageError
from get3w_cli.arguments.parameters import model_options
from get3w_cli.arguments.parser import operand_of, parse
from get3w_cli.commands.context import Context
from get3w_cli.inputs.body import gather, read_object
from get3w_cli.inputs.files import with_placeholders
from get3w_cli.inputs.requests import make_request
from get3w_cli.package.facts import Facts, facts_of
from get3w_cli.package.index import Model, open_package, package_in
from get3w_cli.package.source import ModelSource, read_source

if TYPE_CHECKING:
    from get3w_core import ModelRequest


class Prepared:
    """A model and its input.

    Attributes:
        model: The model.
        options: The options of the command.
        parameters: The parameters of the model, as options.
        body: The input by wire names, with a `Path` for each file that has no URL yet.
        extra: Input that the schema does not know.
        facts: What is known of the model.
    """

    def __init__(self, context: Context) -> None:
        self.model, source = _find_model(context)
        self.facts = facts_of(self.model, source)
        self.parameters = model_options(source.parameters)
        title = f"{self.facts.summary}. {_price_words(self.facts)}"
        self.options: Namespace = parse(context.command, context.words, self.parameters, title)
        self.body: dict[str, object] = gather(
            self.options.input_file, self.options.given, source.parameters
        )
        text: str | None = self.options.extra_body
        self.extra: dict[str, Any] = {} if text is None else read_object("--extra-body", text)

    def request(self, body: dict[str, Any] | None = None) -> ModelRequest:
        """Return the checked request, by default with addresses in place of local files.

        Raises:
            UsageError: The input does not fit the model.
        """
        if body is None:
            body = with_placeholders(self.body)
        return make_request(self.model, body, self.parameters)


def _find_model(context: Context) -> tuple[Model, ModelSource]:
    word = operand_of(context.command, context.words)
    if word is None:
        if {"-h", "--help"} & {*context.words}:
            parse(context.command, context.words)  # prints the help, and leaves
        raise UsageError(
            f"Name a model: get3w {context.command.name} MODEL [OPTIONS]. `get3w models` lists them"
        )
    package = open_package(package_in(context.words))
    model = package.find(word)
    return model, read_source(model)


def _price_words(facts: Facts) -> str:
    return "" if facts.price is None else f"From {facts.price:g} USD a run."
