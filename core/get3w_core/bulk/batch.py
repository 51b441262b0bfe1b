"""What both forms of `submit_all` share: which request is next, and what came of each."""

# Runs the flows of the clients, by members that users never need:
# pyright: reportPrivateUsage=false

from __future__ import annotations

from collections import deque
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Generic, TypeVar, cast

from get3w_core._common.prediction_data import PredictionData
from get3w_core.bulk.partial import keep_results
from get3w_core.errors.api import RateLimitError
from get3w_core.errors.base import ConfigurationError, Get3WError
from get3w_core.flow.effects import sleep
from get3w_core.flow.events import Retried, SubmitFailed, Submitted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from get3w_core.client.aio import AsyncClient
    from get3w_core.client.prediction import AsyncPrediction, Prediction
    from get3w_core.client.sync import Client
    from get3w_core.flow.effects import Flow
    from get3w_core.flow.events import Event
    from get3w_core.request.base import ModelRequest

H = TypeVar("H", "Prediction", "AsyncPrediction")

DEFAULT_CONCURRENCY: Final = 8


class Limit:
    """How many submits may be under way at once.

    A refusal (429) halves it, once for all submits that were under way by then; each success
    brings it back by a little.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._now = float(most)

    cuts: int = 0

    @property
    def now(self) -> int:
        """The whole number of submits, from 1."""
        return int(self._now)

    def note_refusal(self, cuts_before: int) -> None:
        """Note that a submit was refused that began after so many cuts."""
        if cuts_before == self.cuts:
            self._now = max(1.0, self._now / 2)
            self.cuts += 1

    def note_success(self) -> None:
        """Note that a submit was accepted."""
        self._now = min(float(self._most), self._now + 1 / self._now)


@dataclass(slots=True, eq=False, repr=False)
class Item:
    """One request, and what its events told of its submit.

    Attributes:
        index: Its place among the requests.
        request: The request.
        sending: Whether a submit is on its way, whose answer would be lost.
        accepted: The task.
        failed: Why there is none, as far as is known.
        cuts: How often the limit was cut before it began.
        successes: How many others were accepted before it began.
        pause: Seconds that the server asked to wait for, when it refused it.
    """

    index: int
    request: ModelRequest
    sending: bool = False
    accepted: PredictionData | None = None
    failed: Get3WError | None = None
    cuts: int = 0
    successes: int = 0
    pause: float = 0.0


class Batch(Generic[H]):
    """The requests, those that are under way, and the results in order.

    Attributes:
        results: A handle or an error for each request; None for one that was not submitted.
        active: The requests that are under way.
        stopped: Whether no more are to begin.
    """

    def __init__(
        self,
        client: Client | AsyncClient,
        next_request: Callable[[], ModelRequest],
        on_result: Callable[[int, H | Get3WError], object] | None,
        concurrency: int,
    ) -> None:
        self._client: Client | AsyncClient = client
        self._next_request = next_request
        self._on_result: Callable[[int, H | Get3WError], object] | None = on_result
        self._limit = Limit(concurrency)
        self._again: deque[Item] = deque()
        self._successes = 0
        self._exhausted = False
        self.results: list[H | Get3WError | None] = []
        self.active: dict[int, Item] = {}
        self.stopped: bool = False

    def take(self) -> Item | None:
        """Return the request that may begin now; None if none may."""
        if self.stopped or len(self.active) >= self._limit.now:
            return None
        if self._again:
            item = self._again.popleft()
        elif self._exhausted:
            return None
        else:
            try:
                request = self._next_request()
            except StopIteration:
                self._exhausted = True
                return None
            item = Item(len(self.results), request)
            self.results.append(None)
        item.cuts, item.successes = self._limit.cuts, self._successes
        self.active[item.index] = item
        return item

    def flow(self, item: Item) -> Flow[PredictionData]:
        """Return the submit of *item*, whose events are noted and told to the client's hook.

        Raises:
            Get3WError: It is no request, or cannot be sent.
        """
        outer = self._client._session.options.on_event

        def hear(event: Event) -> None:
            self._hear(item, event)
            if outer is not None:
                outer(event)

        client = self._client.with_options(on_event=hear)
        flow = client._submit_flow(item.request, None, None, None)
        return _after(item.pause, flow) if item.pause else flow

    def _hear(self, item: Item, event: Event) -> None:
        match event:
            case Submitted(prediction_id=str(identity)):
                item.accepted = PredictionData(identity, event.status, event.model)
                self._successes += 1
                self._limit.note_success()
            case SubmitFailed():
                item.failed = event.error
                if isinstance(event.error, RateLimitError):
                    self._limit.note_refusal(item.cuts)
            case Retried(verdict="refused"):
                self._limit.note_refusal(item.cuts)
            case _:
                pass

    def accept(self, item: Item, data: PredictionData) -> None:
        """Keep the handle of a submit that was accepted."""
        self._settle(item, self._handle(item, data))

    def fail(self, item: Item, error: Get3WError) -> None:
        """Keep the error of a submit that was not, or put it back in line.

        An account that takes a task now and then is busy and not closed: as long as it took
        another since this one began, a refusal is no reason to give up.
        """
        self.active.pop(item.index, None)
        busy = isinstance(error, RateLimitError) and item.successes < self._successes
        pause = error.retry_after if isinstance(error, RateLimitError) else None
        within = (pause or 0.0) <= self._client._session.options.submit_deadline
        if busy and within and not self.stopped:
            item.failed, item.pause = error, pause or 0.0
            self._again.append(item)
        else:
            self._settle(item, error)

    def abandon(self, item: Item) -> None:
        """Keep what the events have told of a submit that was given up; None if it was not sent."""
        if self.results[item.index] is None and item.accepted is not None:
            self.accept(item, item.accepted)
        elif self.results[item.index] is None and item.failed is not None:
            self._settle(item, item.failed)
        else:
            self.active.pop(item.index, None)

    def all_results(self) -> list[H | Get3WError]:
        """Return the results, once there is one for each request."""
        return cast("list[H | Get3WError]", self.results)

    def keep_results(self, stop: BaseException) -> None:
        """Keep the results at *stop*, which ended the batch early; see `partial_results`."""
        # Those that were to be tried again, and whatever an exception struck in between.
        for item in (*self._again, *self.active.values()):
            with suppress(Exception):  # of `on_result`; *stop* is raised already
                self.abandon(item)
        keep_results(stop, self.results)

    def _settle(self, item: Item, result: H | Get3WError) -> None:
        self.results[item.index] = result
        self.active.pop(item.index, None)
        if self._on_result is not None:
            self._on_result(item.index, result)

    def _handle(self, item: Item, data: PredictionData) -> H:
        from get3w_core.request.base import output_type_of  # pydantic is loaded by now

        client = self._client
        surface = client._surface_of(item.request.__model__.surface)
        return cast("H", client._handle(data, surface, output_type_of(type(item.request))))


def _after(seconds: float, flow: Flow[PredictionData]) -> Flow[PredictionData]:
    yield from sleep(seconds, "the server asked to wait")
    return (yield from flow)


def iterator_of(requests: Iterable[ModelRequest], function: str) -> Iterator[ModelRequest]:
    """Return an iterator over *requests*.

    Raises:
        ConfigurationError: It is no iterable, or a request by itself.
    """
    if hasattr(requests, "__iter__") and not hasattr(requests, "__model__"):
        return iter(requests)
    raise ConfigurationError(
        f"{function} takes an iterable of requests, such as [FluxDevRequest(...), ...], not "
        f"{type(requests).__name__}. Nothing was sent."
    )


def check_concurrency(concurrency: object) -> None:
    """Refuse what is no number of submits.

    Raises:
        ConfigurationError: It is no whole number from 1.
    """
    if not isinstance(concurrency, int) or isinstance(concurrency, bool) or concurrency < 1:
        raise ConfigurationError(
            f"concurrency must be a whole number of 1 or more, not {concurrency!r}. "
            "Nothing was sent."
        )
