"""Other forms of a generated package, to weigh the one that is generated against.

Each takes the folder of a package in the form that the generator gives it and changes it in place.
They do for a benchmark: what a form shows in an editor beside speed is not looked after.
"""

from __future__ import annotations

import re
import textwrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TOGETHER = 30
"""Models in one module of the grouped form: about as many as a vendor has."""


def as_generated(package: Path) -> None:
    """One module a model, its names in the facade for type checkers."""


def starred(package: Path) -> None:
    """The names in a private module, from which the facade imports all."""
    head, imports, rest = _facade(package)
    (package / "_static.py").write_text(textwrap.dedent(imports), encoding="utf-8")
    both = "    from get3w_core import ModelRequest\n\n    from ._static import *\n"
    (package / "__init__.py").write_text(head + both + rest, encoding="utf-8")


def stubbed(package: Path) -> None:
    """The names in a stub of the facade, under `__all__`; at run time none is there."""
    head, imports, rest = _facade(package)
    names = re.findall(r" as (\w+)", imports)
    own = re.findall(r"^def ([a-z]\w+\(.*\) -> .*:)$", rest, re.MULTILINE)
    stub = [re.sub(r"(\w+) as \1\b", r"\1", textwrap.dedent(imports))]
    stub += [f"def {each} ..." for each in own]
    stub += ["__all__ = [", *(f'    "{name}",' for name in names), "]", ""]
    (package / "__init__.pyi").write_text("\n".join(stub), encoding="utf-8")
    (package / "__init__.py").write_text(head + "    pass\n" + rest, encoding="utf-8")


def grouped(package: Path) -> None:
    """A module for every few models, as one a vendor would be."""
    facade = (package / "__init__.py").read_text("utf-8")
    models = re.findall(r"^ +from \.(\w+) import", facade, re.MULTILINE)
    for start in range(0, len(models), TOGETHER):
        together = models[start : start + TOGETHER]
        texts = [(package / f"{model}.py").read_text("utf-8") for model in together]
        (package / f"group_{start}.py").write_text(_merged(texts), encoding="utf-8")
        for model in together:
            (package / f"{model}.py").unlink()
            facade = facade.replace(f"from .{model} import", f"from .group_{start} import")
    (package / "__init__.py").write_text(facade, encoding="utf-8")


LAYOUTS: dict[str, Callable[[Path], None]] = {
    each.__name__: each for each in (as_generated, starred, stubbed, grouped)
}


def _facade(package: Path) -> tuple[str, str, str]:
    """Return what stands before the imports for type checkers, those, and what stands after."""
    text = (package / "__init__.py").read_text("utf-8")
    parts = re.fullmatch(r"(.*?^if TYPE_CHECKING:\n)(.*?)(^else:\n.*)", text, re.DOTALL | re.M)
    assert parts is not None
    imports = re.sub(r"^ +(#.*|try:|finally:|pass)\n", "", parts[2], flags=re.M)
    return parts[1], imports, parts[3]


def _merged(texts: list[str]) -> str:
    """Return one module that has the imports of all of *texts*, then their bodies."""
    imports = re.compile(r"^from \S+ import (?:\([^)]*\)|[^(\n]+)\n", re.MULTILINE)
    found = {each for text in texts for each in imports.findall(text)}
    bodies = [re.sub(r"^__all__ = \[.*?\]\n", "", text, flags=re.S | re.M) for text in texts]
    return "".join([*sorted(found), *(imports.sub("", body) for body in bodies)])
