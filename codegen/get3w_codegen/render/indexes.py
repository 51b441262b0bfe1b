"""The two tables of a package: one line a model in each, and nothing that counts them."""

from collections.abc import Iterable
from pathlib import Path

from get3w_codegen.model.names import ModelName
from get3w_codegen.render.manifest import Entry
from get3w_codegen.text.forms import Source
from get3w_codegen.text.literals import (
    filled,
    identifier,
    lines,
    listed,
    literal,
    readable,
    statement,
)

# Not Jinja: a run with nothing to do compares these files, and should not load it for that.
_TEMPLATES = Path(__file__).parent / "templates"


def facade(entries: Iterable[Entry]) -> Source:
    """Return the source of the package's `__init__.py`."""
    return _filled("facade.py", imports=lines(map(_import, entries)))


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
    return statement(
        "    {}: ({}, {}, {}),",
        readable(entry.model_id),
        readable(entry.name),
        readable(ModelName(entry.name).class_name),
        literal(entry.documented),
    )


def _filled(name: str, **values: Source) -> Source:
    text = (_TEMPLATES / f"{name}.template").read_text(encoding="utf-8")
    return filled(text, values)
