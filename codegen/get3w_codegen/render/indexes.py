"""Render a package's `__init__.py` and `_index.py`, one line per model in each."""

from collections.abc import Iterable
from dataclasses import astuple
from pathlib import Path

from get3w_codegen.model.names import ModelName
from get3w_codegen.render.manifest import Entry
from get3w_codegen.text.forms import Source
from get3w_codegen.text.literals import (
    filled,
    identifier,
    lines,
    listed,
    ours,
    readable,
    statement,
)

# Not Jinja: a run with nothing to do compares these files, and should not load it for that.
_TEMPLATES = Path(__file__).parent / "templates"


def facade(entries: Iterable[Entry], package: str) -> Source:
    """Return the source of the `__init__.py` of *package*."""
    # The version of anybody else's package is not ours to state.
    version = ours(", __version__ as __version__") if package == "get3w_models" else ours("")
    return _filled("facade.py", imports=lines(map(_import, entries)), version=version)


def index(entries: Iterable[Entry]) -> Source:
    """Return the source of the table that the facade looks names up in."""
    return _filled("index.py", rows=lines(map(_row, entries)))


def _import(entry: Entry) -> Source:
    model = ModelName(identifier(entry.name))
    names = (model.request_class, model.function, model.async_function)
    return statement(
        "        from .{} import {}",
        identifier(entry.name),
        listed(statement("{} as {}", name, name) for name in map(identifier, names)),
    )


def _row(entry: Entry) -> Source:
    values = (entry.name, ModelName(entry.name).class_name, *astuple(entry.facts))
    row = listed(map(readable, values))
    return statement("    {}: ({}),", readable(entry.model_id), row)


def _filled(name: str, **values: Source) -> Source:
    text = (_TEMPLATES / f"{name}.template").read_text(encoding="utf-8")
    return filled(text, values)
