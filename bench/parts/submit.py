"""Time submits, and what they take of the processor: ours beside bare clients and other SDKs.

Everything sends the same bytes to the same server in the same run. Since machines are noisy, the
contestants take short turns, and what counts are the ratios of neighbouring turns.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
import threading
import time
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench.common.certificate import VARIABLES, make_certificate
from bench.common.page import Measure, Page
from bench.common.server import running
from bench.parts.contestants import async_calls, sync_calls

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from bench.common.effort import Effort
    from bench.common.figures import Recorder

PAGE = Page(
    "Submits",
    (
        Measure("rate", "submits a second", more_is_better=True, digits=0),
        Measure("cpu", "processor time a submit, ms", digits=2),
    ),
    axis="at once",
    compared=(1, 64),
    environment="peers",
)
VERSIONS = (
    *("get3w-models", "httpx", "httpcore", "httpx2", "httpx-aiohttp", "aiohttp", "openai"),
    *("wavespeed", "requests", "pydantic", "uvicorn", "httptools", "uvloop"),
)
SECONDS = 0.5
"""Of one turn: short, so that neighbouring turns meet the same machine."""
# An answer that takes 10 ms, which is little for a service far away, keeps all calls waiting at
# once. A server next door answers so fast that threads hardly ever overlap.
SLOW = 0.01
CROWDS = {
    "threads": (1, 8, 64),
    "asyncio": (1, 8, 64, 256),
    "threads over TLS": (1, 64),
    "asyncio over TLS": (1, 64),
    "threads, answers in 10 ms": (64,),
    "asyncio, answers in 10 ms": (64,),
}
SDKS = ("httpx2", "httpx-aiohttp", "openai", "openai over aiohttp", "wavespeed")


@dataclass
class Outcome:
    """What became of the calls of a turn."""

    done: int = 0
    failures: dict[str, int] = field(default_factory=dict)

    def fail(self, error: Exception) -> None:
        """Count a call that failed, by the name of its error."""
        name = type(error).__name__
        self.failures[name] = self.failures.get(name, 0) + 1

    @property
    def total(self) -> int:
        """How many calls there were."""
        return self.done + sum(self.failures.values())


def threaded(call: Callable[[], object], crowd: int, seconds: float) -> Outcome:
    """Call over and over from *crowd* threads for some seconds, each at least once."""
    end = time.perf_counter() + seconds
    outcomes = [Outcome() for _ in range(crowd)]

    def work(outcome: Outcome) -> None:
        while not outcome.total or time.perf_counter() < end:
            try:
                call()
                outcome.done += 1
            except Exception as error:  # noqa: BLE001 - of any library; the turn goes on
                outcome.fail(error)

    workers = [threading.Thread(target=work, args=(outcome,)) for outcome in outcomes]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    failures: dict[str, int] = {}
    for outcome in outcomes:
        for name, count in outcome.failures.items():
            failures[name] = failures.get(name, 0) + count
    return Outcome(sum(outcome.done for outcome in outcomes), failures)


async def in_flight(call: Callable[[], Awaitable[object]], crowd: int, seconds: float) -> Outcome:
    """Keep *crowd* calls under way for some seconds."""
    end = time.perf_counter() + seconds
    outcome = Outcome()

    async def work() -> None:
        while not outcome.total or time.perf_counter() < end:
            try:
                await call()
                outcome.done += 1
            except Exception as error:  # noqa: BLE001 - of any library; the turn goes on
                outcome.fail(error)

    await asyncio.gather(*(work() for _ in range(crowd)))
    return outcome


class Turn:
    """Measures one turn: the time by the clock, and this process's of the processors."""

    def __init__(self, recorder: Recorder, setting: str, name: str, crowd: int) -> None:
        self._place = (recorder, setting, name, crowd)
        self._start, self._used = time.perf_counter(), time.process_time()

    def end(self, outcome: Outcome) -> None:
        """Record what the calls took, and which failed."""
        recorder, setting, name, crowd = self._place
        seconds, used = time.perf_counter() - self._start, time.process_time() - self._used
        recorder.add("rate", setting, name, outcome.done / seconds, crowd)
        recorder.add("cpu", setting, name, used * 1000 / outcome.total, crowd)
        for error, count in outcome.failures.items():
            recorder.remark(
                f"{name}, {setting}, {crowd} at once: {count} of {outcome.total} calls failed in a "
                f"round ({error})."
            )


def take_threads(
    recorder: Recorder, setting: str, crowds: list[int], origin: str, seconds: float
) -> None:
    """Take one round of a setting with threads."""
    with ExitStack() as stack:
        calls = sync_calls(stack, origin)
        for crowd in crowds:
            for name, call in calls.items():
                threaded(call, crowd, seconds / 10)  # opens the connections
                turn = Turn(recorder, setting, name, crowd)
                turn.end(threaded(call, crowd, seconds))


async def take_asyncio(
    recorder: Recorder, setting: str, crowds: list[int], origin: str, seconds: float
) -> None:
    """Take one round of a setting with asyncio."""
    async with AsyncExitStack() as stack:
        calls = await async_calls(stack, origin)
        for crowd in crowds:
            for name, call in calls.items():
                await in_flight(call, crowd, seconds / 10)
                turn = Turn(recorder, setting, name, crowd)
                turn.end(await in_flight(call, crowd, seconds))


def measure(recorder: Recorder, effort: Effort) -> None:
    """Take every setting in turn, round by round."""
    seconds = effort.pick(SECONDS, 0.02)
    with ExitStack() as stack:
        certificate = make_certificate(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        os.environ |= dict.fromkeys(VARIABLES, str(certificate))
        plain = stack.enter_context(running())
        secure = stack.enter_context(running(certificate=certificate))
        slow = stack.enter_context(running(SLOW))
        for _ in range(effort.rounds(4)):
            for setting, all_crowds in CROWDS.items():
                crowds = [crowd for crowd in all_crowds if crowd <= effort.pick(256, 8)]
                origin = secure if "TLS" in setting else slow if "10 ms" in setting else plain
                if setting.startswith("threads"):
                    take_threads(recorder, setting, crowds, origin, seconds)
                else:
                    asyncio.run(take_asyncio(recorder, setting, crowds, origin, seconds))
    seen = {figure.contestant.removesuffix(", bare") for figure in recorder.figures.values()}
    for name in (each for each in SDKS if each not in seen):
        recorder.leave_out(name, "not installed")
