"""Run a batch of many rows beside a bare asyncio loop over the same client, and watch its memory.

Both send the same requests to the same emulator, which runs in a process of its own, and wait for
each task; files are not saved. The batch keeps its journal in a temporary folder.

    python bench/batch.py [--rows 100000] [--concurrency 64] [--journal URL] [--folder DIR]
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
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
from surroundings import show_surroundings

if TYPE_CHECKING:
    from collections.abc import Iterator

PAGE = 4096
ENOUGH, FLAT = 0.8, 1.1


def requests(name: str, count: int) -> Iterator[FluxDevRequest]:
    """Yield requests of which no two are equal."""
    return (FluxDevRequest(prompt=f"{name} {n}", width=16, height=16) for n in range(count))


def memory() -> float:
    """Return how much memory this process holds, in MiB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * PAGE / 2**20


async def bare(client: AsyncClient, name: str, count: int, concurrency: int) -> float:
    """Return the rows a second of a loop that keeps nothing."""
    left = requests(name, count)

    async def work() -> None:
        for request in left:
            await (await client.submit(request)).wait(timeout=None)

    began = time.perf_counter()
    await asyncio.gather(*(work() for _ in range(concurrency)))
    return count / (time.perf_counter() - began)


async def batched(batch: Batch, count: int) -> tuple[float, list[float]]:
    """Return the rows a second of a batch, and its memory in MiB in each quarter of them."""
    quarters: list[list[float]] = [[], [], [], []]
    running = asyncio.create_task(batch.run_async())
    while not running.done():
        settled = batch.progress().settled
        if settled:
            quarter = quarters[min(3, settled * 4 // count)]
            if not quarter:
                print(f"{settled} rows settled, {memory():.0f} MiB", flush=True)
            quarter.append(memory())
        await asyncio.wait({running}, timeout=0.2)
    summary = running.result()
    assert {"completed": count} == summary.counts, summary
    progress = batch.progress()
    return count / progress.seconds, [median(each) if each else 0.0 for each in quarters]


async def measure(
    options: argparse.Namespace, url: str, folder: Path
) -> tuple[float, float, list[float]]:
    """Return the rows a second of the batch and of the loop, and the memory by quarters.

    The loop runs before the batch and after it: what else a machine does changes with time.
    """
    count, alone = options.rows, max(250, options.rows // 20)
    async with AsyncClient(api_key="test-key", base_url=url) as client:
        batch = Batch(
            requests("batch", count),
            journal=options.journal or folder / "journal.sqlite",
            out=folder / "out",
            client=client,
            concurrency=options.concurrency,
            download=False,
        )
        begun = time.process_time()
        before = await bare(client, "before", alone, options.concurrency)
        middle = time.process_time()
        rate, quarters = await batched(batch, count)
        used = (time.process_time() - middle) / count * 1000, (middle - begun) / alone * 1000
        after = await bare(client, "after", alone, options.concurrency)
    print(f"processor time: batch {used[0]:.2f} ms a row, bare loop {used[1]:.2f} ms")
    return rate, 2 / (1 / before + 1 / after), quarters


def judge(count: int, url: str, folder: Path, rate: float, alone: float, used: list[float]) -> bool:
    """Print the figures, and return whether all rows are accounted for and the targets are met."""
    submissions = httpx.get(f"{url}/_emulator/ledger", timeout=300).json()["submissions"]
    prompts = [each["input"]["prompt"] for each in submissions]
    paid = [each for each in prompts if each.startswith("batch")]
    with (folder / "out/results.jsonl").open() as file:
        lines = sum(1 for _ in file)
    print(f"rows {count}, tasks {len(paid)}, twice {len(paid) - len({*paid})}, results {lines}")
    print(f"batch {rate:.0f} rows/s, bare loop {alone:.0f} rows/s: {rate / alone:.2f} ({ENOUGH})")
    growth = used[3] / used[1] if used[1] else 0.0
    shown = ", ".join(f"{each:.0f}" for each in used)
    print(f"memory by quarters {shown} MiB: last to second {growth:.2f} ({FLAT})")
    accounted = count == lines == len(paid) == len({*paid})
    return accounted and rate / alone >= ENOUGH and growth <= FLAT


def main() -> int:
    """Run the benchmark; the exit status is 1 where a target is missed."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--journal")
    parser.add_argument("--folder", type=Path)
    options = parser.parse_args()
    show_surroundings("sqlalchemy", "psycopg")
    emulator = subprocess.Popen(
        [sys.executable, *"-m get3w_emulator --listen 127.0.0.1:0 --image-seconds 0.05".split()],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert emulator.stdout is not None, "it was asked for"
    try:
        words = emulator.stdout.readline().split()
        url = next(word for word in words if word.startswith("http://"))
        with tempfile.TemporaryDirectory(dir=options.folder) as folder:
            found = asyncio.run(measure(options, url, Path(folder)))
            return 0 if judge(options.rows, url, Path(folder), *found) else 1
    finally:
        emulator.terminate()
        emulator.wait()


if __name__ == "__main__":
    sys.exit(main())
