"""The models: one schema file each, the path is the model id."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import cast

from jsonschema.protocols import Validator

from get3w_emulator.closing import closed
from get3w_emulator.jsontypes import JSON, JSONObject
from get3w_emulator.references import DeadReferenceError
from get3w_emulator.settings import SchemaError, SetupError
from get3w_emulator.validation import Problem, compiled, problems, schema_problem
from get3w_emulator.wellformed import has_references, is_plainly_good

_NOT_A_MODEL = "names.lock.json"
_DEFAULT_PRICE = 0.01


@dataclass(frozen=True)
class Model:
    """One model that can be run.

    Attributes:
        id: The model id, with its slashes.
        schema: The schema of its input, as it was read.
    """

    id: str
    schema: JSONObject

    @property
    def kind(self) -> str:
        """The category, such as `text-to-image`."""
        value = self.schema.get("x-model-type")
        return value if isinstance(value, str) else "unknown"

    @property
    def price(self) -> float:
        """What one task costs, in USD."""
        value = self.schema.get("x-base-price-usd")
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        return _DEFAULT_PRICE

    @property
    def description(self) -> str:
        """What the schema says of the model, if anything."""
        value = self.schema.get("description")
        return value if isinstance(value, str) else ""

    def lists(self, name: str) -> bool:
        """Tell whether the model has a parameter of this name."""
        properties = self.schema.get("properties")
        return isinstance(properties, dict) and name in properties

    def problems(self, body: JSON) -> list[Problem]:
        """Return everything that is wrong with an input; empty means it is accepted."""
        return problems(self._validator, body)

    @cached_property
    def _validator(self) -> Validator:
        # Compiled at first use: an emulator of thousands of models runs a few.
        return compiled(self.schema)

    def check(self, text: str) -> None:
        """Make sure that the schema can be used at all.

        Args:
            text: The file that it is from.

        Raises:
            SetupError: If it cannot; the message starts with the model id.
        """
        problem = None if is_plainly_good(self.schema) else schema_problem(self.schema)
        if problem:
            raise SetupError(f"{problem.pointer or '/'}: {problem.message}")
        declared = self.schema.get("x-model-id", self.id)
        if declared != self.id:
            raise SetupError(f"x-model-id is {declared!r}, its path says {self.id!r}")
        if not has_references(text):
            return
        try:
            closed(self.schema)
        except DeadReferenceError as error:
            raise SetupError(str(error)) from error


class Catalogue(Mapping[str, Model]):
    """All models by id, sorted."""

    def __init__(self, models: Mapping[str, Model]) -> None:
        self._models = dict(sorted(models.items()))

    def __getitem__(self, model_id: str) -> Model:
        return self._models[model_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)


def default_folder() -> Path:
    """Return the schemas that come with the emulator: in the wheel, or in the checkout."""
    shipped = Path(__file__).with_name("_schemas")
    return shipped if shipped.is_dir() else Path(__file__).parents[2] / "schemas"


def load(folder: Path) -> Catalogue:
    """Read all schemas of a folder.

    Args:
        folder: The folder; a file's path in it, without `.json`, is the model id.

    Returns:
        The catalogue.

    Raises:
        SetupError: If the folder is not there or holds no schema; a `SchemaError` if a file is
            not one.
    """
    if not folder.is_dir():
        raise SetupError(f"no such folder of schemas: {folder}")
    files = [path for path in sorted(folder.rglob("*.json")) if path.name != _NOT_A_MODEL]
    if not files:
        raise SetupError(f"no schemas in {folder}")
    models = (_read(path, folder) for path in files)
    return Catalogue({model.id: model for model in models})


def _read(path: Path, folder: Path) -> Model:
    try:
        text = path.read_text(encoding="utf-8")
        content = cast("JSON", json.loads(text))
    except (OSError, ValueError, RecursionError) as error:
        raise SchemaError(f"{path}: not readable as JSON: {error}") from error
    if not isinstance(content, dict):
        raise SchemaError(f"{path}: not a JSON object")
    model = Model(path.relative_to(folder).with_suffix("").as_posix(), content)
    try:
        model.check(text)
    except SetupError as error:
        raise SchemaError(f"{path}: {error}") from error
    except RecursionError as error:
        raise SchemaError(f"{path}: nested too deeply") from error
    return model
