"""Time what importing each package costs, and what a program that submits once costs as a whole.

Every program runs in a process of its own, byte code present, and measures itself there, so that
the bare interpreter is not counted in its time. Contestants take turns. Processor time is what is
compared: an import waits for nothing, and other work on the machine adds nothing to it.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from bench.common.catalogue import KEPT, made_package
from bench.common.certificate import make_certificate, trusting
from bench.common.page import Measure, Page
from bench.common.processes import ROOT
from bench.parts.duplicates import installed
from bench.parts.faulty import FAULTS, serving
from bench.parts.sdks import SDKS

if TYPE_CHECKING:
    from bench.common.effort import Effort
    from bench.common.figures import Recorder

PAGE = Page(
    "Import time and memory",
    (
        Measure("cpu", "processor time, ms"),
        Measure("memory", "most memory, MB", fitted=False),
        Measure("modules", "modules loaded", digits=0, fitted=False),
    ),
    axis="models",
    compared=(),
    environment="peers",
)
VERSIONS = (*(distribution for distribution, _ in SDKS.values()), "pydantic")
# The same fields as submit_flux_dev's, by hand.
BY_HAND = '''
from pydantic import BaseModel, ConfigDict

class FluxDevRequest(BaseModel):
    """The input of get3w/flux-dev."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    prompt: str
    width: int | None = None
    height: int | None = None
    seed: int | None = None
'''
IMPORT, FIRST, SUBMIT = "import", "import of what a first call needs", "import and one submit"
CODES = {
    IMPORT: {
        "ours": "import get3w_models",
        "fal-client": "import fal_client",
        "replicate": "import replicate",
        "openai": "import openai",
        "wavespeed": "import wavespeed",
        "huggingface_hub": "import huggingface_hub",
        "httpx, bare": "import httpx",
        "pydantic, bare": "import pydantic",
        "nothing": "pass",
    },
    FIRST: {
        "ours": "from get3w_models import submit_flux_dev; from get3w_core import Client",
        "fal-client": "from fal_client import SyncClient",
        "replicate": "from replicate import Client",
        "openai": "from openai import OpenAI",
        "wavespeed": "from wavespeed import run",
        "huggingface_hub": "from huggingface_hub import InferenceClient",
        "httpx, bare": "from httpx import Client",
        "pydantic, and a class by hand": BY_HAND,
    },
}
SIZES = (54, 500, 2000, 5000)


def imported(code: str, folder: Path | None = None) -> dict[str, float]:
    """Run *code* in a fresh interpreter; return what it took there."""
    program = (
        f"import sys, time; sys.path[:0] = {[str(folder)] if folder else []!r}"
        f"; code = compile({code!r}, '', 'exec'); start = time.process_time()"
        "; exec(code, {'__name__': 'bench'}); took = time.process_time() - start"
        "; modules = len(sys.modules); import json, re; from pathlib import Path"
        "; memory = re.search(r'VmHWM:\\s+(\\d+)', Path('/proc/self/status').read_text())[1]"
        "; print(json.dumps([took * 1000, int(memory) / 1024, modules]))"
    )
    command = [sys.executable, "-I", "-c", program]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return dict(zip(("cpu", "memory", "modules"), json.loads(text), strict=True))


def submitted(name: str, origin: str, environment: dict[str, str]) -> dict[str, float]:
    """Run a program that submits once; return what it took after the interpreter was there."""
    command = [sys.executable, "-m", "bench.parts.sdks", name, origin, "60"]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, check=True, capture_output=True, text=True
    )
    report = json.loads(done.stdout.splitlines()[-1])
    if report["outcome"] != "a result":
        raise SystemExit(f"{name} cannot submit: {report['outcome']}")
    return {"cpu": report["cpu"] * 1000, "memory": report["memory"]}


def measure(recorder: Recorder, effort: Effort) -> None:
    """Take all programs in turn."""
    rounds, sizes = effort.rounds(10), effort.sizes(SIZES, SIZES[:1])
    there = installed(recorder)
    names = (
        {"ours"} if effort.quick else {*there, "pydantic, bare", "pydantic, and a class by hand"}
    )
    names |= {"nothing"}
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        roots = {size: made_package(size, effort.pick(KEPT, folder)) for size in sizes}
        certificate = make_certificate(folder)
        with serving(FAULTS[0], certificate) as (origin, _):
            # The first round writes the byte code.
            for turn in range(rounds + 1):
                into = recorder if turn else type(recorder)()
                for setting, codes in CODES.items():
                    for name in (each for each in codes if each in names):
                        _add(into, setting, name, imported(codes[name]))
                for name in (each for each in there if each in names):
                    _add(into, SUBMIT, name, submitted(name, origin, trusting(certificate)))
                for size, root in roots.items():
                    code = "import bench_models"
                    _add(into, "import of a package", "ours", imported(code, root), size)
                    code = "from bench_models import submit_flux_dev"
                    _add(into, "import of one function", "ours", imported(code, root), size)


def _add(
    recorder: Recorder, setting: str, name: str, took: dict[str, float], size: int | None = None
) -> None:
    for measure_, value in took.items():
        recorder.add(measure_, setting, name, value, size)
