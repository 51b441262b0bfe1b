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
        Measure("memory", "memory in the last quarter, MB", fitted=False, compared=False),
        Measure("growth", "that to the second quarter", fitted=False, compared=False, digits=2),
    ),
    ours="batch",
    axis="rows",
)
VERSIONS = ("sqlalchemy", "psycopg", "httpx", "pydantic")
# How long a picture takes, by setting: as in the emulator of itself, and next to nothing.
SECONDS = {"pictures of 1 s": 1.0, "pictures of 0.05 s, where the processor is the limit": 0.05}
CONCURRENCY = 64
SIZES = (500, 1000, 2000, 4000)
LONGEST = 2000  # rows of pictures that take their time


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


async def batched(client: AsyncClient, name: str, count: int, folder: Path) -> tuple[float, float]:
    """Run a batch; return the memory in the second and in the last quarter of the rows."""
    batch = Batch(
        requests(name, count),
        journal=folder / "journal.sqlite",
        out=folder / "out",
        client=client,
        concurrency=CONCURRENCY,
        download=False,
    )
    quarters: list[list[float]] = [[], [], [], []]
    running = asyncio.create_task(batch.run_async())
    while not running.done():
        quarters[min(3, batch.progress().settled * 4 // count)].append(megabytes())
        await asyncio.wait({running}, timeout=0.05)
    summary = running.result()
    assert {"completed": count} == summary.counts, summary
    assert count == sum(1 for _ in (folder / "out/results.jsonl").open())
    second, last = (median(quarter or [megabytes()]) for quarter in (quarters[1], quarters[3]))
    return second, last


async def take(
    recorder: Recorder, setting: str, url: str, count: int, number: int, folder: Path
) -> None:
    """Take one round of both."""

    def add(name: str, began: tuple[float, float]) -> None:
        recorder.add("rate", setting, name, count / (time.perf_counter() - began[0]), count)
        used = time.process_time() - began[1]
        recorder.add("cpu", setting, name, used * 1000 / count, count)

    async with AsyncClient(api_key="test-key", base_url=url) as client:
        gc.collect()
        began = time.perf_counter(), time.process_time()
        await bare(client, f"bare {number}", count)
        add("bare loop", began)
        recorder.add("memory", setting, "bare loop", megabytes(), count)
        gc.collect()
        began = time.perf_counter(), time.process_time()
        second, last = await batched(client, f"batch {number}", count, folder)
        add("batch", began)
        recorder.add("memory", setting, "batch", last, count)
        recorder.add("growth", setting, "batch", last / second, count)


def measure(recorder: Recorder, effort: Effort) -> None:
    """Take all sizes in turn, and account for every task.

    BENCH_ROWS names other numbers of rows.
    """
    asked = tuple(map(int, os.environ.get("BENCH_ROWS", "").split()))
    rounds, sizes = effort.rounds(2), effort.pick(asked or SIZES, (20,))
    paid = 0
    for setting, seconds in SECONDS.items():
        fitting = [size for size in sizes if seconds < 1 or size <= LONGEST]
        options = f"--listen 127.0.0.1:0 --image-seconds {0.05 if effort.quick else seconds}"
        command = [sys.executable, "-m", "get3w_emulator", *options.split()]
        with printing_server(command) as (url, _), tempfile.TemporaryDirectory() as scratch:
            for number, count in enumerate(fitting * rounds):
                folder = Path(scratch) / str(number)
                folder.mkdir()
                asyncio.run(take(recorder, setting, url, count, number, folder))
            submissions = httpx.get(f"{url}/_emulator/ledger", timeout=300).json()["submissions"]
        prompts = [each["input"]["prompt"] for each in submissions]
        ours = [each for each in prompts if each.startswith("batch")]
        assert rounds * sum(fitting) == len(ours) == len({*ours}), "a row was lost, or paid twice"
        paid += len(ours)
    recorder.remark(f"All {paid:,} rows of the batches were paid for once, and none was lost.")
