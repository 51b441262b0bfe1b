"""From schema files to the sources of their modules, over all cores where that pays."""

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import parent_process
from threading import Thread

from get3w_codegen.classes import TooDeepError
from get3w_codegen.load import read_schema
from get3w_codegen.names import ModelName
from get3w_codegen.normalise import Normaliser
from get3w_codegen.problems import Problem
from get3w_codegen.progress import counted
from get3w_codegen.render import Renderer
from get3w_codegen.tasks import Built, Task

# Fewer than this are done before the other processes have started.
_WORTH_PROCESSES = 150


def build_all(tasks: Sequence[Task]) -> list[Built]:
    """Build the source of every module."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    if len(tasks) < _WORTH_PROCESSES or not cores or cores == 1:
        return list(counted(map(build, tasks), len(tasks)))
    with ProcessPoolExecutor(cores, initializer=_end_with_parent) as pool:
        return list(counted(pool.map(build, tasks, chunksize=16), len(tasks)))


def _end_with_parent() -> None:
    """Have this process end when the one it works for is killed: it would wait for ever."""
    parent = parent_process()

    def follow() -> None:
        if parent is not None:
            parent.join()
            os._exit(1)

    Thread(target=follow, daemon=True).start()


def build(task: Task) -> Built:
    """Build the source of one module."""
    schema, problems = read_schema(task.found, opened=task.open)
    if schema is None:
        return _unusable(task, problems)
    normaliser = Normaliser(schema, ModelName(task.name), opened=task.open)
    model = normaliser.model()
    problems += normaliser.problems
    if model is None:
        return _unusable(task, problems)
    try:
        source = _renderer().module(model)
    except (RecursionError, TooDeepError):
        deep = Problem(task.found.file, "", "Nested too deeply", "Write it flatter.")
        return _unusable(task, [*problems, deep])
    return Built(model.model_id, source, model.documented, tuple(problems))


def _unusable(task: Task, problems: Iterable[Problem]) -> Built:
    return Built(task.found.model_id, "", documented=False, problems=tuple(problems))


@cache
def _renderer() -> Renderer:
    return Renderer()
