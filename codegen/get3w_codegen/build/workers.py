"""Build the source of each module from its schema file, in several processes where that pays."""

import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import parent_process
from threading import Thread

from get3w_codegen.budget import counted_work, step
from get3w_codegen.jsonschema.boundary import boundary
from get3w_codegen.jsonschema.located import in_order, located
from get3w_codegen.model.model import Facts, Model
from get3w_codegen.model.names import ModelName
from get3w_codegen.parse.load import Found, read_schema
from get3w_codegen.parse.normalise import Normaliser
from get3w_codegen.problems import Problem
from get3w_codegen.progress import counted
from get3w_codegen.render.docstrings import facts
from get3w_codegen.render.renderer import module

# Fewer than this are done before the other processes have started.
_WORTH_PROCESSES = 150


@dataclass(frozen=True, slots=True)
class Built:
    """The result of building one module.

    Attributes:
        model_id: The model.
        source: The module's source, before formatting; empty where there is none.
        facts: What the package's index says of the model.
        problems: What is wrong with the schema.
    """

    model_id: str
    source: str
    facts: Facts
    problems: tuple[Problem, ...]


def build_all(found: Sequence[Found], names: Sequence[str], *, opened: bool) -> list[Built]:
    """Build the source of every module.

    Args:
        found: The schema files.
        names: The name of each model in Python.
        opened: Whether a silent `additionalProperties` allows more.
    """
    work = partial(build, opened=opened)
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if len(found) < _WORTH_PROCESSES or not cores or cores == 1:
        return list(counted(map(work, found, names), len(found)))
    with ProcessPoolExecutor(cores, initializer=_end_with_parent) as pool:
        return list(counted(pool.map(work, found, names, chunksize=16), len(found)))


def _end_with_parent() -> None:
    """End this process when its parent is killed, instead of waiting for ever."""
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=follow, daemon=True).start()


def build(found: Found, name: str, *, opened: bool) -> Built:
    """Build the source of one module, by the name of the model in Python."""
    problems: list[Problem] = []
    model: Model | None = None
    source = ""
    with boundary(found.file, problems):
        model, said = read_model(found, name, opened=opened)
        problems += said
        if model is not None:
            step("")  # what comes now is about the whole
            source = module(model)
    if model is None or not source:
        return Built(found.model_id, "", Facts(), tuple(problems))
    return Built(model.model_id, source, facts(model), tuple(problems))


def read_model(found: Found, name: str, *, opened: bool) -> tuple[Model | None, list[Problem]]:
    """Return the model that a schema file describes (None if unusable), and the problems found."""
    with counted_work():
        schema, problems = read_schema(found, opened=opened)
        if schema is None:
            return None, problems
        normaliser = Normaliser(schema, ModelName(name), opened=opened)
        model: Model | None = None
        said: list[Problem] = []
        with boundary(found.file, said):
            model = normaliser.model()
        said += normaliser.problems
    return model, in_order([*problems, *located(said, schema.stated)])
