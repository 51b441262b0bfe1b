"""What one client remembers of its submits, so that no task is taken for two of them."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

    from get3w_core._common.json import JsonValue
    from get3w_core.reconciling.results import Evidence
    from get3w_core.reconciling.saved import SavedSubmission

T = TypeVar("T")

# Of each kind, the oldest are forgotten beyond this.
_MOST: Final = 10_000
_ANSWERED: Final = ""


@dataclass(frozen=True, slots=True)
class SeenTask:
    """What never changes of a task, as the server showed it.

    Attributes:
        id: The prediction's id.
        model: Its model, if it was shown.
        created: The Unix time when it was accepted, if that was shown.
        input: A sketch of its input, if that was shown; see `inputs`.
    """

    id: str
    model: str | None
    created: float | None
    input: dict[str, JsonValue] | None

    @property
    def complete(self) -> bool:
        """Whether everything was shown that a later look could show."""
        return self.created is not None and self.input is not None


class SubmissionMemory:
    """Which tasks belong to which submit, which submits are open, and which tasks were seen.

    It may be shared by threads. Clients that `with_options` makes of one share it, as long as they
    are for the same account.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owners: dict[str, str] = {}
        self._open: dict[str, SavedSubmission] = {}
        self._under_way: dict[object, Callable[[], SavedSubmission | None]] = {}
        self._settled: dict[str, tuple[str, Evidence]] = {}
        self._seen: dict[str, SeenTask] = {}
        self._missing: dict[str, None] = {}

    def begin(self, attempt: object, describe: Callable[[], SavedSubmission | None]) -> None:
        """Remember an attempt whose answer is not here yet: its task may be on record already.

        *describe* returns what is known of the submit. It is called by a search alone, since what
        it does takes longer than all the rest here.
        """
        with self._lock:
            self._under_way[attempt] = describe

    def end(self, attempt: object) -> None:
        """Forget an attempt, once what became of it is remembered."""
        with self._lock:
            self._under_way.pop(attempt, None)

    def accepted(self, prediction_id: str) -> None:
        """Remember a task that a submit was answered with: it belongs to no other."""
        with self._lock:
            _put(self._owners, prediction_id, _ANSWERED)

    def opened(self, submission: SavedSubmission) -> None:
        """Remember a submit whose outcome is unknown, unless its task is known by now."""
        with self._lock:
            if submission.submission_id not in self._settled:
                _put(self._open, submission.submission_id, submission)

    def claim(self, prediction_id: str, submission: SavedSubmission, evidence: Evidence) -> bool:
        """Give a task to *submission* for good; false if it belongs to another submit."""
        with self._lock:
            if self._owners.get(prediction_id) not in {None, submission.submission_id}:
                return False
            _put(self._owners, prediction_id, submission.submission_id)
            _put(self._settled, submission.submission_id, (prediction_id, evidence))
            self._open.pop(submission.submission_id, None)
            return True

    def settled(self, submission: SavedSubmission) -> tuple[str, Evidence] | None:
        """Return the task that *submission* was given, and what showed it."""
        with self._lock:
            return self._settled.get(submission.submission_id)

    def is_taken(self, prediction_id: str, submission: SavedSubmission) -> bool:
        """Whether a task belongs to another submit than *submission*."""
        with self._lock:
            return self._owners.get(prediction_id) not in {None, submission.submission_id}

    def rivals(self, submission: SavedSubmission) -> list[SavedSubmission]:
        """Return the other submits to the same model whose outcome is unknown, or not here yet."""
        with self._lock:
            known, under_way = list(self._open.values()), list(self._under_way.values())
        return [
            each
            for each in (*known, *(describe() for describe in under_way))
            if each is not None
            and each.model_id == submission.model_id
            and each.submission_id != submission.submission_id
        ]

    def seen(self, prediction_id: str) -> SeenTask | None:
        """Return what was seen of a task before."""
        with self._lock:
            return self._seen.get(prediction_id)

    def see(self, task: SeenTask) -> None:
        """Remember what was seen of a task."""
        if task.complete:
            with self._lock:
                _put(self._seen, task.id, task)

    def is_missing(self, endpoint: str) -> bool:
        """Whether the server is known not to have *endpoint*."""
        with self._lock:
            return endpoint in self._missing

    def miss(self, endpoint: str) -> None:
        """Remember that the server does not have *endpoint*."""
        with self._lock:
            _put(self._missing, endpoint, None)


def _put(memory: dict[str, T], key: str, value: T) -> None:
    memory[key] = value
    if len(memory) > _MOST:
        del memory[next(iter(memory))]
