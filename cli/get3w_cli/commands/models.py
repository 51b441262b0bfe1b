"""`models` and `show`: which models there are, and what one takes."""

from __future__ import annotations

import json

from get3w_cli._common import exits
from get3w_cli._common.exits import UsageError
from get3w_cli._common.nearest import did_you_mean
from get3w_cli.arguments.parameters import ModelOption, model_options
from get3w_cli.commands.context import Context
from get3w_cli.package.facts import facts_of
from get3w_cli.package.index import Model, open_package
from get3w_cli.package.shapes import LIST, TEXT, written
from get3w_cli.package.source import REQUIRED, read_source


def models(context: Context) -> int:
    """List the models of the package."""
    options = context.parse()
    package = open_package(options.package)
    rows = [
        {
            "id": model.id,
            "type": facts.kind or None,
            "base_price_usd": facts.price,
            "documented": model.documented,
            "python": f"{model.package}.submit_{model.name}",
            "summary": facts.summary,
        }
        for model in package.models()
        if model.documented or not options.documented
        for facts in [facts_of(model)]
    ]
    if options.type is not None:
        kinds = {str(row["type"]) for row in rows if row["type"]}
        if options.type not in kinds:
            hint = did_you_mean(options.type, kinds) or f" There are: {', '.join(sorted(kinds))}"
            raise UsageError(f"No model is of the type {options.type!r}.{hint}")
        rows = [row for row in rows if row["type"] == options.type]
    words = (options.search or "").casefold().split()
    rows = [
        row
        for row in rows
        if all(word in f"{row['id']} {row['summary']}".casefold() for word in words)
    ]
    columns = ["id", "type", "base_price_usd", "documented"]
    context.printer.table(rows, columns, empty="No model fits.")
    return exits.DONE


def show(context: Context) -> int:
    """Say what one model takes, makes and costs."""
    options = context.parse()
    model = open_package(options.package).find(options.operand)
    source = read_source(model)
    facts = facts_of(model, source)
    parameters = model_options(source.parameters)
    rows = [_row(each) for each in parameters]
    python = _python_call(model, parameters)
    data = {
        "id": model.id,
        "summary": facts.summary,
        "type": facts.kind or None,
        "documented": model.documented,
        "source": facts.source,
        "base_price_usd": facts.price,
        "parameters": rows,
        "python": python,
    }
    printer = context.printer
    if printer.as_json:
        printer.result(data)
        return exits.DONE
    confirmed = "documented by Get3W" if model.documented else "not confirmed on Get3W"
    price = "not known" if facts.price is None else f"from {facts.price:g} USD a run"
    lines = [model.id, facts.summary, f"Price: {price}; {confirmed}"]
    if facts.source is not None:
        lines.append(f"Source: {facts.source}")
    printer.result(data, *lines, "")
    printer.table(rows, ["option", "takes", "default", "meaning"], empty="It takes no input.")
    printer.result(data, "", "The same in Python:", "", python)
    return exits.DONE


def _row(option: ModelOption) -> dict[str, object]:
    parameter = option.parameter
    default = None if parameter.default in (None, REQUIRED) else written(parameter.default)
    return {
        "option": option.name,
        "takes": f"{parameter.shape}{' (required)' if parameter.required else ''}",
        "default": default,
        "meaning": parameter.words,
        "name": parameter.wire_name,
        "required": parameter.required,
        "choices": list(parameter.shape.all_choices),
        "repeatable": parameter.shape.of_kind(LIST) is not None,
    }


def _python_call(model: Model, parameters: list[ModelOption]) -> str:
    needed = [each.parameter for each in parameters if each.parameter.required]
    arguments = ", ".join(
        f"{each.name}={_sample(each.shape.kind, each.shape.all_choices)}" for each in needed
    )
    return (
        f"from {model.package} import submit_{model.name}\n\n"
        f"prediction = submit_{model.name}({arguments})\n"
        "print(prediction.wait().outputs)"
    )


def _sample(kind: str, choices: tuple[object, ...]) -> str:
    if choices:
        value = repr(choices[0])
        return f"[{value}]" if kind == LIST else value
    return json.dumps("...") if kind == TEXT else "..."
