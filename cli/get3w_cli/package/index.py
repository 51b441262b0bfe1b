"""Find a generated package and its models without importing the package."""

from __future__ import annotations

import os
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from types import ModuleType

from get3w_cli._common.exits import UsageError
from get3w_cli._common.nearest import did_you_mean

DEFAULT_PACKAGE = "get3w_models"
VARIABLE = "GET3W_MODELS_PACKAGE"
_MOST_CANDIDATES = 20


class Model:
    """One model of a generated package.

    Attributes:
        id: The model id.
        name: Its name in Python, which is that of its module.
        stem: How the name of its request class begins.
        documented: Whether Get3W's own documentation names it.
        package: The package.
        path: The file of its module.
    """

    __slots__ = ("documented", "id", "name", "package", "path", "stem")

    def __init__(
        self, model_id: str, name: str, stem: str, *, documented: bool, package: str, folder: str
    ) -> None:
        self.id = model_id
        self.name = name
        self.stem = stem
        self.documented = documented
        self.package = package
        self.path = os.path.join(folder, f"{name}.py")  # noqa: PTH118 - pathlib is slow to load


class Package:
    """A generated package.

    Attributes:
        name: Its import name.
        models: Its models by their ids, sorted.
    """

    def __init__(self, name: str, models: dict[str, Model]) -> None:
        self.name = name
        self.models = models

    def find(self, wanted: str) -> Model:
        """Return the model with an id, a Python name, or a unique ending of an id.

        Raises:
            UsageError: There is none, or several; the message names them.
        """
        text = wanted.strip("/")
        model = self.models.get(text) or self._named(text)
        if model is not None:
            return model
        ending = f"/{text.casefold()}"
        found = [
            each for key, each in self.models.items() if f"/{key.casefold()}".endswith(ending)
        ]
        if len(found) == 1:
            return found[0]
        if found:
            listed = "\n  ".join(each.id for each in found[:_MOST_CANDIDATES])
            more = "\n  ..." if len(found) > _MOST_CANDIDATES else ""
            raise UsageError(f"{wanted!r} is the ending of {len(found)} models:\n  {listed}{more}")
        known = [*self.models, *(each.name for each in self.models.values())]
        known += [each.rpartition("/")[2] for each in self.models]
        raise UsageError(
            f"{self.name} has no model {wanted!r}.{did_you_mean(text, known)}"
            " `get3w models` lists them"
        )

    def _named(self, text: str) -> Model | None:
        name = text.replace("-", "_")
        return next((each for each in self.models.values() if each.name == name), None)


def package_name(given: str | None) -> str:
    """Return the package that was asked for: the argument, else the environment, else ours."""
    return given or os.environ.get(VARIABLE) or DEFAULT_PACKAGE


def open_package(given: str | None) -> Package:
    """Return the package to work with.

    Raises:
        UsageError: There is no such generated package.
    """
    name = package_name(given)
    folder = _folder_of(name)
    index = os.path.join(folder, "_index.py")  # noqa: PTH118 - pathlib is slow to load
    if not folder or not os.path.exists(index):  # noqa: PTH110 - as above
        what = "is not a package that get3w-codegen made" if folder else "cannot be imported"
        raise UsageError(f"{name!r} {what}; name one with --package or {VARIABLE}")
    module = ModuleType(f"{name}._index")
    # The loader keeps the compiled form, so that thousands of models are read in a millisecond.
    SourceFileLoader(module.__name__, index).exec_module(module)
    entries: dict[str, tuple[object, ...]] = module.MODELS
    models = {
        model_id: Model(
            model_id,
            str(entry[0]),
            str(entry[1]),
            documented=bool(entry[2]),
            package=name,
            folder=folder,
        )
        for model_id, entry in entries.items()
    }
    return Package(name, models)


def _folder_of(name: str) -> str:
    """Return the folder of a package; empty where there is none. Nothing of it is imported."""
    path: list[str] | None = None
    whole = ""
    for part in name.split("."):
        whole = f"{whole}.{part}".lstrip(".")
        spec = PathFinder.find_spec(whole, path) or _found_otherwise(whole)
        if spec is None or spec.submodule_search_locations is None:
            return ""
        path = list(spec.submodule_search_locations)
    return path[0] if path else ""


def _found_otherwise(name: str) -> ModuleSpec | None:
    """Ask the other finders, such as those of editable installs and of frozen programs."""
    from importlib.util import find_spec

    try:
        return find_spec(name)
    except (ImportError, ValueError):
        return None
