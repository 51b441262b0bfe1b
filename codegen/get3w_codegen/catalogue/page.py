"""Write `docs/models.md`, the page that lists all models."""

from pathlib import Path

from get3w_codegen.catalogue.pull import stored
from get3w_codegen.jsonschema.keywords import JsonObject
from get3w_codegen.lint.extension_keys import is_confirmed
from get3w_codegen.model.lock import read_lock
from get3w_codegen.model.names import assign_names
from get3w_codegen.parse.load import look_through
from get3w_codegen.text.forms import Markdown
from get3w_codegen.text.markdown import code, join, number, ours, row, token

_TITLE = """<!-- Written by get3w-codegen from the schemas. Do not edit. -->
# Models

"""
_HEAD = """ confirmed: Get3W's own documentation, or its own list of
models, names them. The confirmed models come first. Get3W may not offer the others; their schemas
come from another source. Prices are those of each schema's source, per run.

| Model | Function | Kind | Confirmed | Base price |
|---|---|---|---|---|
"""
_LARGEST_PRICE = 1_000_000


def models_page(folder: Path, package: str) -> Markdown:
    """Return the page of a folder of schemas.

    Raises:
        GenerateError: A schema or the file of names cannot be read.
        MisuseError: There is no schema in the folder.
    """
    ids = [schema.model_id for schema in look_through(folder)[0]]
    names = assign_names(ids, read_lock(folder))
    schemas = {model_id: stored(folder, model_id) or {} for model_id in ids}
    ids.sort(key=lambda model_id: not is_confirmed(schemas[model_id]))
    rows = [
        _row(model_id, f"{package}.submit_{names[model_id]}", schemas[model_id]) for model_id in ids
    ]
    table = join("\n", [*rows, ours("")])
    confirmed = sum(map(is_confirmed, schemas.values()))
    counts = [number(len(ids)), ours(" models, "), number(confirmed)]
    return join("", [ours(_TITLE), *counts, ours(_HEAD), table])


def _row(model_id: str, function: str, schema: JsonObject) -> Markdown:
    confirmed = ours("yes") if is_confirmed(schema) else ours("no")
    kind = token(schema.get("x-model-type"))
    return row([code(model_id), code(function), kind, confirmed, _price(schema)])


def _price(schema: JsonObject) -> Markdown:
    price: object = schema.get("x-base-price-usd")
    if not isinstance(price, int | float) or isinstance(price, bool):
        return ours("")
    if not 0 <= price <= _LARGEST_PRICE:
        return ours("")
    return join(" ", [number(price), ours("USD")])
