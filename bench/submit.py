"""Time submits: ours against bare clients of httpx and httpx2, and other vendors' SDKs.

What is not installed (httpx2, httpx-aiohttp, openai, wavespeed) is left out.

Everything sends the same bytes to the same server in the same run. Since machines are noisy, the
contestants take turns, and what counts are the ratios of neighbouring turns.

    python bench/submit.py [--rounds 5] [--scale 1.0]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import threading
import time
from contextlib import AsyncExitStack, ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from statistics import median
from typing import TYPE_CHECKING, Any

import httpx
from get3w_core import AsyncClient, Client
from get3w_models import FluxDevRequest
from server import running
from surroundings import show_surroundings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

KEY = "sk-0123456789abcdef"
MODEL = "get3w/flux-dev"
FIELDS: dict[str, Any] = {
    "prompt": "a lighthouse at dusk, oil on canvas, wide",
    "width": 1024,
    "height": 1024,
}
SDKS = ("openai", "openai, aiohttp", "wavespeed")
OPENAI_FIELDS: dict[str, Any] = {
    "prompt": FIELDS["prompt"],
    "model": "gpt-image-1",
    "size": "1024x1024",
}
HEADERS = {"Authorization": f"Bearer {KEY}"}
# By itself httpx keeps 20 connections and throws away what a crowd opens beyond them. Ours keeps
# 100; a client of httpx that is set up to do so too is the like-for-like comparison.
ALIKE = "httpx 100"
# An answer that takes 10 ms, which is little for a service far away, keeps all 64 calls waiting at
# once. A server next door answers so fast that threads hardly ever overlap.
SLOW = ", 10 ms"
LIMITS: dict[str, httpx.Limits] = {
    "httpx": httpx.Limits(max_connections=100, max_keepalive_connections=20),
    ALIKE: httpx.Limits(max_connections=100, max_keepalive_connections=100),
}


@dataclass
class Table:
    """Rates by row and contestant, one for each round."""

    rates: dict[tuple[str, str], list[float]] = field(default_factory=dict)

    def add(self, row: str, contestant: str, rate: float) -> None:
        """Add a rate."""
        self.rates.setdefault((row, contestant), []).append(rate)

    def show(self) -> None:
        """Print minimum, median and maximum of each rate."""
        print(f"{'requests/s':32}{'min':>9}{'median':>9}{'max':>9}")
        for (row, contestant), rates in self.rates.items():
            low, middle, high = min(rates), median(rates), max(rates)
            print(f"{row + ': ' + contestant:32}{low:9.0f}{middle:9.0f}{high:9.0f}")

    def ratio(self, title: str, target: str, top: tuple[str, str], bottom: tuple[str, str]) -> None:
        """Print a ratio of neighbouring turns beside its target."""
        with suppress(KeyError):
            pairs = zip(self.rates[top], self.rates[bottom], strict=True)
            ratios = [above / below for above, below in pairs]
            low, middle, high = min(ratios), median(ratios), max(ratios)
            print(f"{title:52}{target:>9}{low:9.2f}{middle:9.2f}{high:9.2f}")


def sequential(call: Callable[[], object], count: int) -> float:
    """Return the calls a second, one after the other."""
    start = time.perf_counter()
    for _ in range(count):
        call()
    return count / (time.perf_counter() - start)


def threaded(call: Callable[[], object], threads: int, count: int) -> float:
    """Return the calls a second with *threads* at it."""
    each = count // threads

    def work() -> None:
        for _ in range(each):
            call()

    workers = [threading.Thread(target=work) for _ in range(threads)]
    start = time.perf_counter()
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return each * threads / (time.perf_counter() - start)


async def in_flight(call: Callable[[], Awaitable[object]], workers: int, count: int) -> float:
    """Return the calls a second with *workers* calls under way."""
    left = iter(range(count))

    async def work() -> None:
        for _ in left:
            await call()

    start = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(workers)))
    return count / (time.perf_counter() - start)


def run_in_turn(table: Table, origin: str, scale: float) -> None:
    """Take one round of those who send one request after the other."""
    request, url = FluxDevRequest(**FIELDS), f"{origin}/api/v3/{MODEL}"
    with Client(KEY, origin) as client, httpx.Client(headers=HEADERS) as bare:
        calls: dict[str, Callable[[], object]] = {
            "ours": partial(client.submit, request),
            "httpx": partial(post, bare, url),
            **wavespeed_submit(origin),
        }
        for name, call in calls.items():
            call()
            table.add("in turn", name, sequential(call, int(600 * scale)))


def run_sync(table: Table, origin: str, scale: float, crowds: dict[int, str]) -> None:
    """Take one round of the threads: rows by their number."""
    request, url = FluxDevRequest(**FIELDS), f"{origin}/api/v3/{MODEL}"
    with ExitStack() as stack:
        client = stack.enter_context(Client(KEY, origin))
        calls: dict[str, Callable[[], object]] = {"ours": partial(client.submit, request)}
        for name, limits in LIMITS.items():
            bare = stack.enter_context(httpx.Client(headers=HEADERS, limits=limits))
            calls[name] = partial(post, bare, url)
        for name, make in stock_clients("Client").items():
            inner = stack.enter_context(make())
            ours = stack.enter_context(Client(KEY, origin, http_client=inner))
            calls[f"ours over {name}"] = partial(ours.submit, request)
            if name != "httpx":
                calls[name] = partial(post, stack.enter_context(make()), url)
        calls |= wavespeed_submit(origin) | openai_call(stack, origin)
        for threads, row in crowds.items():
            count = int((2560 if threads > 8 else 1280) * scale)
            for name, call in calls.items():
                table.add(row, name, threaded(call, threads, count))


def post(client: httpx.Client, url: str) -> object:
    """Do what takes the place of a submit."""
    return client.post(url, json=FIELDS).json()


async def run_async(table: Table, origin: str, scale: float, crowds: dict[int, str]) -> None:
    """Take one round of the tasks: rows by their number."""
    request, url = FluxDevRequest(**FIELDS), f"{origin}/api/v3/{MODEL}"
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(AsyncClient(KEY, origin))
        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "ours": partial(client.submit, request)
        }
        for name, limits in LIMITS.items():
            # The five seconds that it waits for a free connection do not last at 256.
            bare = httpx.AsyncClient(headers=HEADERS, limits=limits, timeout=120)
            calls[name] = partial(post_async, await stack.enter_async_context(bare), url)
        for name, make in stock_clients("AsyncClient").items():
            inner = await stack.enter_async_context(make())
            ours = await stack.enter_async_context(AsyncClient(KEY, origin, http_client=inner))
            calls[f"ours over {name}"] = partial(ours.submit, request)
            if name != "httpx":
                calls[name] = partial(post_async, await stack.enter_async_context(make()), url)
        for name, call in openai_calls_async(origin).items():
            sdk, calls[name] = call
            stack.push_async_callback(sdk.close)
        for workers, row in crowds.items():
            for name, call in calls.items():
                count = int((2000 if name == "ours" else 1000) * scale)
                table.add(row, name, await in_flight(call, workers, count))


async def post_async(client: httpx.AsyncClient, url: str) -> object:
    """Do what takes the place of a submit."""
    return (await client.post(url, json=FIELDS)).json()


def stock_clients(kind: str) -> dict[str, Callable[[], Any]]:
    """Return what makes clients of httpx's kind, of the libraries that are installed."""
    made: dict[str, Callable[[], Any]] = {}
    for name in ("httpx", "httpx2"):
        with suppress(ImportError):
            library = import_module(name)
            limits = library.Limits(max_connections=100, max_keepalive_connections=100)
            make = partial(getattr(library, kind), headers=HEADERS, limits=limits, timeout=120)
            made[name] = make
    if kind == "AsyncClient":
        with suppress(ImportError):
            aiohttp = import_module("httpx_aiohttp")
            made["httpx-aiohttp"] = partial(aiohttp.HttpxAiohttpClient, headers=HEADERS)
    return made


