"""Measure the emulator beside Prism: submits, start, and memory of what is in flight.

The load comes from wrk, since a client in Python would be full before the servers are. Prism serves
the emulator's own OpenAPI document and validates bodies and answers. The two take turns.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.common.catalogue import write_catalogue
from bench.common.page import Measure, Page
from bench.common.processes import ROOT, megabytes, processor_seconds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.common.effort import Effort
    from bench.common.figures import Recorder

PAGE = Page(
    "The emulator",
    (
        Measure("rate", "submits a second", more_is_better=True, digits=0),
        Measure("cpu", "processor time of the server a submit, ms", digits=2),
        Measure("start", "seconds until the first answer", digits=2, plotted=False),
        Measure("start_cpu", "processor seconds until the first answer", digits=2),
        Measure("memory", "memory, MB", digits=0),
    ),
    axes={"submits": "connections", "start": "models", "tasks in flight": "tasks"},
)
VERSIONS = ("starlette", "uvicorn", "httptools", "jsonschema")
FLUX = "/api/v3/get3w/flux-dev"
HEADERS = {"Authorization": "Bearer test-key", "Content-Type": "application/json"}
BODY = {"prompt": "a lighthouse at dusk", "width": 1024, "height": 768}
NODE = ROOT / "build/bench-node"


class EndedError(Exception):
    """A server ended by itself, or did not answer in minutes."""


@contextmanager
def server(command: list[str], url: str) -> Iterator[tuple[int, float, float]]:
    """Run a server; yield its process, and what it took until its first answer."""
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not _answers(url):
                if process.poll() is not None or time.perf_counter() - began > 300:
                    raise EndedError(" ".join(command))
                time.sleep(0.005)
            seconds = time.perf_counter() - began
            yield process.pid, seconds, processor_seconds(process.pid)
        finally:
            process.terminate()


def _answers(url: str) -> bool:
    try:
        urllib.request.urlopen(urllib.request.Request(f"{url}/api/v3/balance", headers=HEADERS))
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def free_url() -> str:
    """Return an address that nobody serves."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        return f"http://127.0.0.1:{found.getsockname()[1]}"


def emulator(url: str, *options: str) -> Any:
    """Run the emulator, with pictures that are never ready."""
    command = [sys.executable, "-m", "get3w_emulator", "--listen", url.removeprefix("http://")]
    return server([*command, "--image-seconds", "3600", *options], url)


def prism(executable: str, url: str, document: Path) -> Any:
    """Run Prism on an OpenAPI document."""
    host, port = url.removeprefix("http://").split(":")
    return server([executable, "mock", "--errors", "-h", host, "-p", port, str(document)], url)


def find_prism() -> str | None:
    """Return the executable of Prism, if there is one."""
    local = NODE / "node_modules/.bin/prism"
    return os.environ.get("PRISM") or (str(local) if local.exists() else shutil.which("prism"))


def load(url: str, script: Path, connections: int, seconds: float) -> tuple[float, int]:
    """Let wrk submit; return the rate, and how many submits were answered."""
    command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds:g}s", "-s", str(script), url + FLUX]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in output:
        raise SystemExit(f"Submits were refused: {output}")
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    count = re.search(r"(\d+) requests in", output)
    if not rate or not count:
        raise SystemExit(f"wrk reports no rate: {output}")
    return float(rate[1]), int(count[1])


def wrk_script(folder: Path) -> Path:
    """Write what wrk sends."""
    path = folder / "submit.lua"
    headers = "".join(f'wrk.headers["{name}"] = "{text}"\n' for name, text in HEADERS.items())
    body = json.dumps(BODY)
    path.write_text(f"wrk.method = \"POST\"\nwrk.body = '{body}'\n{headers}", encoding="utf-8")
    return path


def document_of(folder: Path, *options: str) -> Path:
    """Keep the OpenAPI document that the emulator serves."""
    url, path = free_url(), folder / "openapi.json"
    with emulator(url, *options):
        path.write_bytes(urllib.request.urlopen(f"{url}/openapi.json").read())
    return path


def submits(recorder: Recorder, folder: Path, prism_: str | None, effort: Effort) -> None:
    """Take submits at several numbers of connections in turn."""
    crowds, seconds = effort.pick((1, 16, 64), (4,)), effort.pick(2, 1)
    script, document, ours, theirs = wrk_script(folder), document_of(folder), free_url(), free_url()

    def take(name: str, running: Any, url: str) -> None:
        with running as (pid, _, _):
            load(url, script, 4, 1)
            for crowd in crowds:
                used = processor_seconds(pid)
                rate, count = load(url, script, crowd, seconds)
                used = processor_seconds(pid) - used
                recorder.add("rate", "submits", name, rate, crowd)
                recorder.add("cpu", "submits", name, used * 1000 / count, crowd)

    for _ in range(effort.rounds(3)):
        take("ours", emulator(ours), ours)
        if prism_:
            take("Prism", prism(prism_, theirs, document), theirs)


def starts(recorder: Recorder, folder: Path, prism_: str | None, effort: Effort) -> None:
    """Take starts with several numbers of models in turn."""
    for size in effort.sizes((54, 500, 2000), (54,)):
        schemas = folder / f"{size}" / "schemas"
        # Ours over and over: Prism does not find the definitions inside of a schema, and ends.
        write_catalogue(schemas, size, [])
        document = document_of(schemas.parent, "--schemas", str(schemas)) if prism_ else folder
        for _ in range(effort.rounds(3)):
            runs = {"ours": emulator(free_url(), "--schemas", str(schemas))}
            if prism_:
                runs["Prism"] = prism(prism_, free_url(), document)
            for name, running in runs.items():
                try:
                    with running as (_, seconds, used):
                        recorder.add("start", "start", name, seconds, size)
                        recorder.add("start_cpu", "start", name, used, size)
                except EndedError:
                    recorder.leave_out(f"{name} on {size:,} models", "it ends by itself")


def in_flight(recorder: Recorder, effort: Effort) -> None:
    """Take the memory of the emulator while tasks are in flight."""
    url = free_url()
    with emulator(url) as (pid, _, _):
        recorder.add("memory", "nothing in flight", "ours", megabytes(pid))
        request = urllib.request.Request(url + FLUX, json.dumps(BODY).encode(), HEADERS)
        done = 0
        for count in effort.pick((1_000, 2_000, 4_000), (10,)):
            for _ in range(count - done):
                urllib.request.urlopen(request).read()
            done = count
            recorder.add("memory", "tasks in flight", "ours", megabytes(pid), count)


def measure(recorder: Recorder, effort: Effort) -> None:
    """Take submits, starts and memory."""
    prism_ = None if effort.quick else find_prism()
    if prism_ is None:
        recorder.leave_out("Prism", "not installed: npm install @stoplight/prism-cli")
    with tempfile.TemporaryDirectory() as folder:
        if shutil.which("wrk"):
            submits(recorder, Path(folder), prism_, effort)
        else:
            recorder.leave_out("submits", "wrk is not installed: apt-get install wrk")
        starts(recorder, Path(folder), prism_, effort)
    in_flight(recorder, effort)
