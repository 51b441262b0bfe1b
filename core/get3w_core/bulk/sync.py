"""`submit_all`: many submits, by threads.

The flows run in the calling thread, and threads do nothing but carry out their effects. So only
the calling thread can be interrupted, hooks are called in it alone, and a submit that is given up
can still say what is known of it.
"""

# Runs the flows of the clients, by members that users never need:
# pyright: reportPrivateUsage=false

from __future__ import annotations

import time
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Final, cast

from get3w_core._common.arguments import check_hook
from get3w_core._common.ctrl_c import Interrupts
from get3w_core.bulk.batch import DEFAULT_CONCURRENCY, Batch, check_concurrency, iterator_of
from get3w_core.bulk.threads import Threads
from get3w_core.client.default import default_client
from get3w_core.client.session import Session, session_of
from get3w_core.errors.base import Get3WError
from get3w_core.flow.driver import log_pause
from get3w_core.flow.effects import Send, Sleep, Work

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from get3w_core._common.prediction_data import PredictionData
    from get3w_core.bulk.batch import Item
    from get3w_core.client.prediction import Prediction
    from get3w_core.client.sync import Client
    from get3w_core.flow.effects import Flow
    from get3w_core.outputs.kinds import OutputT
    from get3w_core.request.base import ModelRequest

# A Ctrl-C that comes just before a wait begins does not end it, and on Windows none does.
_LONGEST_WAIT: Final = 0.1


def submit_all(
    requests: Iterable[ModelRequest[OutputT]],
    *,
    client: Client | None = None,
    concurrency: int = DEFAULT_CONCURRENCY,
    on_result: Callable[[int, Prediction[OutputT] | Get3WError], object] | None = None,
) -> list[Prediction[OutputT] | Get3WError]:
    """Submit every request, and return a handle or an error for each, in order.

    An error of one does not stop the others. Requests, which may be of different models, are taken
    from an iterator one by one, as others are done. Where the server refuses with 429, fewer are
    submitted at once; a refused request is given up only if the server took no other one within
    the client's `submit_deadline`.

    Ctrl-C begins no more submits and lets those on their way get their answers; a second one gives
    them up. Then `KeyboardInterrupt` is raised, from which `partial_results` returns what there is.
    The same holds for an exception of *requests* or *on_result*.

    Args:
        requests: The requests; nothing else is sent with them.
        client: The client to send with; left out, the shared default client.
        concurrency: How many submits are under way at most.
        on_result: Called with the place of a request and its result as soon as there is one, in
            this thread. It is the place to write handles to a disk.

    Raises:
        ConfigurationError: There is no key, or an argument cannot be used; nothing was sent.
    """
    check_concurrency(concurrency)
    check_hook("on_result", on_result)
    chosen = default_client() if client is None else client
    session = session_of(chosen, Session, "Client")
    session.context()  # without a key, every request would fail in the same way
    iterator = iterator_of(requests, "submit_all")
    wakes: SimpleQueue[None] = SimpleQueue()
    interrupts = Interrupts(lambda: wakes.put(None))
    # Each handle fits its own request, which is more than a type can say of a batch.
    keep = cast("Callable[[int, Prediction | Get3WError], object] | None", on_result)
    batch: Batch[Prediction] = Batch(
        chosen,
        interrupts.during(partial(next, iterator), tolerated=0),
        keep and interrupts.during(keep, tolerated=1),
        concurrency,
    )
    try:
        with Threads(concurrency) as threads, interrupts:
            _Runner(batch, session, threads, wakes, interrupts).run()
        interrupts.check()  # one that came too late to stop anything
        # In here, since Ctrl-C is raised anywhere again.
        return cast("list[Prediction[OutputT] | Get3WError]", batch.all_results())
    except BaseException as stop:
        batch.keep_results(stop)
        raise


class _Running:
    """A flow that is under way, and how it goes on: once there is an answer, or at a time."""

    __slots__ = ("flow", "item", "resume", "wake_at")

    def __init__(self, item: Item, flow: Flow[PredictionData]) -> None:
        self.item = item
        self.flow = flow
        self.resume: Callable[[], Send | Sleep | Work] | None = partial(next, flow)
        self.wake_at: float | None = None


