"""Time the building of requests: ours against a strict pydantic class of the same fields.

For each model of the package a twin is made such as a careful person would write it by hand:
strict, frozen, closed, with the same names, types, bounds and defaults in plain pydantic. Both
build the same request, by turns of some hundred calls. Whatever else a machine does only adds to
the processor time of a turn, so what counts is the fastest turn of each.

    python -m bench.parts.requests [--turns 100] [--models PART_OF_AN_ID] [--package get3w_models]

prints each model that misses the aim, also of another generated package.
"""

from __future__ import annotations

import argparse
import inspect
import operator
import time
import timeit
from dataclasses import dataclass
from functools import partial, reduce
from importlib import import_module
from statistics import median
from typing import TYPE_CHECKING, Annotated, Any, Literal, get_args, get_origin

from get3w_core import MediaInput, MediaListInput, server_default
from get3w_core.request.base import RequestObject
from get3w_core.request.wire import wire_body
from pydantic import BaseModel, ConfigDict, Field, ValidationError, create_model

from bench.common.effort import Effort
from bench.common.figures import Recorder
from bench.common.page import Measure, Page

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from get3w_core import ModelRequest
    from pydantic.fields import FieldInfo

PAGE = Page(
    "Building a request",
    (Measure("ratio", "times the time of a pydantic class by hand", digits=2),),
    ours="",
    axis="fields",
    compared=(),
)
VERSIONS = ("pydantic", "pydantic-core")
PACKAGE = "get3w_models"
TARGET = 2.0
CALLS = 100
TITLES = (
    "required fields",
    "every field",
    "required fields, as a submit function does",
    "every field, and its body for the wire",
)
PLAIN = ConfigDict(
    strict=True, extra="forbid", frozen=True, protected_namespaces=(), validate_by_name=True
)
OURS = "get3w_core.request.values.types"


def twin(cls: type[RequestObject]) -> type[BaseModel]:
    """Return the class that a person would write for the fields of *cls*."""
    fields: dict[str, Any] = {name: _plain_field(field) for name, field in _fields(cls).items()}
    return create_model(cls.__name__, __config__=PLAIN, **fields)


def _fields(cls: type[BaseModel]) -> dict[str, FieldInfo]:
    return cls.__pydantic_fields__


def _plain_field(field: FieldInfo) -> tuple[Any, Any]:
    annotation = _annotated(_plain(field.annotation), field.metadata)
    default = ... if field.is_required() else field.default
    return annotation, Field(default, alias=field.alias)


def _plain(annotation: Any) -> Any:
    """Return *annotation* with nothing of ours in it."""
    if annotation == MediaInput:
        return str
    if annotation == MediaListInput:
        return list[str]
    if inspect.isclass(annotation) and issubclass(annotation, RequestObject):
        return twin(annotation)
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is None or origin is Literal:
        return annotation
    if origin is Annotated:
        return _annotated(_plain(arguments[0]), arguments[1:])
    parts = [_plain(argument) for argument in arguments]
    return reduce(operator.or_, parts) if origin is not list else list[parts[0]]


def _annotated(plain: Any, marks: Iterable[Any]) -> Any:
    kept = [mark for mark in marks if type(mark).__module__ != OURS]
    return reduce(lambda inner, mark: Annotated[inner, mark], kept, plain)


def sample(schema: dict[str, Any], definitions: dict[str, Any], *, everything: bool) -> Any:
    """Return a value of *schema*, as pydantic writes it for a twin."""
    if "anyOf" in schema:
        schema = schema["anyOf"][0]
    if "$ref" in schema:
        schema = definitions[schema["$ref"].rpartition("/")[2]]
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type", "string")
    if kind == "object":
        return {
            name: sample(part, definitions, everything=everything)
            for name, part in schema.get("properties", {}).items()
            if everything or name in schema.get("required", [])
        }
    if kind == "array":
        item = sample(schema["items"], definitions, everything=everything)
        return [item] * max(1, schema.get("minItems", 1))
    if kind == "string":
        return "1024*1024" if "pattern" in schema else "https://example.com/a.png"
    if kind == "boolean":
        return True
    return schema.get("minimum", 7 if kind == "integer" else 0.5)


@dataclass(frozen=True)
class Case:
    """What is built, by ours and by the twin."""

    title: str
    ours: Callable[[], object]
    twin: Callable[[], object]

    def ratio(self, turns: int) -> float:
        """Return the time of ours to the time of the twin."""
        ours, twins = (
            timeit.Timer(each, timer=time.process_time) for each in (self.ours, self.twin)
        )
        pairs = [(ours.timeit(CALLS), twins.timeit(CALLS)) for _ in range(turns)]
        return min(pair[0] for pair in pairs) / min(pair[1] for pair in pairs)


def cases(ours: type[ModelRequest]) -> Iterator[Case]:
    """Yield the cases of a model."""
    plain = twin(ours)
    schema = plain.model_json_schema(by_alias=False)
    definitions = schema.get("$defs", {})
    required = sample(schema, definitions, everything=False)
    everything = sample(schema, definitions, everything=True)
    defaults = {name: field.default for name, field in _fields(plain).items()}
    markers = {name: server_default(value) for name, value in defaults.items()}

    yield Case(TITLES[0], partial(ours, **required), partial(plain, **required))
    yield Case(TITLES[1], partial(ours, **everything), partial(plain, **everything))
    yield Case(
        TITLES[2], partial(ours, **markers | required), partial(plain, **defaults | required)
    )
    yield Case(
        TITLES[3],
        lambda: wire_body(ours(**everything)),
        lambda: plain(**everything).model_dump(mode="json", by_alias=True, exclude_unset=True),
    )


def measure(
    recorder: Recorder,
    effort: Effort,
    *,
    turns: int = 30,
    models: str = "",
    name: str = PACKAGE,
) -> None:
    """Record the ratio of each model: a round is a model here."""
    package = import_module(name)
    missed: dict[str, list[str]] = {}
    for model_id in package.model_ids()[: effort.pick(None, 2)]:
        if models in model_id:
            ours = package.request_class(model_id)
            has_rule = ours.__model__.rule is not None
            for case in cases(ours):
                setting = case.title + ", conditions" * has_rule
                try:
                    found = case.ratio(effort.pick(turns, 1))
                except ValidationError as error:
                    recorder.remark(
                        f"Left out: {model_id}, {case.title}: {error.errors()[0]['msg']}."
                    )
                    continue
                recorder.add("ratio", "all models", setting, found)
                if case.title in TITLES[:2] and found > TARGET:
                    missed.setdefault(case.title, []).append(f"{model_id} {found:.2f}")
    for title, models_ in missed.items():
        recorder.remark(f"Over the aim of {TARGET:g}, {title}: {', '.join(models_)}.")


def main() -> None:
    """Measure the models of a package, and print their ratios."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--turns", type=int, default=100)
    parser.add_argument("--models", default="", help="only those whose id has this in it")
    parser.add_argument("--package", default=PACKAGE, help="another generated package")
    options = parser.parse_args()
    recorder = Recorder()
    measure(recorder, Effort(), turns=options.turns, models=options.models, name=options.package)
    for figure in recorder.figures.values():
        low, middle, high = min(figure.values), median(figure.values), max(figure.values)
        print(f"{figure.contestant:60}{len(figure.values):5}{low:8.2f}{middle:8.2f}{high:8.2f}")
    print(*recorder.remarks, sep="\n")


if __name__ == "__main__":
    main()
