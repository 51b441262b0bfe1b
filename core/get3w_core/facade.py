"""Load the names of a generated package when they are first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from get3w_core.errors.base import UnknownModelError

if TYPE_CHECKING:
    from get3w_core.request.base import ModelRequest

_OWN_NAMES = ("model_ids", "request_class")


def load(package: str, name: str) -> Any:
    """Return what *package* exports as *name*.

    Raises:
        AttributeError: It exports no such name.
    """
    if name == "__all__":
        return public_names(package)
    if not name.startswith("_"):
        for model, stem, _ in _models(package).values():
            if name in _exports(model, stem):
                return getattr(import_module(f"{package}.{model}"), name)
    module = import_module(package)
    raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name, obj=module)


def public_names(package: str) -> list[str]:
    """Return every name that *package* exports, sorted."""
    names: list[str] = [*_OWN_NAMES]
    for model, stem, _ in _models(package).values():
        names += _exports(model, stem)
    return sorted(names)


def model_ids(package: str, documented: bool | None) -> tuple[str, ...]:
    """Return the ids of the models in *package*, sorted."""
    return tuple(
        model_id
        for model_id, (_, _, known) in _models(package).items()
        if documented is None or known is documented
    )


def request_class(package: str, model_id: str) -> type[ModelRequest]:
    """Return the request class of a model in *package*.

    Raises:
        UnknownModelError: There is no such model in it.
    """
    models = _models(package)
    if model_id not in models:
        raise UnknownModelError(model_id, package, list(models))
    model, stem, _ = models[model_id]
    name, *_ = _exports(model, stem)
    found: type[ModelRequest] = getattr(import_module(f"{package}.{model}"), name)
    return found


def _exports(model: str, stem: str) -> tuple[str, str, str]:
    return f"{stem}Request", f"submit_{model}", f"submit_{model}_async"


def _models(package: str) -> dict[str, tuple[str, str, bool]]:
    found: dict[str, tuple[str, str, bool]] = import_module(f"{package}._index").MODELS
    return found