def openai_call(stack: ExitStack, origin: str) -> dict[str, Callable[[], object]]:
    """Return a call of openai's SDK that takes the place of a submit, if it is installed."""
    try:
        from openai import OpenAI
    except ImportError:
        return {}
    sdk = stack.enter_context(OpenAI(api_key=KEY, base_url=f"{origin}/v1", max_retries=0))
    return {"openai": partial(sdk.images.generate, **OPENAI_FIELDS)}


def openai_calls_async(origin: str) -> dict[str, tuple[Any, Callable[[], Awaitable[object]]]]:
    """Return what `openai_call` does for asyncio, also over aiohttp, if that is installed."""
    try:
        from openai import AsyncOpenAI, DefaultAioHttpClient
    except ImportError:
        return {}
    options: dict[str, Any] = {"api_key": KEY, "base_url": f"{origin}/v1", "max_retries": 0}
    made: dict[str, Any] = {"openai": AsyncOpenAI(**options)}
    with suppress(ImportError, RuntimeError):
        made["openai, aiohttp"] = AsyncOpenAI(**options, http_client=DefaultAioHttpClient())
    return {
        name: (sdk, partial(sdk.images.generate, **OPENAI_FIELDS)) for name, sdk in made.items()
    }


def wavespeed_submit(origin: str) -> dict[str, Callable[[], object]]:
    """Return the other package's own submit, if it is installed."""
    try:
        from wavespeed.api.client import Client as WaveSpeed
    except ImportError:
        return {}
    return {"wavespeed": partial(WaveSpeed(api_key=KEY, base_url=origin)._submit, MODEL, FIELDS)}


