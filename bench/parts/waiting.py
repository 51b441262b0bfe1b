"""How much memory waiting for many predictions takes, over HTTP against the emulator.

python -m bench.parts.waiting [COUNT]
"""

import asyncio
import gc
import re
import subprocess
import sys
import time
import tracemalloc

from get3w_core import AsyncClient, Client, ModelInfo, ModelRequest, wait_all, wait_all_async


class PaintRequest(ModelRequest, frozen=True):
    __model__ = ModelInfo("get3w/flux-dev")

    prompt: str


def measured(count, url, key):
    """Yield label, most bytes and seconds for the sync and the async client."""
    with Client(key, url) as client:
        given = [client.submit(PaintRequest(prompt="a lighthouse")) for _ in range(count)]
        given[0].refresh()
        yield "wait_all", *traced(lambda: wait_all(given))

    async def main():
        async with AsyncClient(key, url) as client:
            given = [await client.submit(PaintRequest(prompt="a lighthouse")) for _ in range(count)]
            await given[0].refresh()
            gc.collect()
            tracemalloc.start()
            started = time.monotonic()
            await wait_all_async(given)
            peak = tracemalloc.get_traced_memory()[1]
            tracemalloc.stop()
            return peak, time.monotonic() - started

    yield "wait_all_async", *asyncio.run(main())


def traced(call):
    gc.collect()
    tracemalloc.start()
    started = time.monotonic()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak, time.monotonic() - started


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    command = [sys.executable, "-m", "get3w_emulator", "--listen", "127.0.0.1:0"]
    # Long enough that each prediction is asked several times.
    command += ["--image-seconds", "25"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            url = re.search(r"http://\S+:\d+", server.stdout.readline())[0]
            for label, peak, seconds in measured(count, url, "test-key"):
                print(
                    f"{label}: {count} predictions, {peak / 1024:.0f} KiB at most, "
                    f"{peak / count / 1024:.2f} KiB each, {seconds:.1f} s"
                )
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