class _Runner:
    """Runs the flows of a batch."""

    def __init__(
        self,
        batch: Batch[Prediction],
        session: Session,
        threads: Threads,
        wakes: SimpleQueue[None],
        interrupts: Interrupts,
    ) -> None:
        self._batch = batch
        self._session = session
        self._threads = threads
        self._wakes = wakes
        self._interrupts = interrupts
        self._running: dict[int, _Running] = {}

    def run(self) -> None:
        """Submit all, or as many as there were when an exception struck.

        Raises:
            BaseException: What struck.
        """
        try:
            while not self._is_done():
                self._go_on()
        except BaseException:
            self._stop(everything=False)
            try:
                while self._running:
                    self._interrupts.check()
                    with suppress(Exception):  # of `on_result`; the first one is raised
                        self._go_on()
            finally:
                self._stop(everything=True)
            raise

    def _is_done(self) -> bool:
        """Begin what may begin, and tell whether nothing is under way then."""
        self._interrupts.check()
        while (item := self._batch.take()) is not None:
            self._begin(item)
        return not self._running

    def _begin(self, item: Item) -> None:
        try:
            self._running[item.index] = _Running(item, self._batch.flow(item))
        except Get3WError as error:
            self._batch.fail(item, error)

    def _go_on(self) -> None:
        """Wait until a flow can go on, and let all that can do so."""
        now = time.monotonic()
        ready = [each for each in self._running.values() if _is_ready(each, now)]
        if not ready:
            times = [each.wake_at for each in self._running.values() if each.wake_at is not None]
            with suppress(Empty):
                self._wakes.get(timeout=max(min([*times, now + _LONGEST_WAIT]) - now, 0.0))
        for running in ready:
            self._step(running)

    def _step(self, running: _Running) -> None:
        try:
            self._advance(running)
        except BaseException:
            self._give_up(running)
            raise

    def _advance(self, running: _Running) -> None:
        item, resume = running.item, running.resume or partial(next, running.flow)
        running.resume = running.wake_at = None
        item.sending = False
        try:
            self._carry_out(running, resume())
        except StopIteration as end:
            self._batch.accept(item, end.value)
            del self._running[item.index]
        except Get3WError as error:
            self._batch.fail(item, error)
            del self._running[item.index]

    def _carry_out(self, running: _Running, effect: Send | Sleep | Work) -> None:
        if self._batch.stopped:
            self._give_up(running)
            return
        if isinstance(effect, Sleep):
            log_pause(effect)
            running.wake_at = time.monotonic() + effect.seconds
            return
        # An upload costs nothing and need not be waited for.
        running.item.sending = isinstance(effect, Send) and effect.request.part is None
        self._threads.call(partial(self._answer, running, effect))

    def _answer(self, running: _Running, effect: Send | Work) -> None:
        """Carry out *effect*, in a thread."""
        flow = running.flow
        try:
            if isinstance(effect, Send):
                running.resume = partial(flow.send, self._session.send(effect.request))
            else:
                effect.run()
                running.resume = partial(next, flow)
        except BaseException as error:  # noqa: BLE001 - the flow adds what it knows
            running.resume = partial(flow.throw, error)
        self._wakes.put(None)

    def _stop(self, *, everything: bool) -> None:
        """Begin no more submits, and end those that are not on their way, or all."""
        self._batch.stopped = True
        for running in list(self._running.values()):
            if everything or not running.item.sending:
                with suppress(BaseException):  # of `on_result`; another one is to be raised
                    self._give_up(running)

    def _give_up(self, running: _Running) -> None:
        """End a flow, and keep what it says of its submit then."""
        with suppress(BaseException):
            running.flow.throw(KeyboardInterrupt())
        try:
            self._batch.abandon(running.item)
        finally:
            self._running.pop(running.item.index, None)


def _is_ready(running: _Running, now: float) -> bool:
    return running.resume is not None or (running.wake_at is not None and running.wake_at <= now)
