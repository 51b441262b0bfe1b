"""Measure the emulator: submits beside Prism, memory of predictions in flight, time to start.

The load comes from wrk, since a client in Python would be full before the servers are. Prism
serves the emulator's own OpenAPI document and validates bodies and answers. The two take turns.

    apt-get install wrk && npm install @stoplight/prism-cli
    python bench/emulator.py --prism node_modules/.bin/prism
"""

from __future__ import annotations

import argparse
import json
import platform
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
FLUX = "/api/v3/get3w/flux-dev"
HEADERS = {"Authorization": "Bearer test-key", "Content-Type": "application/json"}
BODY = {"prompt": "a lighthouse at dusk", "width": 1024, "height": 768}
IN_FLIGHT = 10_000


@contextmanager
def server(command, url):
    """Run a server; yield its process, and the seconds until its first answer."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not answers(url):
            if process.poll() is not None or time.perf_counter() - began > 60:
                sys.exit(f"it does not answer: {' '.join(map(str, command))}")
            time.sleep(0.005)
        yield process, time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGINT)
        process.wait(20)


def answers(url):
    try:
        urllib.request.urlopen(urllib.request.Request(f"{url}/api/v3/balance", headers=HEADERS))
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False
    return True


def free_url():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return f"http://127.0.0.1:{found.getsockname()[1]}"


def emulator(url, *options):
    address = url.removeprefix("http://")
    command = [sys.executable, "-m", "get3w_emulator", "--listen", address, *options]
    return server(command, url)


def prism(executable, url, document):
    host, port = url.removeprefix("http://").split(":")
    return server([executable, "mock", "--errors", "-h", host, "-p", port, document], url)


def load(url, script, seconds):
    """Return the submits a second that wrk got through, and how many were not answered 200."""
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", "-s", script, url + FLUX]
    output = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", output)
    return float(rate[1]), int(refused[1]) if refused else 0


def wrk_script(folder):
    path = folder / "submit.lua"
    headers = "".join(f'wrk.headers["{name}"] = "{text}"\n' for name, text in HEADERS.items())
    path.write_text(f"wrk.method = \"POST\"\nwrk.body = '{json.dumps(BODY)}'\n{headers}")
    return path


def compared(options, folder):
    script, ours, theirs = wrk_script(folder), free_url(), free_url()
    document = folder / "openapi.json"
    with emulator(ours, "--image-seconds", "3600"):
        document.write_bytes(urllib.request.urlopen(f"{ours}/openapi.json").read())
        rates = {"ours": [], "prism": [], "ratio": []}
        for _ in range(options.rounds):
            rates["ours"].append(clean(load(ours, script, options.seconds)))
            if options.prism:
                with prism(options.prism, theirs, document):
                    rates["prism"].append(clean(load(theirs, script, options.seconds)))
                rates["ratio"].append(rates["ours"][-1] / rates["prism"][-1])
    for name, found in rates.items():
        if found:
            low, middle, high = min(found), statistics.median(found), max(found)
            print(f"submits/s: {name:22} {low:8.1f} {middle:8.1f} {high:8.1f}")


def clean(result):
    rate, refused = result
    if refused:
        sys.exit(f"{refused} submits were refused")
    return rate


def in_flight():
    url = free_url()
    with emulator(url, "--image-seconds", "3600") as (process, _):
        before = memory(process)
        request = urllib.request.Request(url + FLUX, json.dumps(BODY).encode(), HEADERS)
        for _ in range(IN_FLIGHT):
            urllib.request.urlopen(request).read()
        print(f"memory, MB: idle {before:.0f}, {IN_FLIGHT} in flight {memory(process):.0f}")


def memory(process):
    status = Path(f"/proc/{process.pid}/status").read_text()
    return int(re.search(r"VmRSS:\s+(\d+)", status)[1]) / 1024


def starts(options, folder):
    many = folder / "schemas"
    shipped = [path for path in (ROOT / "schemas").rglob("*.json") if "lock" not in path.name]
    for number in range(2000):
        schema = json.loads(shipped[number % len(shipped)].read_text(encoding="utf-8"))
        path = many / f"owner{number % 40}/model-{number}.json"
        schema["x-model-id"] = path.relative_to(many).with_suffix("").as_posix()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(schema), encoding="utf-8")
    for name, arguments in {"54": [], "2000": ["--schemas", str(many)]}.items():
        found = []
        for _ in range(options.rounds):
            with emulator(free_url(), *arguments) as (_, seconds):
                found.append(seconds)
        low, middle, high = min(found), statistics.median(found), max(found)
        print(f"start to first answer, s: {name:6} {low:8.2f} {middle:8.2f} {high:8.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--prism", metavar="FILE", help="the executable; without it ours is alone")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of load, each time")
    options = parser.parse_args()
    if not shutil.which("wrk"):
        sys.exit("the load comes from wrk; bring it with: apt-get install wrk")
    print(platform.platform(), "Python", platform.python_version())
    print(f"{'':33} {'min':>8} {'median':>8} {'max':>8}")
    with tempfile.TemporaryDirectory() as folder:
        compared(options, Path(folder))
        starts(options, Path(folder))
    in_flight()


if __name__ == "__main__":
    main()
