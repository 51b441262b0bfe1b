"""Every fault, both clients, both surfaces: the error, the POSTs, and what was billed."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import pairwise, product

import httpx
import httpx2
import pytest
from get3w_core import AsyncClient, Client, Get3WError

from .cases import CASES
from .table import DOCUMENT, written

# The last two are what is used when the environment names a proxy, or a client is passed in.
SIDES = (
    *("sync", "async", "sync over httpx", "async over httpx"),
    *("sync over httpx2", "async over httpx2"),
)
VARIANTS = tuple(product(SIDES, ("v3", "v1")))


@dataclass(frozen=True)
class Seen:
    """What came of one submit."""

    ends: type | None
    posts: int
    tasks: int
    named: bool
    paused: bool
    retry_after: float | None


class Runner:
    """Runs a row with all clients on both surfaces at once: most of it is waiting."""

    def __init__(self, proxy, emulator, clients, loop, draw):
        self.proxy = proxy
        self.emulator = emulator
        self.clients = dict(zip(SIDES, clients, strict=True))
        self.loop = loop
        self.draw = draw
        self.pool = ThreadPoolExecutor(6)

    def seen(self, case):
        """Return what each variant of *case* came to."""
        started = [self._started(case, *variant) for variant in VARIANTS]
        ended = [(variant, line, future.result(30)) for variant, line, future in started]
        for _, line, _ in ended:
            line.close()
        tasks = Counter(entry.input["prompt"] for entry in self.emulator.ledger())
        return {
            variant: self._judged(case, line, end, tasks[prompt(case, *variant)])
            for variant, line, end in ended
        }

    def _started(self, case, side, surface):
        line = self.proxy.line(*case.faults)
        if case.port == "shut":
            line.shut()
        elif case.port == "deaf":
            line.deafen()
        elif case.port is not None:
            line.shut(case.port)
        client = self.clients[side].with_options(
            base_url=line.url, surface=surface, timeout=case.timeout, submit_deadline=case.deadline
        )
        request = self.draw(prompt=prompt(case, side, surface))
        if isinstance(client, Client):
            future = self.pool.submit(outcome, client, request)
        else:
            future = asyncio.run_coroutine_threadsafe(outcome_async(client, request), self.loop)
        return (side, surface), line, future

    def _judged(self, case, line, ended, tasks):
        assert [] == line.errors
        error = ended if isinstance(ended, Exception) else None
        if error is not None and not isinstance(error, Get3WError):
            raise error
        identity = ended.prediction_id if error is not None else ended.id
        # No id but the one that the server gave is ever named.
        assert identity is None or [identity] == line.ids
        gaps = [after - before for before, after in pairwise(line.times)]
        return Seen(
            ends=None if error is None else type(error),
            posts=line.posts,
            tasks=tasks,
            named=error is not None and identity is not None,
            paused=min(gaps, default=case.pause) >= case.pause,
            retry_after=getattr(error, "retry_after", None),
        )


def prompt(case, side, surface):
    return f"{case.what}, {side}, {surface}"


def outcome(client, request):
    try:
        return client.submit(request)
    except Exception as error:  # noqa: BLE001 - judged by the test
        return error


async def outcome_async(client, request):
    try:
        return await client.submit(request)
    except Exception as error:  # noqa: BLE001 - judged by the test
        return error


@pytest.fixture(scope="module")
def over_clients(key, loop):
    """Both clients with a client of httpx, and of httpx2, passed in."""
    made = []
    with ExitStack() as stack:
        for library in (httpx, httpx2):
            limits = library.Limits(keepalive_expiry=2)
            outer = library.AsyncClient(limits=limits)
            made += [
                Client(key, http_client=stack.enter_context(library.Client(limits=limits))),
                AsyncClient(key, http_client=outer),
            ]
            stack.callback(
                lambda it: asyncio.run_coroutine_threadsafe(it, loop).result(), outer.aclose()
            )
        yield made


@pytest.fixture(scope="module")
def runner(proxy, emulator, sync_client, async_client, over_clients, loop, draw):
    clients = [sync_client, async_client, *over_clients]
    runner = Runner(proxy, emulator, clients, loop, draw)
    yield runner
    runner.pool.shutdown()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.what)
def test_submit(case, runner):
    """A fault ends in its error after its number of POSTs, and never in two tasks."""
    expected = Seen(
        ends=case.ends,
        posts=case.posts,
        tasks=case.tasks,
        named=case.named,
        paused=True,
        retry_after=case.retry_after,
    )

    assert dict.fromkeys(VARIANTS, expected) == runner.seen(case)


def test_rows_are_many_and_apart():
    """The matrix has at least 40 rows, and no two of one name."""
    assert len(CASES) == len({case.what for case in CASES}) >= 40


def test_documented_table_is_the_matrix():
    """`docs/faults.md` shows every row; `python -m tests.faults.table` writes them."""
    document = DOCUMENT.read_text(encoding="utf-8")

    assert document == written(document)
