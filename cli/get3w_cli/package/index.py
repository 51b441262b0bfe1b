"""Find a generated package and its models without importing the package."""

from __future__ import annotations

import os
import sys

from get3w_cli._common.exits import UsageError
from get3w_cli._common.nearest import did_you_mean

TYPE_CHECKING = False  # typing and importlib are slow to load
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from importlib.machinery import ModuleSpec
    from typing import Any

DEFAULT_PACKAGE = "get3w_models"
VARIABLE = "GET3W_MODELS_PACKAGE"
_MOST_CANDIDATES = 20
_FACTS = 4


class Model:
    """One model of a generated package.

    Attributes:
        id: The model id.
        name: Its name in Python, which is that of its module.
        stem: How the name of its request class begins.
        documented: Whether Get3W's own documentation names it.
        package: The package.
        path: The file of its module.
        facts: What it does, its kind, its base price, and where that is from; empty in an index
            that does not say.
    """

    __slots__ = ("documented", "facts", "id", "name", "package", "path", "stem")

    def __init__(
        self, model_id: str, name: str, stem: str, *, documented: bool, package: str, folder: str
    ) -> None:
        self.id = model_id
        self.name = name
        self.stem = stem
        self.documented = documented
        self.package = package
        self.facts: tuple[Any, ...] = ()
        self.path = os.path.join(folder, f"{name}.py")  # noqa: PTH118 - pathlib is slow to load


class Package:
    """A generated package.

    Attributes:
        name: Its import name.
        ids: The ids of its models, sorted.
    """

    def __init__(self, name: str, entries: dict[str, tuple[object, ...]], folder: str) -> None:
        self.name = name
        self.ids = list(entries)
        self._entries = entries
        self._folder = folder

    def models(self) -> Iterator[Model]:
        """Yield every model."""
        return map(self._model, self.ids)

    def names(self) -> Iterator[str]:
        """Yield the Python name of every model."""
        return (str(entry[0]) for entry in self._entries.values())

    def find(self, wanted: str) -> Model:
        """Return the model with an id, a Python name, or a unique ending of an id.

        Raises:
            UsageError: There is none, or several; the message names them.
        """
        text = wanted.strip("/")
        if text in self._entries:
            return self._model(text)
        name, ending = text.replace("-", "_"), f"/{text.casefold()}"
        found = [key for key, entry in self._entries.items() if entry[0] == name]
        found = found or [each for each in self.ids if f"/{each.casefold()}".endswith(ending)]
        if len(found) == 1:
            return self._model(found[0])
        if found:
            listed = "\n  ".join(found[:_MOST_CANDIDATES])
            more = "\n  ..." if len(found) > _MOST_CANDIDATES else ""
            raise UsageError(f"{wanted!r} is the ending of {len(found)} models:\n  {listed}{more}")
        known = [*self.ids, *self.names(), *(each.rpartition("/")[2] for each in self.ids)]
        raise UsageError(
            f"{self.name} has no model {wanted!r}.{did_you_mean(text, known)}"
            " `get3w models` lists them"
        )

    def _model(self, model_id: str) -> Model:
        name, stem, documented, *more = self._entries[model_id]
        model = Model(
            model_id,
            str(name),
            str(stem),
            documented=bool(documented),
            package=self.name,
            folder=self._folder,
        )
        if len(more) >= _FACTS:
            model.facts = tuple(more[:_FACTS])
        return model


def package_in(words: list[str]) -> str | None:
    """Return the value of --package before the other options can be read."""
    for word, value in zip(words, [*words[1:], ""], strict=True):
        if word == "--package":
            return value
        if word.startswith("--package="):
            return word.partition("=")[2]
    return None


def open_package(given: str | None) -> Package:
    """Return the package that was asked for: *given*, else that of the environment, else ours.

    Raises:
        UsageError: There is no such generated package.
    """
    name = given or os.environ.get(VARIABLE) or DEFAULT_PACKAGE
    folder = _folder_of(name)
    spec = _spec_of(f"{name}._index", [folder]) if folder else None
    if spec is None or spec.loader is None:
        what = "is not a package that get3w-codegen made" if folder else "cannot be imported"
        raise UsageError(f"{name!r} {what}; name one with --package or {VARIABLE}")
    module = type(sys)(spec.name)
    # The index is data. Its package is not imported, and the loader keeps the compiled form.
    spec.loader.exec_module(module)
    return Package(name, module.MODELS, folder)


def _folder_of(name: str) -> str:
    """Return the folder of a package; empty where there is none. Nothing of it is imported."""
    path: Sequence[str] | None = None
    whole = ""
    for part in name.split("."):
        whole = f"{whole}.{part}".lstrip(".")
        spec = _spec_of(whole, path)
        if spec is None or not spec.submodule_search_locations:
            return ""
        path = list(spec.submodule_search_locations)
    return path[0] if path else ""


def _spec_of(name: str, path: Sequence[str] | None) -> ModuleSpec | None:
    """Ask the finders where a module is, as an import would."""
    for finder in sys.meta_path:
        find: Any = getattr(finder, "find_spec", None)
        spec: ModuleSpec | None = None if find is None else find(name, path)
        if spec is not None:
            return spec
    return None
