"""Many submits under a random schedule of faults: nothing is ever billed twice.

Each worker has a line of its own, so that every fault is known to have struck this one submit, and
what has to come of it is known too. The clients and their pools are shared by all workers. A
failure names the seed of its schedule.
"""

import asyncio
import random
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, ExitStack
from dataclasses import dataclass, field

import httpx2
import pytest
from get3w_core import (
    APIError,
    AsyncClient,
    Client,
    ModelInfo,
    ModelRequest,
    SubmitOutcomeUnknownError,
)
from get3w_emulator import running

from . import faults as f
from .proxy import FIRST_BYTE, Proxy

STALL = 3.0  # the timeout of a submit that is sure to end in it; less, and a busy proxy reads late
LONG = 30.0  # the timeout of all others
MANY = 24  # threads, and as many tasks


def hint(status):
    return f.answers(status, headers=[("retry-after", "0.1")])


# The server certainly did nothing: the client sends again, and in the end it works.
SAFE = {
    "429 with Retry-After": hint(429),
    "429 with Retry-After, closing": f.answers(429, headers=[("retry-after", "0.1")], closing=True),
    "429 with retry_after in the body": f.answers(429, retry_after=0.1),
    "429 in the envelope of 200": f.envelope(429, retry_after=0.1),
    "429 before the body was read": f.answers_early(429, [("retry-after", "0.1")]),
    "429 without a hint": f.answers(429),
    "503 with Retry-After": hint(503),
    "503 with retry_after in the body": f.answers(503, retry_after=0.1),
}
SUCCESSES = {
    "": f.PASS,
    "closing": f.changed(headers=[("connection", "close")], closing=True),
    "chunks": f.CHUNKED,
    "103 first": f.changed(ahead=b"HTTP/1.1 103 Hints\r\n\r\n"),
}
# The client cannot know; how many tasks there are then.
UNKNOWN = {
    "reset before the request": (f.RESET_AT_FIRST_BYTE, 0),
    "closed before the request": (f.CLOSE_AT_FIRST_BYTE, 0),
    "reset before the server": (f.RESET_BEFORE_SERVER, 0),
    "closed before the server": (f.CLOSE_BEFORE_SERVER, 0),
    "stall before the server": (f.STALL_BEFORE_SERVER, 0),
    "500": (f.answers(500), 0),
    "502 HTML": (f.answers(502, b"<html>"), 0),
    "503 without a hint": (f.answers(503), 0),
    "504 with a hint": (hint(504), 0),
    "302": (f.answers(302, b"", [("location", "/")]), 0),
    "garbage": (f.says(b"garbage\r\n\r\n"), 0),
    "reset after the server": (f.RESET_AFTER_SERVER, 1),
    "closed after the server": (f.CLOSE_AFTER_SERVER, 1),
    "stall after the server": (f.STALL_AFTER_SERVER, 1),
    "headers cut": (f.cut("head", "close"), 1),
    "headers stall": (f.cut("head", "stall"), 1),
    "body cut": (f.cut("body", "reset"), 1),
    "body stalls": (f.cut("body", "stall"), 1),
    "chunks without an end": (f.CHUNKS_WITHOUT_END, 1),
    "malformed": (f.changed(lambda body: body[:-1]), 1),
    "no id": (f.edited(id=...), 1),
    "empty": (f.changed(b""), 1),
    "204": (f.changed(b"", status=204), 1),
    "429 with a task": (f.changed(status=429), 1),
}
REJECTED = {str(status): f.answers(status) for status in (400, 401, 403, 404, 409, 413, 422)}


@dataclass(frozen=True)
class Plan:
    """What will happen to one submit, and what has to come of it."""

    number: int
    surface: str
    names: tuple[str, ...]
    faults: tuple
    shut: bool = False
    ends: type | None = None
    tasks: int = 1

    @property
    def prompt(self):
        return f"{self.number} {self.surface}: {', '.join(filter(None, self.names))}"

    @property
    def posts(self):
        # At the first byte there is no whole request yet.
        return sum(fault.stage != FIRST_BYTE for fault in self.faults)

    @property
    def was_held_up(self):
        return self.shut or len(self.faults) > 1

    @property
    def timeout(self):
        return STALL if "stall" in self.prompt else LONG

    def right(self, result, posts):
        """Tell whether this is what has to come of it, so far as the client and proxy see."""
        kind = type(result) if isinstance(result, Exception) else None
        fits = issubclass(kind, self.ends) if kind and self.ends else kind is self.ends
        return fits and posts == self.posts


def planned(number, chance):
    """Draw what happens to one submit."""
    shut = chance.random() < 0.04
    names = [chance.choice(list(SAFE)) for _ in range(chance.choice([0, 0, 0, 0, 1, 1, 2]))]
    script = [SAFE[name] for name in names]
    dice = chance.random()
    if dice < 0.3:
        name = chance.choice(list(UNKNOWN))
        last, tasks = UNKNOWN[name]
        ends = SubmitOutcomeUnknownError
    elif dice < 0.34:
        name = chance.choice(list(REJECTED))
        last, tasks, ends = REJECTED[name], 0, APIError
    else:
        name = chance.choice(list(SUCCESSES))
        last, tasks, ends = SUCCESSES[name], 1, None
    names = ["refused connection"] * shut + [*names, name]
    surface = chance.choice(["v3", "v1"])
    return Plan(number, surface, tuple(names), (*script, last), shut, ends, tasks)


