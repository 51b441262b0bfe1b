"""The page that lists all models, for people who look for one."""

from pathlib import Path

from get3w_codegen.extensions import is_confirmed
from get3w_codegen.keywords import JsonObject
from get3w_codegen.load import find_schemas
from get3w_codegen.lock import read_lock
from get3w_codegen.names import assign_names
from get3w_codegen.upkeep.pulling import stored

_HEAD = """<!-- Written by get3w-codegen from the schemas. Do not edit. -->
# Models

{count} models. A model that is not confirmed is in no documentation of Get3W's and in no
list of its own that was pulled; its schema is that of a sibling service. Prices are those of the
source, per run.

| Model | Function | Kind | Confirmed | Base price |
|---|---|---|---|---|
"""


def models_page(folder: Path, package: str) -> str:
    """Return the page of a folder of schemas.

    Args:
        folder: The schemas.
        package: The import name of the package they become.

    Raises:
        GenerateError: A schema or the file of names cannot be read.
        MisuseError: There is no schema in the folder.
    """
    ids = [schema.model_id for schema in find_schemas(folder)]
    names = assign_names(ids, read_lock(folder))
    rows = [
        _row(model_id, f"{package}.submit_{names[model_id]}", stored(folder, model_id) or {})
        for model_id in ids
    ]
    return _HEAD.format(count=len(ids)) + "".join(rows)


def _row(model_id: str, function: str, schema: JsonObject) -> str:
    confirmed = "yes" if is_confirmed(schema) else "no"
    price = schema.get("x-base-price-usd")
    said = f"{price} USD" if isinstance(price, int | float) else ""
    cells = (f"`{model_id}`", f"`{function}`", schema.get("x-model-type", ""), confirmed, said)
    return f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in cells)} |\n"
