"""The models: one schema file each; the path is the model id."""

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NoReturn, cast

from get3w_emulator._common.json import JSON, JSONObject
from get3w_emulator._common.problems import Problem, SchemaError, SetupError
from get3w_emulator.schemas.keywords import ASSERTIONS, NOTES
from get3w_emulator.schemas.references import reached
from get3w_emulator.schemas.validation import Judge, compiled, problems, read
from get3w_emulator.schemas.wrapped import NotOneError, unwrapped

_NOT_A_MODEL = "names.lock.json"
_DEFAULT_PRICE = 0.01
_SEGMENT = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9_-])?")


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
    def listed_price(self) -> float | None:
        """What one task costs by the schema, in USD; None if the schema names no price."""
        value = self.schema.get("x-base-price-usd")
        if isinstance(value, int | float) and not isinstance(value, bool):
            return float(value)
        return None

    @property
    def price(self) -> float:
        """What the emulator charges for one task, in USD: a made-up amount if none is listed."""
        return _DEFAULT_PRICE if self.listed_price is None else self.listed_price

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
        try:
            validator = self._validator
        except RecursionError:
            return [Problem("", "the schema is nested too deeply to judge by")]
        return problems(validator, body)

    @cached_property
    def _validator(self) -> Judge:
        # Compiled at first use: an emulator of thousands of models runs a few.
        return compiled(self.schema)

    def faults(self) -> list[str]:
        """Return why the schema cannot be used, each with its place; empty means that it can."""
        if not all(map(_SEGMENT.fullmatch, self.id.split("/"))):
            return [f"the path is no model id: {self.id!r}"]
        other = _stranger(self.schema)
        if other:
            return [other]
        reading = read(self.schema)
        found = [f"{problem.pointer or '/'}: {problem.message}" for problem in reading.problems]
        stated = reading.schema.get("type", "object")
        if "object" not in (stated if isinstance(stated, list) else [stated]):
            found.append(f"/type: a request body is an object, not {stated!r}")
        declared = self.schema.get("x-model-id", self.id)
        if declared != self.id:
            found.append(f"x-model-id is {declared!r}, its path says {self.id!r}")
        if self.schema.get("x-surface", "v3") not in ("v1", "v3"):
            found.append(f"x-surface is {self.schema['x-surface']!r}, neither v3 nor v1")
        return found or _dead_references(reading.schema)


class Catalogue(Mapping[str, Model]):
    """All models by id, sorted.

    Attributes:
        left_out: The files that cannot be used, each as one line that says why.
    """

    def __init__(self, models: Mapping[str, Model], left_out: Iterable[str] = ()) -> None:
        self._models = dict(sorted(models.items()))
        self.left_out = tuple(left_out)

    def __getitem__(self, model_id: str) -> Model:
        return self._models[model_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._models)

    def __len__(self) -> int:
        return len(self._models)


def default_folder() -> Path:
    """Return the schemas that come with the emulator: in the wheel, or in the checkout."""
    shipped = Path(__file__).parents[1] / "_schemas"
    return shipped if shipped.is_dir() else Path(__file__).parents[3] / "schemas"


def load(folder: Path) -> Catalogue:
    """Read all schemas of a folder.

    Args:
        folder: The folder; a file's path in it, without `.json`, is the model id.

    Returns:
        The models whose schema can be used, with what is wrong with the others.

    Raises:
        SetupError: If the folder is not there or holds no schema; a `SchemaError` that names all
            that is wrong if none can be used.
    """
    if not folder.is_dir():
        raise SetupError(f"no such folder of schemas: {folder}")
    files = [path for path in sorted(folder.rglob("*.json")) if path.name != _NOT_A_MODEL]
    if not files:
        raise SetupError(f"no schemas in {folder}")
    models: dict[str, Model] = {}
    left_out: list[str] = []
    for path in files:
        model, faults = _read(path, folder)
        left_out += [f"{path}: {fault}" for fault in faults]
        if model is not None:
            models[model.id] = model
    if not models:
        raise SchemaError("\n".join(left_out))
    return Catalogue(models, left_out)


def _read(path: Path, folder: Path) -> tuple[Model | None, list[str]]:
    """Return the model of a file, None where it cannot be used, and why not."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        content = cast("JSON", json.loads(text, parse_constant=_refused, parse_float=_finite))
        content = unwrapped(content)
        if not isinstance(content, dict):
            return None, ["not a JSON object"]
    except NotOneError as error:
        return None, [str(error)]
    except RecursionError:
        return None, ["not readable as JSON: nested too deeply"]
    except (OSError, ValueError) as error:
        return None, [f"not readable as JSON: {error}"]
    model = Model(path.relative_to(folder).with_suffix("").as_posix(), content)
    try:
        faults = model.faults()
    except RecursionError:
        faults = ["nested too deeply"]
    return (None, faults) if faults else (model, [])


def _refused(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON value")


def _finite(text: str) -> float:
    number = float(text)
    if math.isinf(number):
        raise ValueError(f"the number {text} is too large")
    return number


def _stranger(document: JSONObject) -> str | None:
    """Return what a document is, where it is plainly no schema."""
    words = [
        key for key in document if key not in ASSERTIONS | NOTES and not key.startswith(("x-", "_"))
    ]
    if words and not ASSERTIONS & document.keys():
        return f"no word of JSON Schema is in it, only {', '.join(map(repr, words[:3]))}"
    return None


def _dead_references(schema: JSONObject) -> list[str]:
    """Return the references that lead nowhere among those that the body depends on."""
    found: dict[str, None] = {}
    for _ in reached(schema, found):
        pass
    return list(found)
