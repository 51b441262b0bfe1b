"""Run a batch beside a bare asyncio loop over the same client, and watch its memory.

Both send the same requests to the same emulator, which runs in a process of its own, and wait for
each task; files are not saved. They take turns. The batch keeps its journal in a temporary folder.
"""

from __future__ import annotations

import asyncio
import gc
import os
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import httpx
from get3w_batch import Batch
from get3w_core import AsyncClient
from get3w_models import FluxDevRequest

from bench.common.page import Measure, Page
from bench.common.processes import megabytes, printing_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.common.effort import Effort
    from bench.common.figures import Recorder

PAGE = Page(
    "Batches",
    (
        Measure("rate", "rows a second", more_is_better=True, digits=0),
        Measure("cpu", "processor time a row, ms", digits=2),
        Measure("memory", "memory added by the last quarter, MB", fitted=False, compared=False),
    ),
    ours="batch",
    axis="rows",
)
VERSIONS = ("sqlalchemy", "psycopg", "httpx", "pydantic")
SETTING = "pictures"
CONCURRENCY = 64
SIZES = (500, 1000, 2000, 4000)


def requests(name: str, count: int) -> Iterator[FluxDevRequest]:
    """Yield requests of which no two are equal."""
    return (FluxDevRequest(prompt=f"{name} {n}", width=16, height=16) for n in range(count))


async def bare(client: AsyncClient, name: str, count: int) -> None:
    """Run a loop that keeps nothing."""
    left = requests(name, count)

    async def work() -> None:
        for request in left:
            await (await client.submit(request)).wait(timeout=None)

    await asyncio.gather(*(work() for _ in range(CONCURRENCY)))


async def batched(client: AsyncClient, name: str, count: int, folder: Path) -> float:
    """Run a batch; return its memory in the last quarter of the rows."""
    batch = Batch(
        requests(name, count),
        journal=folder / "journal.sqlite",
        out=folder / "out",
        client=client,
        concurrency=CONCURRENCY,
        download=False,
    )
    last = []
    running = asyncio.create_task(batch.run_async())
    while not running.done():
        if batch.progress().settled * 4 > count * 3:
            last.append(megabytes())
        await asyncio.wait({running}, timeout=0.05)
    summary = running.result()
    assert {"completed": count} == summary.counts, summary
    assert count == sum(1 for _ in (folder / "out/results.jsonl").open())
    return median(last or [megabytes()])


async def take(recorder: Recorder, url: str, count: int, number: int, folder: Path) -> None:
    """Take one round of both."""

    def add(name: str, began: tuple[float, float]) -> None:
        recorder.add("rate", SETTING, name, count / (time.perf_counter() - began[0]), count)
        used = time.process_time() - began[1]
        recorder.add("cpu", SETTING, name, used * 1000 / count, count)

    async with AsyncClient(api_key="test-key", base_url=url) as client:
        gc.collect()
        before = megabytes()
        began = time.perf_counter(), time.process_time()
        await bare(client, f"bare {number}", count)
        add("bare loop", began)
        recorder.add("memory", SETTING, "bare loop", megabytes() - before, count)
        gc.collect()
        before = megabytes()
        began = time.perf_counter(), time.process_time()
        memory = await batched(client, f"batch {number}", count, folder)
        add("batch", began)
        recorder.add("memory", SETTING, "batch", memory - before, count)


def measure(recorder: Recorder, effort: Effort) -> None:
    """Take all sizes in turn, and account for every task.

    BENCH_ROWS names other numbers of rows.
    """
    asked = tuple(map(int, os.environ.get("BENCH_ROWS", "").split()))
    rounds, sizes = effort.rounds(2), effort.pick(asked or SIZES, (20,))
    options = "--listen 127.0.0.1:0 --image-seconds 0.05"
    command = [sys.executable, "-m", "get3w_emulator", *options.split()]
    number = 0
    with printing_server(command) as (url, _), tempfile.TemporaryDirectory() as scratch:
        for _ in range(rounds):
            for count in sizes:
                number += 1
                folder = Path(scratch) / str(number)
                folder.mkdir()
                asyncio.run(take(recorder, url, count, number, folder))
        submissions = httpx.get(f"{url}/_emulator/ledger", timeout=300).json()["submissions"]
    prompts = [each["input"]["prompt"] for each in submissions]
    paid = [each for each in prompts if each.startswith("batch")]
    assert rounds * sum(sizes) == len(paid) == len({*paid}), "a row was lost, or paid for twice"
    recorder.remark(f"All {len(paid):,} rows of the batches were paid for once, and none was lost.")
