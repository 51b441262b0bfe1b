"""The two tables of a package: one line a model in each, and nothing that counts them."""

from collections.abc import Iterable
from pathlib import Path
from string import Template

from get3w_codegen.manifest import Entry
from get3w_codegen.names import ModelName

# Not Jinja: a run with nothing to do compares these files, and should not load it for that.
_TEMPLATES = Path(__file__).parent / "templates"


def facade(entries: Iterable[Entry]) -> str:
    """Return the source of the package's `__init__.py`."""
    return _filled("facade.py", imports="\n".join(map(_import, entries)))


def index(entries: Iterable[Entry]) -> str:
    """Return the source of the table that the facade looks names up in."""
    return _filled("index.py", rows="\n".join(map(_row, entries)))


def _import(entry: Entry) -> str:
    model = ModelName(entry.name)
    names = (model.request_class, model.function, model.async_function)
    return f"        from .{entry.name} import {', '.join(f'{name} as {name}' for name in names)}"


def _row(entry: Entry) -> str:
    stem = ModelName(entry.name).class_name
    return f'    "{entry.model_id}": ("{entry.name}", "{stem}", {entry.documented}),'


def _filled(name: str, **values: str) -> str:
    text = (_TEMPLATES / f"{name}.template").read_text(encoding="utf-8")
    return Template(text).substitute(values)
