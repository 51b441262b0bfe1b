"""Load the names of a generated package when they are first used."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from get3w_core.errors.base import UnknownModelError
from get3w_core.request.model_info import ModelInfo

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator

    from get3w_core.client.prediction import AsyncPrediction, Prediction
    from get3w_core.request.base import ModelRequest
    from get3w_core.request.model_info import Row

_OWN_NAMES = ("model_ids", "model_info", "models", "request_class")
_OF_CORE = ("AsyncClient", "AsyncPrediction", "Client", "Prediction")
# One distribution holds both; the version of anybody else's package is not ours to state.
_OF_OUR_VERSION = "get3w_models"


@dataclass(frozen=True, slots=True, repr=False)
class ModelEntry(ModelInfo):
    """A model of a generated package: what is known of it, its class and its functions.

    The class and the functions are loaded at first use.
    """

    @property
    def request_class(self) -> type[ModelRequest]:
        """The class of the model's input."""
        found: type[ModelRequest] = self._named(0)
        return found

    @property
    def submit(self) -> Callable[..., Prediction]:
        """The function that submits to the model."""
        found: Callable[..., Prediction] = self._named(1)
        return found

    @property
    def submit_async(self) -> Callable[..., Coroutine[Any, Any, AsyncPrediction]]:
        """The function that submits to the model in async code."""
        found: Callable[..., Coroutine[Any, Any, AsyncPrediction]] = self._named(2)
        return found

    def _named(self, number: int) -> Any:
        name, stem, *_ = self._row
        return getattr(import_module(self.module), _exports(name, stem)[number])


def load(package: str, name: str) -> Any:
    """Return what *package* exports as *name*.

    Raises:
        AttributeError: It exports no such name.
    """
    if name == "__all__":
        return public_names(package)
    if name in _names_of_core(package):
        return getattr(sys.modules["get3w_core"], name)
    if not name.startswith("_"):
        for model, stem, *_ in _rows(package).values():
            if name in _exports(model, stem):
                return getattr(import_module(f"{package}.{model}"), name)
    module = import_module(package)
    raise AttributeError(f"module {package!r} has no attribute {name!r}", name=name, obj=module)


def public_names(package: str) -> list[str]:
    """Return every name that *package* exports, sorted."""
    names: list[str] = [*_OWN_NAMES, *_names_of_core(package)]
    for model, stem, *_ in _rows(package).values():
        names += _exports(model, stem)
    return sorted(names)


def model_ids(package: str, documented: bool | None) -> tuple[str, ...]:
    """Return the ids of the models in *package*, sorted."""
    return tuple(
        model_id
        for model_id, (_, _, known, *_) in _rows(package).items()
        if documented is None or known is documented
    )


def model_info(package: str, model_id: str) -> ModelEntry:
    """Return what is known of a model in *package*.

    Raises:
        UnknownModelError: There is no such model in it.
    """
    rows = _rows(package)
    if model_id not in rows:
        raise UnknownModelError(model_id, package, list(rows))
    return _entry(package, model_id, rows[model_id])


def models(
    package: str,
    search: str,
    kind: str | None,
    max_price: float | None,
    documented: bool | None,
    deprecated: bool | None,
) -> tuple[ModelEntry, ...]:
    """Return the models in *package* that fit, sorted by id."""
    wanted = search.casefold().split()

    def fits(model_id: str, row: Row) -> bool:
        name, _, known, title, of_kind, price, _, old, _ = row
        words = f"{model_id} {name} {of_kind} {title}".casefold()
        return (
            (kind is None or of_kind == kind)
            and (max_price is None or (price is not None and price <= max_price))
            and (documented is None or known is documented)
            and (deprecated is None or old is deprecated)
            and all(word in words for word in wanted)
        )

    return tuple(
        _entry(package, model_id, row)
        for model_id, row in _rows(package).items()
        if fits(model_id, row)
    )


def request_class(package: str, model_id: str) -> type[ModelRequest]:
    """Return the request class of a model in *package*.

    Raises:
        UnknownModelError: There is no such model in it.
    """
    return model_info(package, model_id).request_class


def _entry(package: str, model_id: str, row: Row) -> ModelEntry:
    name, _, documented, *_, surface = row
    return ModelEntry(model_id, documented, surface, module=f"{package}.{name}")


def _exports(model: str, stem: str) -> tuple[str, str, str]:
    return f"{stem}Request", f"submit_{model}", f"submit_{model}_async"


def _names_of_core(package: str) -> Iterator[str]:
    """Yield the names of the core that *package* has as well: what a first program needs."""
    yield from _OF_CORE
    if package == _OF_OUR_VERSION:
        yield "__version__"
    for name in sys.modules["get3w_core"].__all__:
        if name.endswith("Error") and name != "FieldError":  # which is no exception
            yield name


def _rows(package: str) -> dict[str, Row]:
    found: dict[str, Row] = import_module(f"{package}._index").MODELS
    return found
