"""The one error that a run ends with, of all that its tasks raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from get3w_batch.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Iterable


def first_of(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """Return the error that ended a run, with the notes of all others."""
    leaves = list(_leaves(group))
    first = next((each for each in leaves if isinstance(each, JournalError)), leaves[0])
    for other in leaves:
        for note in getattr(other, "__notes__", []) if other is not first else []:
            first.add_note(note)
    return first


def _leaves(group: BaseExceptionGroup[BaseException]) -> Iterable[BaseException]:
    for each in group.exceptions:
        if isinstance(each, BaseExceptionGroup):
            yield from _leaves(cast("BaseExceptionGroup[BaseException]", each))
        else:
            yield each