@dataclass
class Tally:
    """What came of all of them."""

    results: dict = field(default_factory=dict)
    wrong: list = field(default_factory=list)

    def note(self, plan, line, result):
        """Keep what came of one submit."""
        self.results[plan] = result
        if not plan.right(result, line.posts) or line.errors:
            self.wrong.append((plan.prompt, repr(result), line.posts, plan.posts, line.errors))
        line.posts = 0


def soak(count, seed, library=None):
    """Run *count* submits, half of them by threads, half by tasks, and return what was seen.

    They go over clients of *library*, or over the package's own.
    """
    chance = random.Random(seed)
    plans = [planned(number, chance) for number in range(count)]
    tally = Tally()
    with running(image_seconds=0) as emulator:
        proxy = Proxy(emulator.url)
        try:
            with ThreadPoolExecutor(1) as beside:
                tasks = beside.submit(
                    lambda: asyncio.run(by_tasks(proxy, plans[1::2], tally, library))
                )
                by_threads(proxy, plans[::2], tally, library)
                tasks.result()
        finally:
            proxy.close()
        ledger = Counter(entry.input["prompt"] for entry in emulator.ledger())
    return tally, ledger


def options(line, plan):
    return {"base_url": line.url, "surface": plan.surface, "timeout": plan.timeout}


def by_threads(proxy, plans, tally, library):
    """Share *plans* among threads that share a client."""
    with ExitStack() as stack:
        inner = library and stack.enter_context(library.Client())
        client = stack.enter_context(Client("test-key", http_client=inner))
        pool = stack.enter_context(ThreadPoolExecutor(MANY))

        def work(share):
            line = proxy.line()
            for plan in share:
                if plan.shut:
                    line.shut(0.1)
                line.play(*plan.faults)
                try:
                    request = SoakRequest(prompt=plan.prompt)
                    result = client.with_options(**options(line, plan)).submit(request)
                except Exception as error:  # noqa: BLE001 - judged by the plan
                    result = error
                tally.note(plan, line, result)
            line.close()

        for future in [pool.submit(work, plans[at::MANY]) for at in range(MANY)]:
            future.result()


async def by_tasks(proxy, plans, tally, library):
    """Share *plans* among tasks that share a client."""
    async with AsyncExitStack() as stack:
        inner = library and await stack.enter_async_context(library.AsyncClient())
        client = await stack.enter_async_context(AsyncClient("test-key", http_client=inner))

        async def work(share):
            line = await asyncio.to_thread(proxy.line)
            for plan in share:
                if plan.shut:
                    await line.shut_async(0.1)
                line.play(*plan.faults)
                try:
                    request = SoakRequest(prompt=plan.prompt)
                    result = await client.with_options(**options(line, plan)).submit(request)
                except Exception as error:  # noqa: BLE001 - judged by the plan
                    result = error
                tally.note(plan, line, result)
            await asyncio.to_thread(line.close)

        await asyncio.gather(*[work(plans[at::MANY]) for at in range(MANY)])


class SoakRequest(ModelRequest):
    """The input of a real model, without what generated code adds."""

    __model__ = ModelInfo("get3w/flux-dev")

    prompt: str


@pytest.mark.parametrize("library", [None, httpx2], ids=["own pool", "httpx2"])
@pytest.mark.parametrize(
    ("count", "seed"),
    [pytest.param(300, 4), pytest.param(10_000, None, marks=pytest.mark.soak)],
    ids=["sample", "all"],
)
def test_nothing_is_billed_twice(count, seed, library):
    """Every submit ends as its faults demand, with as many tasks, and none has two."""
    seed = random.randrange(10**6) if seed is None else seed
    print(f"\nover {library.__name__ if library else 'own pool'}, seed {seed}")
    started = time.monotonic()
    tally, ledger = soak(count, seed, library)
    report(tally, ledger, time.monotonic() - started)

    assert [] == tally.wrong
    assert count == len(tally.results)
    assert 1 == max(ledger.values())
    assert {plan.prompt: plan.tasks for plan in tally.results if plan.tasks} == ledger


def report(tally, ledger, seconds):
    """Print the figures that `docs/faults.md` quotes."""
    plans = tally.results
    struck = Counter(name for plan in plans for name in plan.names if name)
    ended = Counter(
        type(result).__name__ if isinstance(result, Exception) else "success"
        for result in plans.values()
    )
    safe = [plan for plan in plans if plan.ends is None and plan.was_held_up]
    succeeded = sum(not isinstance(plans[plan], Exception) for plan in safe)
    unknown = [plan for plan in plans if plan.ends is SubmitOutcomeUnknownError]
    raised = sum(isinstance(plans[plan], SubmitOutcomeUnknownError) for plan in unknown)
    doubled = sum(many - 1 for many in ledger.values())
    print(f"{len(plans)} submits, {sum(plan.posts for plan in plans)} POSTs, {seconds:.0f} s")
    print(f"held up by what is safe, and sent again: {len(safe)}, ended in success: {succeeded}")
    print(f"unknown: {len(unknown)}, raised SubmitOutcomeUnknownError: {raised}")
    print(f"tasks in the ledger: {sum(ledger.values())}, duplicates: {doubled}")
    print(f"ended in: {dict(ended.most_common())}")
    print(f"what happened, {len(struck)} kinds: {dict(struck.most_common())}")
