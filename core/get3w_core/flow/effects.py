"""What a flow may ask for, and what it gets back.

Every call is written once, as a generator (a *flow*) that yields `Send`, `Sleep` and `Work` and
does no I/O of its own; the sync and the async client only carry the effects out. Tests step flows
with a clock of their own.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final, Literal, Protocol, TypeAlias, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from get3w_core.request.values.types import TimeoutTypes

T = TypeVar("T")

_LONGEST_PAUSE: Final = 1e6  # a server can ask for more seconds than `time.sleep` takes


@dataclass(frozen=True, slots=True)
class FilePart:
    """The one file of a multipart request."""

    name: str
    filename: str
    content_type: str
    file: BinaryIO


class Sink(Protocol):
    """Takes the body of a successful answer piece by piece."""

    def restart(self, headers: Mapping[str, str]) -> None:
        """Forget what an earlier attempt wrote; *headers*, by lower-case name, come first."""
        ...

    def write(self, chunk: bytes, /) -> None:
        """Take one piece, perhaps in another thread."""
        ...

    def written(self) -> None:
        """Learn, where the call runs, that the piece was taken."""
        ...


@dataclass(slots=True, eq=False, repr=False)
class Evidence:
    """What is known of one attempt that ended in an exception.

    Attributes:
        unsent: Whether no byte of the request was handed to a connection. False is "not known".
        outcome: What it came to, as far as that was seen: an answer may be cut off.
    """

    unsent: bool = False
    outcome: Outcome | None = None


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP attempt.

    Attributes:
        method: The HTTP method.
        url: The whole address.
        body: JSON, already encoded.
        part: A file to send instead.
        timeout: Seconds or an `httpx.Timeout` for this attempt; None is the client's.
        connect_within: A cap on the time to get a connection, where a deadline is near.
        finish_within: A cap on every part of the attempt; not for submits.
        sink: Where a successful body goes; without one it is read into memory.
        authenticated: Whether the key may go along; it still only goes to its origin.
        submits: Whether it makes a task, so that the first Ctrl-C waits for its answer.
        evidence: Filled while it is sent.
    """

    method: str
    url: str
    body: bytes | None = field(default=None, repr=False)
    part: FilePart | None = field(default=None, repr=False)
    timeout: TimeoutTypes | None = None
    connect_within: float | None = None
    finish_within: float | None = None
    sink: Sink | None = field(default=None, repr=False)
    authenticated: bool = True
    submits: bool = False
    evidence: Evidence = field(default_factory=Evidence, repr=False, compare=False)

    @property
    def shown_url(self) -> str:
        """The address without its query, which may hold a callback's or a storage's secret."""
        return self.url.partition("?")[0]


Answers: TypeAlias = Literal["this", "unproven", "another"]
"""What an answer is about: this request, sent once; that is not proved; or another request."""


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer.

    Attributes:
        status: The HTTP status.
        headers: By lower-case name.
        body: What was read of it; empty where a sink took it.
        problem: Why the body is not whole, if it is not.
        answers: Whether it is known to answer the very request that was sent, once; see `Answers`.
    """

    status: int
    headers: Mapping[str, str] = field(default_factory=dict[str, str])
    body: bytes = b""
    problem: str | None = None
    answers: Answers = "this"


@dataclass(frozen=True, slots=True)
class TransportFailure:
    """No answer.

    Attributes:
        kind: `unsent` if the request certainly did not leave this machine, else `unknown`.
        text: What happened.
        permanent: Whether trying again is pointless, as with a malformed address.
    """

    kind: Literal["unsent", "unknown"]
    text: str
    permanent: bool = False


Outcome: TypeAlias = HttpResponse | TransportFailure


@dataclass(frozen=True, slots=True)
class Send:
    """Ask for one HTTP attempt; answered with an `Outcome`."""

    request: HttpRequest


@dataclass(frozen=True, slots=True)
class Sleep:
    """Ask for a pause; *why* goes to the log."""

    seconds: float
    why: str


@dataclass(frozen=True, slots=True)
class Work:
    """Ask for *run* to be called where it may take its time: in a thread, next to an event loop."""

    run: Callable[[], object]


Flow: TypeAlias = Generator[Send | Sleep | Work, Outcome | None, T]


def send(request: HttpRequest) -> Flow[Outcome]:
    """Make one HTTP attempt."""
    outcome = yield Send(request)
    assert outcome is not None, "a Send is answered with an outcome"
    return outcome


def sleep(seconds: float, why: str) -> Flow[None]:
    """Pause, for as long as a system can at most."""
    yield Sleep(min(seconds, _LONGEST_PAUSE), why)


def work(call: Callable[[], T]) -> Flow[T]:
    """Call *call* where it may take its time, and return or raise what it does."""
    results: list[T] = []
    errors: list[Exception] = []

    def run() -> None:
        try:
            results.append(call())
        except Exception as error:  # noqa: BLE001 - it is raised again in the flow
            errors.append(error)

    yield Work(run)
    if errors:
        raise errors[0]
    return results[0]