def main() -> None:
    """Run every contestant in turn, and print the table."""
    parser = argparse.ArgumentParser(description="Time submits against a local server.")
    parser.add_argument("--rounds", type=int, default=5, help="turns of every contestant")
    parser.add_argument(
        "--scale", type=float, default=1.0, help="multiplies the requests of a turn"
    )
    chosen = parser.parse_args()
    show_surroundings(
        "get3w-models",
        "httpx",
        "httpx2",
        "httpx-aiohttp",
        "openai",
        "httpcore",
        "h11",
        "pydantic",
        "wavespeed",
        "requests",
        "uvicorn",
        "httptools",
        "uvloop",
    )
    table = Table()
    scale = chosen.scale
    threads = {number: f"{number} threads" for number in (1, 8, 64)}
    tasks = {number: f"{number} in flight" for number in (1, 8, 64, 256)}
    with running() as quick, running(0.01) as slow:
        for turn in range(chosen.rounds):
            print(f"round {turn + 1} of {chosen.rounds}", file=sys.stderr)
            run_in_turn(table, quick, scale)
            run_sync(table, quick, scale, threads)
            run_sync(table, slow, scale, {64: threads[64] + SLOW})
            asyncio.run(run_async(table, quick, scale, tasks))
            asyncio.run(run_async(table, slow, scale, {64: tasks[64] + SLOW}))
    table.show()
    print(f"\n{'ratios of neighbouring turns':52}{'target':>9}{'min':>9}{'median':>9}{'max':>9}")
    in_turn = "in turn"
    table.ratio("in turn, ours to wavespeed", ">= 2.5", (in_turn, "ours"), (in_turn, "wavespeed"))
    # While this holds our own pool stays; see docs/decisions/http.md.
    for row in (tasks[8], tasks[64], tasks[256], threads[64]):
        for sdk in SDKS:
            table.ratio(f"{row}, ours to {sdk}", ">= 1.5", (row, "ours"), (row, sdk))
        for other in ("ours over httpx", "ours over httpx2"):
            table.ratio(f"{row}, ours to {other}", "", (row, "ours"), (row, other))


if __name__ == "__main__":
    main()
