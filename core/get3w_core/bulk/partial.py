"""The results of a `submit_all` that was ended early, kept at the exception that ended it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

from get3w_core.errors.base import Get3WError
from get3w_core.errors.printable import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from get3w_core.client.prediction import AsyncPrediction, Prediction
    from get3w_core.errors.task import AnyPrediction

_KEPT: Final = "_get3w_results"
_SHOWN_IDS: Final = 20
_LONGEST_CHAIN: Final = 20


def partial_results(
    error: BaseException,
) -> list[Prediction | AsyncPrediction | Get3WError | None]:
    """Return what a `submit_all` came to that *error* ended early.

    The list goes as far as requests were taken: a handle for each task that was accepted, the
    error of each submit that ended in one, and None for a request that was not submitted. It is
    also found where *error* was raised because of the exception that ended the call, as by
    `asyncio.timeout` and `asyncio.run`. Empty if no such exception is found.
    """
    for each in _chain(error):
        kept = cast(
            "list[Prediction | AsyncPrediction | Get3WError | None] | None",
            getattr(each, _KEPT, None),
        )
        if kept is not None:
            return list(kept)
    return []


def keep_results(stop: BaseException, results: Sequence[AnyPrediction | Get3WError | None]) -> None:
    """Keep *results* at *stop*, and add a note that says what they are."""
    setattr(stop, _KEPT, results)
    ids = [
        printable(each.id)
        for each in results
        if each is not None and not isinstance(each, Get3WError)
    ]
    missing = sum(each is None for each in results)
    more = f" and {len(ids) - _SHOWN_IDS} more" if len(ids) > _SHOWN_IDS else ""
    named = f": {', '.join(ids[:_SHOWN_IDS])}{more}" if ids else ""
    stop.add_note(
        f"get3w: submit_all was ended early. Of {len(results)} requests that it had taken, "
        f"{len(results) - len(ids) - missing} ended in an error, {missing} were not submitted, and "
        f"{len(ids)} were accepted and may be billed{named}. "
        "get3w_core.partial_results(error) returns their handles and errors."
    )


def _chain(error: BaseException) -> Iterator[BaseException]:
    """Yield *error* and what it was raised because of, nearest first."""
    waiting, seen = [error], list[BaseException]()
    while waiting and len(seen) < _LONGEST_CHAIN:
        current = waiting.pop(0)
        if any(current is each for each in seen):
            continue
        seen.append(current)
        yield current
        waiting += [each for each in (current.__cause__, current.__context__) if each is not None]
        if isinstance(current, BaseExceptionGroup):
            waiting += cast("BaseExceptionGroup[BaseException]", current).exceptions
