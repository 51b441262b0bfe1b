"""What is known of a model beside its input: its kind, its price, where that is from."""

from __future__ import annotations

from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from get3w_core.request.conditions import Rule

# As a generated package's index has it: the name, the stem of the classes, documented, title, kind,
# price, source, deprecated, surface.
Row = tuple[str, str, bool, str, str, float | None, str, bool, Literal["v3", "v1"] | None]

_UNKNOWN: Row = ("", "", False, "", "", None, "", False, None)


@dataclass(frozen=True, slots=True, repr=False)
class ModelInfo:
    """What is known of a model beside the parameters.

    A generated class has it as `__model__`; `get3w_models.model_info(model_id)` and
    `get3w_models.models()` give it without loading the class.

    Attributes:
        model_id: The model's id, as in the path of a submit.
        documented: Whether Get3W's own documentation names the model.
        surface: The API surface the model is documented on, where it is only one.
        rule: The conditions across fields, where the schema has any; of the class alone.
        module: The generated module of the model; "" for a class that was written by hand.
    """

    model_id: str
    documented: bool = True
    surface: Literal["v3", "v1"] | None = None
    rule: Rule | None = field(default=None, compare=False)
    module: str = field(default="", kw_only=True, compare=False)

    def __set_name__(self, owner: type, name: str) -> None:
        """Take the module from the class that this is an attribute of."""
        if not self.module:
            object.__setattr__(self, "module", owner.__module__)

    def __repr__(self) -> str:
        known = {"title": self.title, "kind": self.kind, "price": self.price}
        shown = "".join(f", {key}={value!r}" for key, value in known.items() if value)
        deprecated = ", deprecated=True" if self.deprecated else ""
        return (
            f"{type(self).__name__}({self.model_id!r}{shown}, documented={self.documented}"
            f"{deprecated})"
        )

    @property
    def name(self) -> str:
        """The model's name in Python, as in `flux_dev`: `submit_flux_dev` submits it."""
        return self._row[0]

    @property
    def title(self) -> str:
        """What the model does, as in "Make an image from text"; "" where nothing says it."""
        return self._row[3]

    @property
    def kind(self) -> str:
        """The kind of the model, as in "text-to-image" (`x-model-type` of its schema), or ""."""
        return self._row[4]

    @property
    def price(self) -> float | None:
        """The base price of a run in US dollars, as `source` states it; None if it states none."""
        return self._row[5]

    @property
    def source(self) -> str:
        """The address that the model's parameters and its price are from, or ""."""
        return self._row[6]

    @property
    def deprecated(self) -> bool:
        """Whether the schema advises against the model."""
        return self._row[7]

    @property
    def _row(self) -> Row:
        package = self.module.rpartition(".")[0]
        try:
            models: dict[str, Row] = import_module(f"{package}._index").MODELS
        except (ImportError, ValueError, AttributeError):  # of no generated package
            return _UNKNOWN
        return models.get(self.model_id, _UNKNOWN)
