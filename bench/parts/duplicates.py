"""Count the tasks that a server takes for one call of each SDK, fault by fault.

One call each, in a process of its own. Counts do not depend on the machine, so all faults of all
SDKs are tried at the same time.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.common.certificate import make_certificate, trusting
from bench.common.page import Measure, Page
from bench.common.processes import ROOT
from bench.parts.faulty import FAULTS, SLOW, Fault, Seen, serving
from bench.parts.sdks import SDKS

if TYPE_CHECKING:
    from bench.common.effort import Effort
    from bench.common.figures import Recorder

PAGE = Page(
    "Duplicates",
    (Measure("tasks", "tasks taken for one call", digits=0, fitted=False),),
    ours="",
    environment="peers",
)
VERSIONS = tuple(distribution for distribution, _ in SDKS.values())
MODULES = {"fal-client": "fal_client", "ours": "get3w_models", "httpx, bare": "httpx"}
AT_ONCE = 16


def one_call(name: str, fault: Fault, certificate: Path) -> tuple[Seen, dict[str, Any]]:
    """Let one SDK submit once under a fault; return what the server and the program saw."""
    with serving(fault, certificate) as (origin, seen):
        command = [sys.executable, "-m", "bench.parts.sdks", name, origin, str(fault.patience)]
        done = subprocess.run(
            command, cwd=ROOT, env=trusting(certificate), capture_output=True, text=True
        )
        if done.returncode:
            raise SystemExit(f"{name}, {fault.title}: {done.stderr}")
        return seen, json.loads(done.stdout.splitlines()[-1])


def installed(recorder: Recorder) -> list[str]:
    """Return the SDKs that are here, and record which are not."""
    there = [name for name in SDKS if find_spec(MODULES.get(name, name))]
    for name in SDKS:
        if name not in there:
            recorder.leave_out(name, "not installed")
    return there


def measure(recorder: Recorder, effort: Effort) -> None:
    """Try every fault with every SDK."""
    there = installed(recorder)
    faults = effort.pick(FAULTS, FAULTS[:2])
    # Those that try again for a minute begin.
    names = ["ours"] if effort.quick else sorted(there, key=lambda name: name != "fal-client")
    tried = [(name, fault) for name in names for fault in faults]
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(AT_ONCE) as pool:
        certificate = make_certificate(Path(scratch))
        found = dict(
            zip(tried, pool.map(lambda pair: one_call(*pair, certificate), tried), strict=True)
        )
    for name in (each for each in there if each in names):
        for fault in faults:
            seen, report = found[name, fault]
            recorder.add("tasks", fault.title, name, seen.tasks)
            said = f"{seen.tasks}" if seen.tasks < 2 else f"**{seen.tasks}**"
            recorder.cell("Tasks that the server took for one call", name, fault.title, said)
            words = report["outcome"]
            if seen.pause is not None and fault.refused:
                words += f", after {seen.pause:.1f} s"
            recorder.cell("What the program gets", name, fault.title, words)
    recorder.remark(
        "The server takes a task for each request that it reads, except where it refuses the first "
        "one by 429 or by 503 with `Retry-After`, and takes the second. An answer that is too slow "
        f"takes {SLOW:g} s, and the client was told to wait for 1 s."
    )
