"""Events: what the hook of `Client(on_event=...)` is called with, and what the log says.

    Submitted      a task was accepted
    SubmitFailed   a submit ended without one; `verdict` says how sure that is
    Retried        an attempt came to nothing and is repeated after `delay`
    Polled         the state of a prediction was asked for and read
    Completed      a prediction ended, for better or worse

An event holds no key, no prompt and no query of an address; the error of a `SubmitFailed` is what
the call raises: it may repeat the server's words, and one of unknown outcome holds the input, for
`client.reconcile(event.error)`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from get3w_core.errors.base import Get3WError


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event tells.

    Attributes:
        model: The model id, as far as it is known.
        prediction_id: The prediction, once there is one.
        elapsed: Seconds since the call began that the event is part of.
    """

    model: str | None
    prediction_id: str | None
    elapsed: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Submitted(Event):
    """A task was accepted.

    Attributes:
        status: The server's word for its state.
        attempts: How many times the submit was sent, the last one included.
    """

    status: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitFailed(Event):
    """A submit ended without a task, as far as is known.

    Attributes:
        verdict: `unsent`, `refused` and `rejected` are certain; `unknown` may have been accepted.
        attempts: How many times it was sent.
        error: What the call raises.
    """

    verdict: Literal["unsent", "refused", "rejected", "unknown"]
    attempts: int
    error: Get3WError


@dataclass(frozen=True, slots=True, kw_only=True)
class Retried(Event):
    """An attempt came to nothing, and the next one follows.

    Attributes:
        attempt: The number of the attempt that came to nothing, from 1.
        delay: Seconds until the next one.
        verdict: What it came to. A submit is never repeated after `unknown`; other calls are.
        reason: What was seen, in a few words.
        method: The HTTP method.
        url: The address, without its query.
        seconds_left: Seconds in which the call goes on trying, if it is a submit or a wait.
        attempts_left: How many attempts may follow at most, if it is another call.
    """

    attempt: int
    delay: float
    verdict: Literal["unsent", "refused", "unknown"]
    reason: str
    method: str
    url: str
    seconds_left: float | None = None
    attempts_left: int | None = None

    @property
    def limit(self) -> str:
        """When the call gives up, in words."""
        if self.seconds_left is not None:
            return f"for {self.seconds_left:.0f} s at most"
        if self.attempts_left is not None:
            return f"{self.attempts_left} attempt(s) at most"
        return "until there is an answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Polled(Event):
    """The state of a prediction was asked for and read.

    Attributes:
        status: The server's word.
        attempt: The number of the answer within this wait, from 1.
    """

    status: str
    attempt: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed(Event):
    """A prediction was seen to have ended, for better or worse.

    Attributes:
        status: The server's word.
        failed: Whether it is one of failure.
        code: The task's error code, if the server gave one.
    """

    status: str
    failed: bool
    code: int | None
