"""Turn any exception about one schema into a problem of that schema alone."""

from collections.abc import Generator
from contextlib import contextmanager

from get3w_codegen.budget import TooDeepError, TooMuchWorkError, Work, counted_work
from get3w_codegen.jsonschema.keywords import pointer
from get3w_codegen.jsonschema.references import DanglingReferenceError
from get3w_codegen.problems import Problem

_LESS_NESTING = "Reduce the nesting."


@contextmanager
def boundary(file: str, problems: list[Problem]) -> Generator[None]:
    """Add any exception raised inside to *problems*, with the last place that was visited.

    Args:
        file: The schema file, relative to the schema folder.
        problems: Where the problem goes.
    """
    with counted_work() as work:
        try:
            yield
        except (KeyboardInterrupt, SystemExit, GeneratorExit):
            raise
        # A panic of the validator, which is written in Rust, is no Exception.
        except BaseException as error:  # noqa: BLE001 - one schema must not end the run of others
            problems.append(_problem(file, work, error))


def _problem(file: str, work: Work, error: BaseException) -> Problem:
    place = work.place if isinstance(work.place, str) else pointer(work.place)
    match error:
        case RecursionError() | TooDeepError():
            return Problem(file, place, "Nested too deeply", _LESS_NESTING)
        case TooMuchWorkError():
            message = f"Reading the schema takes {error}; its parts repeat each other"
            remedy = "Refer to each part from fewer places, or write this part without references."
            return Problem(file, place, message, remedy)
        case DanglingReferenceError():
            return Problem(file, place, str(error), "Write the part out where it is used.")
        case _:
            message = f"The generator failed here: {type(error).__name__}: {str(error)[:200]}"
            remedy = "Please report this with the schema; until then write that part differently."
            return Problem(file, place, message, remedy)
