"""Limit the work for one schema by counting steps, so that every machine stops at the same one.

A small document can cause endless work: a reference that is used twice on each of 24 levels stands
for 16 million schemas. All code that walks over a schema counts its steps here, so that such a
document is reported as a problem instead of blocking the run.
"""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

Place = str | tuple[str | int, ...]

# The largest of 2,974 real schemas, 155 KB long, needs about a tenth of this.
MOST_STEPS = 400_000


class TooMuchWorkError(Exception):
    """A schema requires more work than any real one does."""


class TooDeepError(Exception):
    """datamodel-code-generator cannot follow the nesting: the one shape that it refuses."""


@dataclass(slots=True)
class Work:
    """The steps counted for one schema.

    Attributes:
        left: How many steps are left.
        place: The place that was looked at last, as a JSON pointer or as its parts.
    """

    left: int = MOST_STEPS
    place: Place = ""


_CURRENT: ContextVar[Work | None] = ContextVar("_CURRENT", default=None)


@contextmanager
def counted_work() -> Generator[Work]:
    """Count the steps inside; within another count they go to that one."""
    outer = _CURRENT.get()
    if outer is not None:
        yield outer
        return
    work = Work()
    token = _CURRENT.set(work)
    try:
        yield work
    finally:
        _CURRENT.reset(token)


@contextmanager
def bounded_part(most: int) -> Generator[None]:
    """Limit the steps inside the block to *most* of the remaining ones.

    Raises:
        TooMuchWorkError: They are used up; what follows has the others.
    """
    work = _CURRENT.get()
    if work is None or work.left <= most:
        yield
        return
    others = work.left - most
    work.left = most
    try:
        yield
    finally:
        work.left = others + max(work.left, 0)


def step(place: Place | None = None) -> None:
    """Count one step, at *place* where that is known.

    Raises:
        TooMuchWorkError: No step is left.
    """
    work = _CURRENT.get()
    if work is None:
        return
    if place is not None:
        work.place = place
    work.left -= 1
    if work.left < 0:
        raise TooMuchWorkError(f"more than {MOST_STEPS:,} steps")
